"""A flow: steps by name, and where each thing stands in its file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, get_args

from pydantic import BaseModel, Field, ValidationError

from .scenario import Scenario
from .steps import STEP_TYPES
from .steps.base import KEY, KEYS, NAME, WORDS, Name, Path, Step, Target, Written

_PATTERNS = {NAME: "a name (small letters, digits, _)", KEYS: "a key (0-9, * or #)", KEY: "one key"}

_MAPPING = "a mapping is wanted, such as {{name: value}}"
_NUMBER, _WHOLE, _LIST = "a number is wanted", "a whole number is wanted", "a list is wanted, such as [a, b]"
_WANTED = {  # pydantic's error -> what should stand there
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _MAPPING),
    **dict.fromkeys(("list_type", "tuple_type"), _LIST),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false is wanted"),
    "string_type": "a text is wanted",
    "too_short": "at least {min_length} must be written here",
    "string_too_long": "at most {max_length} letters",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
}

Place = tuple[int, int]  # line, column; from 1


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake in a document, at a path of it. key: it is the key there that is wrong."""

    path: Path
    rule: str
    message: str
    hint: str = ""
    key: bool = False


class FlowHead(Written):
    """A flow's document without its steps."""

    flow: Name
    title: dict[str, str] = Field(default_factory=dict)  # language -> text
    languages: tuple[str, ...] = Field(default=("zh", "en"), min_length=1)
    start: Target
    on_error: Target = ""
    on_hangup: Target = ""
    tests: tuple[Scenario, ...] = ()


@dataclass(frozen=True)
class Flow:
    """links: flows that it enters -> their versions, fixed when it was loaded. version: hash of text and
    links, so that a running call finds all that it started with. Empty on_error: the operator queue."""

    name: str
    version: str
    start: str
    steps: Mapping[str, Step]
    languages: tuple[str, ...] = ("zh", "en")
    title: Mapping[str, str] = field(default_factory=dict)
    on_error: str = ""
    on_hangup: str = ""
    tests: tuple[Scenario, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    text: str = ""
    positions: Mapping[Path, Place] = field(default_factory=dict)
    key_positions: Mapping[Path, Place] = field(default_factory=dict)

    def place(self, path: Path, key: bool = False) -> Place:
        """Where a path of the document (or its key) stands, or its nearest parent that has a place."""
        path = as_written(path, self.positions)
        if key and path in self.key_positions:
            return self.key_positions[path]
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


def as_written(path: Path, places: Mapping[Path, Place]) -> Path:
    """Without the 0 of a list of one that is written without its brackets: `say: {text: ...}`."""
    found: Path = ()
    for part in path:
        if part != 0 or (*found, part) in places:
            found = (*found, part)
    return found


def version_of(text: str, links: Mapping[str, str]) -> str:
    """Twelve hex digits of a flow's text and what it links to."""
    return sha256(f"{text}\0{json.dumps(links, sort_keys=True)}".encode()).hexdigest()[:12]


def linked_flows(document: Any) -> set[str]:
    """The names of the flows that a document enters (before it is validated)."""
    steps = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(steps, dict):
        return set()
    found = (step.get("flow") for step in steps.values() if isinstance(step, dict))
    return {name for name in found if isinstance(name, str)}


def build(
    document: Any,
    text: str = "",
    file: str = "",
    links: Mapping[str, str] | None = None,
    positions: Mapping[Path, Place] | None = None,
    key_positions: Mapping[Path, Place] | None = None,
) -> tuple[Flow | None, list[Flaw]]:
    """A flow of a document's plain data; or None and what is wrong with it."""
    if not isinstance(document, dict):
        return None, [Flaw((), "schema", "a flow is a mapping with flow, start and steps")]
    flaws: list[Flaw] = []
    steps = _steps(document.get("steps"), flaws)
    head = validate(FlowHead, {k: v for k, v in document.items() if k != "steps"}, (), flaws)
    if flaws or head is None:
        return None, flaws
    return (
        Flow(
            name=head.flow,
            version=version_of(text, links or {}),
            start=head.start,
            steps=steps,
            languages=head.languages,
            title=head.title,
            on_error=head.on_error,
            on_hangup=head.on_hangup,
            tests=head.tests,
            links=links or {},
            file=file,
            text=text,
            positions=positions or {},
            key_positions=key_positions or {},
        ),
        [],
    )


def _steps(written: Any, flaws: list[Flaw]) -> dict[str, Step]:
    if not isinstance(written, dict) or not written:
        hint = "without the dashes: a step's name, a colon, then its fields, indented"
        message = "steps: a mapping of names to steps is wanted"
        flaws.append(Flaw(("steps",), "schema", message, hint if isinstance(written, list) else ""))
        return {}
    steps: dict[str, Step] = {}
    for name, step in written.items():
        built = _step(name, step, flaws)
        if built:
            steps[name] = built
    return steps


def _step(name: str, written: Any, flaws: list[Flaw]) -> Step | None:
    path: Path = ("steps", name)
    if name == "end":
        flaws.append(Flaw(path, "schema", "`end` is the name for the end of a flow", key=True))
        return None
    if not re.fullmatch(NAME, name):
        message = f"{name[:40]!r} is not {_PATTERNS[NAME]}"
        flaws.append(Flaw(path, "schema", message, _as_name(name), key=True))
        return None
    if not isinstance(written, dict) or "type" not in written:
        flaws.append(
            Flaw(path, "schema", f"the step {name} has no type", f"one of {', '.join(STEP_TYPES)}", key=True)
        )
        return None
    kind = written["type"]
    step_type = STEP_TYPES.get(kind) if isinstance(kind, str) else None
    if step_type is None:
        flaws.append(
            Flaw((*path, "type"), "unknown-type", f"unknown step type {kind}", did_you_mean(kind, STEP_TYPES))
        )
        return None
    step: Step | None = validate(step_type, written, path, flaws)
    return step


def _as_name(text: str) -> str:
    """A hint at the name that a text would make."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return f"write {name}" if re.fullmatch(NAME, name) else "as in main_menu"


def did_you_mean(word: Any, known: Any) -> str:
    """A hint at the nearest known word, or at all of a few."""
    same = next((each for each in known if str(each).lower() == str(word).lower()), None)
    near = [same] if same else get_close_matches(str(word), list(known), n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"one of {', '.join(known)}" if 0 < len(list(known)) <= 20 else ""


def validate(model: type[Any], data: Any, path: Path, flaws: list[Flaw]) -> Any:
    """The model of the data; or None, and what is wrong is added to flaws."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        items = error.errors(include_url=False)
        flaws.extend(_flaw(model, path, item) for item in items if not _follows(item, items))
        return None


def _follows(item: Any, items: list[Any]) -> bool:
    """Pydantic finds a tuple too short when its items were wrong."""
    at = item["loc"]
    return item["type"] == "too_short" and any(o["loc"][: len(at)] == at for o in items if o is not item)


def _flaw(model: type[Any], path: Path, item: Any) -> Flaw:
    at = tuple(part for part in item["loc"] if part != "[key]")
    last = str(at[-1]) if at else ""
    key = "[key]" in item["loc"]
    match item["type"]:
        case "extra_forbidden":
            return Flaw(path + at, "unknown-field", f"unknown field {last}", _field_hint(model, at), key=True)
        case "missing":
            return Flaw(path + at[:-1], "missing-field", f"the field {last} is missing", key=True)
        case "string_pattern_mismatch":
            wanted = _PATTERNS.get(item["ctx"]["pattern"], "of the right form")
            hint = _as_name(str(item["input"])) if item["ctx"]["pattern"] == NAME else ""
            hint = f"words are written as {WORDS}" if last == "prompt" else hint
            return Flaw(path + at, "schema", f"{str(item['input'])[:40]!r} is not {wanted}", hint, key)
        case "literal_error":
            known = re.findall(r"'([^']*)'", item["ctx"]["expected"])
            message = f"{'.'.join(map(str, at))}: {str(item['input'])[:40]!r} is not known here"
            return Flaw(path + at, "schema", message, did_you_mean(item["input"], known), key)
        case _:
            where = f"{'.'.join(map(str, at))}: " if at else ""
            return Flaw(path + at, "schema", f"{where}{_wanted(item)}", key=key)


def _wanted(item: Any) -> str:
    """What should stand there, in an author's words."""
    known = _WANTED.get(item["type"])
    if known is None:
        own: str = item["msg"]
        return own.removeprefix("Value error, ")
    nothing = "nothing is written here; " if item["input"] is None else ""
    return nothing + known.format(**item.get("ctx", {}))


def _field_hint(model: type[Any], at: Path) -> str:
    """The nearest field of the model in which the last part of a place stands."""
    inner: type[BaseModel] | None = model
    for part in at[:-1]:
        fields = inner.model_fields if inner else {}
        found = next((f for name, f in fields.items() if part in (name, f.alias)), None)
        inner = _model_in(found.annotation) if found else inner
    names = [each.alias or name for name, each in inner.model_fields.items()] if inner else []
    return did_you_mean(at[-1], names)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)

"""What all steps share: the fields, what they point to, and how they are entered and resumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from .. import expressions, template

if TYPE_CHECKING:
    from ..turn import Turn

END = "end"  # the target that ends a flow (in a subflow: goes back to the caller)
KEYS = r"^[0-9*#]{1,8}$"
KEY = r"^[0-9*#]$"
NAME = r"^[a-z][a-z0-9_]{0,59}$"
RESERVED = frozenset(
    {
        "customer",
        "caller",
        "called",
        "language",
        "queues",
        "now",
        "true",
        "false",
        "none",
        *expressions.FUNCTIONS,
    }
)

WORDS = "{text: {zh: ..., en: ...}}"  # how words are written that are no prompt

Path = tuple[str | int, ...]  # where in the document, below the step


def _expression(value: str) -> str:
    try:
        expressions.parse(value)
    except expressions.ExpressionError as error:
        raise ValueError(str(error)) from error
    return value


def _template(value: str) -> str:
    if template.is_template(value):
        try:
            template.compile_template(value)
        except template.TemplateProblem as error:
            raise ValueError(str(error)) from error
    return value


def _templates(value: Any) -> Any:
    if isinstance(value, str):
        return _template(value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _templates(item)
    return value


def _not_reserved(value: str) -> str:
    if value in RESERVED:
        raise ValueError(f"{value} is a reserved name")
    return value


def _each_language(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"each language has its own words: {WORDS}")
    return value


Name = Annotated[str, StringConstraints(pattern=NAME)]
Target = Annotated[str, StringConstraints(pattern=NAME)]  # a step of this flow, or `end`
Variable = Annotated[str, StringConstraints(pattern=NAME), AfterValidator(_not_reserved)]
Expression = Annotated[str, AfterValidator(_expression)]
Text = Annotated[str, AfterValidator(_template)]  # may have {{ values }}
Data = Annotated[Any, AfterValidator(_templates)]  # texts with {{ values }} anywhere within
Keys = Annotated[str, StringConstraints(pattern=KEYS)]
Seconds = Annotated[float, Field(ge=0.5, le=600)]

Words = Annotated[dict[str, Text], BeforeValidator(_each_language)]


class Written(BaseModel):
    """A part of a flow's document: unknown fields are mistakes; a number may stand for a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Part(Written):
    """One thing to say. Exactly one field is given."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    prompt: Name | None = None
    text: Words | None = None  # language -> text, spoken where it has no recording
    number: Text | None = None
    digits: Text | None = None
    quantity: Text | None = None
    amount: Text | None = None  # of money
    date: Text | None = None  # ISO 8601
    time: Text | None = None  # HH:MM
    minutes: Text | None = None
    position: Text | None = None
    silence: int | None = Field(default=None, ge=1, le=60_000)  # milliseconds

    @model_validator(mode="after")
    def _one(self) -> Part:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"exactly one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def kind(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def value(self) -> Any:
        return getattr(self, self.kind)


def _as_parts(value: Any) -> Any:
    if value is None:
        return None
    parts = value if isinstance(value, list) else [value]
    return [{"prompt": part} if isinstance(part, (str, int)) else part for part in parts]


Say = Annotated[
    tuple[Part, ...], BeforeValidator(_as_parts, json_schema_input_type=Name | Part | list[Name | Part])
]


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a step. label: for the graph. by: what decides that it is taken.

    flow: always; keys: the caller pressed something; silence: the caller pressed nothing;
    world: data, the clock, a queue, another system.
    """

    path: Path
    target: str
    label: str = ""
    by: Literal["flow", "keys", "silence", "world"] = "flow"


class Step(Written):
    """A step of a flow. `enter` and `resume` give the next step's name, or None while they wait."""

    type: str

    def exits(self) -> Iterator[Exit]:
        """All targets, in reading order."""
        raise NotImplementedError

    def says(self) -> Iterator[tuple[Path, Say]]:
        """All that may be said."""
        say = getattr(self, "say", ())
        if say:
            yield ("say",), say

    def sets(self) -> Iterator[tuple[Path, str]]:
        """The variables that may be set."""
        save = getattr(self, "save", "")
        if isinstance(save, str) and save:
            yield ("save",), save

    def chooses(self) -> Iterator[tuple[Path, str]]:
        """The languages that are named."""
        yield from ()

    def expressions(self) -> Iterator[tuple[Path, str]]:
        """All expressions that are worked out."""
        yield from ()

    def enter(self, turn: Turn) -> str | None:
        raise NotImplementedError

    def resume(self, turn: Turn, signal: Any) -> str | None:
        raise NotImplementedError

    def outlives_caller(self, wait: dict[str, Any]) -> bool:
        """Whether the result that it waits for still counts after the caller hung up."""
        return False

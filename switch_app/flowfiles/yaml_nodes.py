"""YAML text -> plain data and the place of each thing in it.

YAML 1.1 damages telephony values (`010` is 8, `+86...` a number, `12:30` seconds, `on` true), so the
scalars are read by our own rule: YAML 1.2's true, false, null, and numbers only if they are written
as a number would be printed; all else stays the text that it is. Keys are always texts. Anchors,
tags, duplicate keys, and documents too large or too deep are problems.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from switch_app.core.errors import FlowProblem

from .yaml_hints import FILLED, syntax_hint

MOST_BYTES = 512_000
DEEPEST = 20
MOST_NODES = 50_000
_INT = re.compile(r"(0|-?[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,15}\Z")
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """data: None if there are problems. positions: of values (of a list or mapping: of its key);
    key_positions: of mapping keys."""

    data: Any = None
    positions: dict[Path, tuple[int, int]] = field(default_factory=dict)
    key_positions: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[FlowProblem] = field(default_factory=list)

    def place(self, path: Path, key: bool = False) -> tuple[int, int]:
        """Line and column of a path, or of its nearest parent that has them."""
        while True:
            for places in (
                (self.key_positions, self.positions) if key else (self.positions, self.key_positions)
            ):
                if path in places:
                    return places[path]
            if not path:
                return 1, 1
            path, key = path[:-1], True


def scalar(text: str) -> Any:
    """The value of a plain (unquoted) scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text) and repr(float(text)) == text:
        return float(text)
    return text


def read(text: str, file: str) -> Document:
    """Never raises: what is wrong is in `problems`."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        large = FlowProblem("yaml-size", f"larger than {MOST_BYTES} bytes", file, 1, 1)
        return Document(problems=[large])
    return _Reading(text.removeprefix("\ufeff"), file).document()


class _Reading:
    """Places are counted here: PyYAML's lines also end at U+0085, U+2028 and U+2029, an editor's do not."""

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._end = len(text.rstrip("\n"))
        self._line_ends = [at for at, letter in enumerate(text) if letter == "\n"]
        self._document = Document()

    def document(self) -> Document:
        found = self._document
        try:
            self._check_events()
            root = None if found.problems else yaml.compose(self._text, Loader=yaml.BaseLoader)
            if root is not None:
                found.data = self._plain(root, ())
        except yaml.MarkedYAMLError as error:
            said, at = error.problem or "not YAML", error.problem_mark or error.context_mark
            self._problem("yaml-syntax", said, at, syntax_hint(said, self._line(at)))
        except yaml.reader.ReaderError as error:
            message = f"the control character U+{ord(self._text[error.position]):04X} cannot stand here"
            self._problem("yaml-syntax", message, error.position)
        except (yaml.YAMLError, RecursionError) as error:  # a stack of brackets
            self._problem("yaml-syntax", str(error).splitlines()[0])
        if found.problems:
            found.data = None
        return found

    def _place(self, at: Any) -> tuple[int, int]:
        """Line and column, from 1, of a mark or of a letter's number."""
        index: int = at if isinstance(at, int) else at.index
        index = min(index, self._end)  # what is missing at the end is missing in the last line
        line = bisect_left(self._line_ends, index)
        begin = self._line_ends[line - 1] + 1 if line else 0
        return line + 1, index - begin + 1

    def _line(self, at: Any) -> str:
        """The line of a mark."""
        return self._text.split("\n")[self._place(at)[0] - 1]

    def _problem(self, rule: str, message: str, at: Any = 0, hint: str = "") -> None:
        self._document.problems.append(FlowProblem(rule, message, self._file, *self._place(at), hint))

    def _check_events(self) -> None:
        """Anchors, tags, size and depth, before anything is built (an alias bomb never grows)."""
        depth = 0
        for nodes, event in enumerate(yaml.parse(self._text, Loader=yaml.BaseLoader)):
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
            problem = _event_problem(event, depth, nodes)
            if problem:
                self._problem(*problem, event.start_mark)
                return

    def _plain(self, node: yaml.Node, path: Path) -> Any:
        document, start = self._document, self._place(node.start_mark)
        own = isinstance(node, yaml.ScalarNode)
        document.positions[path] = start if own else document.key_positions.get(path, start)
        if isinstance(node, yaml.MappingNode):
            return {key: self._plain(value, (*path, key)) for key, value in self._keys(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(value, (*path, at)) for at, value in enumerate(node.value)]
        if _is_torn(node.value):
            self._problem("yaml-syntax", "half of a surrogate pair is no character", node.start_mark)
        return scalar(node.value) if node.style is None else node.value

    def _keys(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        places = self._document.key_positions
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or _is_torn(key.value):
                hint = FILLED if isinstance(key, yaml.MappingNode) else ""
                self._problem("yaml-syntax", "a key must be a word", key.start_mark, hint)
                continue
            name = str(key.value)
            if (*path, name) in places:
                first = places[*path, name][0]
                message = f"the key {name} is there already, in line {first}"
                self._problem("duplicate-key", message, key.start_mark)
                continue
            places[*path, name] = self._place(key.start_mark)
            yield name, value


def _is_torn(text: str) -> bool:
    """Whether it has a part of a surrogate pair (written as "\\ud800"), which no file can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _event_problem(event: Any, depth: int, nodes: int) -> tuple[str, str] | None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        return "yaml-alias", "anchors and aliases are not used here"
    if getattr(event, "tag", None):
        return "yaml-tag", f"the tag {event.tag} is not used here"
    if depth > DEEPEST:
        return "yaml-size", f"nested more than {DEEPEST} deep"
    if nodes > MOST_NODES:
        return "yaml-size", f"more than {MOST_NODES} values"
    return None

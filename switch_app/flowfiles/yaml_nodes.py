"""YAML text -> plain data and the place of each thing in it.

YAML 1.1 damages telephony values (`010` is 8, `+86...` a number, `12:30` seconds, `on` true), so the
scalars are read by our own rule: YAML 1.2's true, false, null, and numbers only if they are written
as a number would be printed; all else stays the text that it is. Keys are always texts. Anchors,
tags, duplicate keys, and documents too large or too deep are problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from switch_app.core.errors import FlowProblem

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
    document = Document()
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        document.problems.append(FlowProblem("yaml-size", f"larger than {MOST_BYTES} bytes", file, 1, 1))
        return document
    try:
        _check_events(text, file, document)
        root = None if document.problems else yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.problems.append(FlowProblem("yaml-syntax", error.problem or "not YAML", file, line, column))
        return document
    except (yaml.YAMLError, RecursionError) as error:  # a control character, a stack of brackets
        document.problems.append(FlowProblem("yaml-syntax", str(error).splitlines()[0], file, 1, 1))
        return document
    if root is not None:
        document.data = _plain(root, (), file, document)
    if document.problems:
        document.data = None
    return document


def _check_events(text: str, file: str, document: Document) -> None:
    """Anchors, tags, size and depth, before anything is built (an alias bomb never grows)."""
    depth = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=yaml.BaseLoader)):
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        problem = _event_problem(event, depth, nodes)
        if problem:
            document.problems.append(FlowProblem(*problem, file, line, column))
            return


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


def _plain(node: yaml.Node, path: Path, file: str, document: Document) -> Any:
    start = (node.start_mark.line + 1, node.start_mark.column + 1)
    own = isinstance(node, yaml.ScalarNode)
    document.positions[path] = start if own else document.key_positions.get(path, start)
    if isinstance(node, yaml.MappingNode):
        return {
            key: _plain(value, (*path, key), file, document)
            for key, value in _keys(node, path, file, document)
        }
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, (*path, at), file, document) for at, value in enumerate(node.value)]
    return scalar(node.value) if node.style is None else node.value


def _keys(
    node: yaml.MappingNode, path: Path, file: str, document: Document
) -> Iterator[tuple[str, yaml.Node]]:
    for key, value in node.value:
        line, column = key.start_mark.line + 1, key.start_mark.column + 1
        if not isinstance(key, yaml.ScalarNode):
            document.problems.append(FlowProblem("yaml-syntax", "a key must be a word", file, line, column))
            continue
        name = str(key.value)
        if (*path, name) in document.key_positions:
            first = document.key_positions[*path, name][0]
            message = f"the key {name} is there already, in line {first}"
            document.problems.append(FlowProblem("duplicate-key", message, file, line, column))
            continue
        document.key_positions[*path, name] = (line, column)
        yield name, value

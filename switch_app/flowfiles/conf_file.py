"""A small YAML file of conf/: read, validated by a function, problems at their places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flaw

from .flow_file import problem_at
from .text_file import read_text
from .yaml_nodes import Document, read

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ConfText:
    """A file's text that is already at hand."""

    file: str
    text: str


def text_of(path: Path) -> ConfText | Path:
    """The file's text; the path itself when it can't be read, whose reading then tells why."""
    text = read_text(path)
    return path if isinstance(text, FlowProblem) else ConfText(str(path), text)


def read_conf(
    source: Path | ConfText, build: Callable[[Any, list[Flaw]], T]
) -> tuple[T | None, list[FlowProblem]]:
    """What `build` makes of the file's data; None with problems. Never raises."""
    file = source.file if isinstance(source, ConfText) else str(source)
    text = source.text if isinstance(source, ConfText) else read_text(Path(source))
    if isinstance(text, FlowProblem):
        return None, [text]
    document = read(text, file)
    if document.problems:
        return None, document.problems
    return _built(document, file, build)


def _built(
    document: Document, file: str, build: Callable[[Any, list[Flaw]], T]
) -> tuple[T | None, list[FlowProblem]]:
    flaws: list[Flaw] = []
    built = build({} if document.data is None else document.data, flaws)
    return (None if flaws else built), [problem_at(document, flaw, file) for flaw in flaws]

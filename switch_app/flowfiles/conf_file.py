"""A small YAML file of conf/: read, validated by a function, problems at their places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flaw

from .flow_file import problem_at
from .yaml_nodes import Document, read

T = TypeVar("T")


def read_conf(path: Path, build: Callable[[Any, list[Flaw]], T]) -> tuple[T | None, list[FlowProblem]]:
    """What `build` makes of the file's data; None with problems. Never raises."""
    file = str(path)
    try:
        document = read(Path(path).read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        return None, [FlowProblem("unreadable", str(error), file, 1, 1)]
    if document.problems:
        return None, document.problems
    return _built(document, file, build)


def _built(
    document: Document, file: str, build: Callable[[Any, list[Flaw]], T]
) -> tuple[T | None, list[FlowProblem]]:
    flaws: list[Flaw] = []
    built = build({} if document.data is None else document.data, flaws)
    return (None if flaws else built), [problem_at(document, flaw, file) for flaw in flaws]

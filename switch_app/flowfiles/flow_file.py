"""One flow file -> a Flow, or its problems at their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flaw, Flow, as_written, build

from .text_file import read_text
from .yaml_nodes import Document, read


@dataclass(frozen=True, slots=True)
class Source:
    """A flow's text, read from a file and parsed, not yet a flow. name: "" if it can't be told."""

    file: str
    text: str
    document: Document
    name: str = ""


def read_source(path: Path) -> Source:
    """Never raises: an unreadable file has a problem."""
    text = read_text(path)
    if isinstance(text, FlowProblem):
        return Source(str(path), "", Document(problems=[text]))
    return source_of(text, str(path))


def source_of(text: str, file: str) -> Source:
    """Of a text that is already at hand."""
    document = read(text, file)
    data = document.data
    name = data.get("flow") if isinstance(data, dict) else ""
    return Source(file, text, document, name if isinstance(name, str) else "")


def build_flow(source: Source, links: Mapping[str, str]) -> tuple[Flow | None, list[FlowProblem]]:
    """links: the versions of the flows that it enters."""
    document = source.document
    if document.problems:
        return None, list(document.problems)
    flow, flaws = build(
        document.data, source.text, source.file, links, document.positions, document.key_positions
    )
    return flow, [problem_at(document, flaw, source.file) for flaw in flaws]


def problem_at(document: Document, flaw: Flaw, file: str) -> FlowProblem:
    """A flaw with its line and column."""
    line, column = document.place(as_written(flaw.path, document.positions), flaw.key)
    return FlowProblem(flaw.rule, flaw.message, file, line, column, flaw.hint)


def load_flow(path: Path, links: Mapping[str, str] | None = None) -> tuple[Flow | None, list[FlowProblem]]:
    """One file alone; the flows that it enters are known only through `links`."""
    return build_flow(read_source(path), links or {})


def restore(text: str, file: str, links: Mapping[str, str]) -> Flow:
    """A flow that was loaded once, from its stored text and links; it has its old version again.

    Raises ValueError if it cannot be read any more.
    """
    flow, problems = build_flow(source_of(text, file), links)
    if flow is None:
        raise ValueError("; ".join(map(str, problems)))
    return flow

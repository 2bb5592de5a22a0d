"""Runs the flows' own `tests:`; what fails is a problem at its place in the file."""

from __future__ import annotations

from collections.abc import Iterator

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flow
from switch_app.core.flow.simulation.call import Surroundings
from switch_app.core.flow.simulation.play_scenario import play_scenario

from .book import Book


def surroundings_of(book: Book) -> Surroundings:
    """What simulated calls meet: the book's flows, prompts and calendars."""
    return Surroundings(dict(book.library.by_hash), book.prompts, book.calendars)


def failures(flow: Flow, surroundings: Surroundings) -> Iterator[FlowProblem]:
    """test-failed: of each test of the flow, where it went wrong."""
    surroundings.flows = {**surroundings.flows, flow.version: flow}
    for at, scenario in enumerate(flow.tests):
        for path, message in play_scenario(flow, scenario, surroundings).failures:
            line, column = flow.place(("tests", at, *path))
            said = f"test “{scenario.name}”: {message}"
            yield FlowProblem("test-failed", said, flow.file, line, column)

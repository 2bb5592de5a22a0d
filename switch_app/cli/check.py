"""Prove flows, numbers, queues and prompts sound, and play the flows' own tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from ..core.errors import FlowProblem
from ..core.flow.simulation.call import Surroundings
from ..core.flow.simulation.play_scenario import play_scenario
from ..flowfiles.book import Book
from ..settings import load
from .show import as_json


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.option("--no-tests", is_flag=True, help="Do not play the flows' own tests.")
def command(json_: bool, no_tests: bool) -> None:
    """Prove flows, numbers, queues and prompts sound; exit code 1 when there is an error."""
    settings = load()
    book = Book(settings.flows, settings.conf, settings.sounds)
    book.reload()
    problems = [*book.problems, *(() if no_tests else failed_tests(book))]
    problems.sort(key=lambda problem: (problem.file, problem.line, problem.column))
    errors = sum(problem.severity == "error" for problem in problems)
    if json_:
        click.echo(as_json([asdict(problem) for problem in problems]))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(
            f"{len(book.library.flows)} flows, {len(book.queues)} queues: "
            f"{errors} errors, {len(problems) - errors} warnings"
        )
    sys.exit(1 if errors else 0)


def failed_tests(book: Book) -> Iterator[FlowProblem]:
    """Each failed expectation of a flow's own test, at its place in the flow's file."""
    around = Surroundings(book.library.by_hash, book.prompts, book.calendars)
    for flow in book.library.flows.values():
        for number, scenario in enumerate(flow.tests):
            for path, wrong in play_scenario(flow, scenario, around).failures:
                line, column = flow.place(("tests", number, *path))
                yield FlowProblem("test-failed", f"{scenario.name}: {wrong}", flow.file, line, column)

"""Check the flows, their tests, numbers, queues, calendars and prompts."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..settings import load
from .show import as_json

if TYPE_CHECKING:
    from ..core.errors import FlowProblem
    from ..core.work import AgentProfile
    from ..flowfiles.book import Book

MOST_OF_ONE_RULE = 10  # warnings shown


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(files: tuple[Path, ...], json_: bool) -> None:
    """Check the flows and run their tests; FILES: only what is wrong with those. Exit code 1 on errors."""
    from ..core.flow.check.human import distance_of
    from ..flowfiles.book import Book
    from ..flowfiles.flow_tests import failures, surroundings_of
    from ..speech.voices import Voices

    settings = load()
    book = Book(settings.flows, settings.conf, settings.sounds)
    book.agents, book.voices = _roster(), Voices(settings.voices).languages
    book.reload(logged=False)
    flows = book.library.flows
    around = surroundings_of(book)
    problems = [*book.problems, *(each for flow in flows.values() for each in failures(flow, around))]
    if files:
        wanted = {str(file.resolve()) for file in files}
        problems = [each for each in problems if str(Path(each.file).resolve()) in wanted]
    if json_:
        click.echo(as_json([_plain(each) for each in problems]))
    else:
        _print(problems)
        for name in sorted(book.around(flows).entries & set(flows)):
            worst = distance_of(flows[name], book.around(flows))
            click.echo(f"{name}: an agent after {worst.keys:.0f} keys, {worst.seconds:.0f} s at worst")
        click.echo(_summary(book, problems))
    sys.exit(1 if any(each.severity == "error" for each in problems) else 0)


def _print(problems: list[FlowProblem]) -> None:
    shown: Counter[str] = Counter()
    for each in problems:
        shown[each.rule] += 1
        if each.severity == "error" or shown[each.rule] <= MOST_OF_ONE_RULE:
            click.echo(str(each))
    for rule, count in shown.items():
        warnings = sum(each.rule == rule and each.severity != "error" for each in problems)
        if warnings > MOST_OF_ONE_RULE:
            click.echo(f"... and {warnings - MOST_OF_ONE_RULE} more warnings of {rule} ({count} in all)")


def _summary(book: Book, problems: list[FlowProblem]) -> str:
    kinds = Counter(each.severity for each in problems)
    tests = sum(len(flow.tests) for flow in book.library.flows.values())
    counted = f"{len(book.library.flows)} flows, {tests} tests"
    return f"{counted}, {kinds['error']} errors, {kinds['warning']} warnings"


def _plain(each: FlowProblem) -> dict[str, object]:
    names = ("rule", "message", "file", "line", "column", "hint", "severity")
    return {name: getattr(each, name) for name in names}


def _roster() -> tuple[AgentProfile, ...] | None:
    """The agents of the CRM, if there is one yet."""
    from ..core.errors import Refused
    from ..core.plain import from_plain
    from ..core.work import AgentProfile
    from ._open import crm

    try:
        from crm_lite.store import queries

        with crm() as db:
            return tuple(from_plain(AgentProfile, row) for row in queries.roster(db))
    except (Refused, OSError):
        return None

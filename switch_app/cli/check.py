"""Check the flows, their tests, numbers, queues, calendars and prompts."""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.errors import Refused
from ..settings import load
from .show import as_json

if TYPE_CHECKING:
    from ..core.errors import FlowProblem
    from ..core.flow.check.human import Distance
    from ..core.work import AgentProfile
    from ..flowfiles.book import Book
    from ..settings import Settings

TRUNKS, SETTINGS_FILE = "trunks.yml", "hotline.yml"  # the settings were read when they were loaded
MOST_OF_ONE_RULE = 10  # warnings shown


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(files: tuple[Path, ...], json_: bool) -> None:
    """Check the flows and run their tests; FILES: only what is wrong with those.

    A file from elsewhere is checked as if it stood in the place of the flow (or file of conf/) of its name.
    Exit code 1 on errors, 2 when a file cannot be read.
    """
    from ..core.flow.check.human import distance_of
    from ..flowfiles.flow_tests import failures, surroundings_of
    from ..flowfiles.trunks import load_trunks
    from ..speech.voices import Voices

    settings = load()
    for file in files:
        _require(file)
    book, trunks = _book(settings, files)
    book.trunks_file = trunks
    book.agents, book.voices = _roster(), Voices(settings.voices).languages
    book.reload(logged=False)
    flows = book.library.flows
    around = surroundings_of(book)
    failed = (each for flow in flows.values() for each in failures(flow, around))
    problems = [*book.problems, *load_trunks(trunks)[1], *failed]
    wanted = {str(file.resolve()) for file in files}
    if files:
        problems = [each for each in problems if str(Path(each.file).resolve()) in wanted]
    if json_:
        click.echo(as_json([_plain(each) for each in problems]))
    else:
        _print(problems)
        named = {name for name, flow in flows.items() if files and str(Path(flow.file).resolve()) in wanted}
        for name in sorted(book.around(flows).entries & set(flows) | named):
            worst = distance_of(flows[name], book.around(flows))
            click.echo(f"{name}: {_distance(worst)}")
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
        if (more := warnings - MOST_OF_ONE_RULE) > 0:
            click.echo(f"... and {more} more warning{'s' * (more > 1)} of {rule} ({count} in all)")


def _summary(book: Book, problems: list[FlowProblem]) -> str:
    kinds = Counter(each.severity for each in problems)
    tests = sum(len(flow.tests) for flow in book.library.flows.values())
    counts = {"flow": len(book.library.flows), "test": tests}
    counts |= {severity: kinds[severity] for severity in ("error", "warning")}
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items())


def _distance(worst: Distance) -> str:
    if math.isinf(max(worst.keys, worst.seconds)):
        return f"no key leads to an agent at worst ({' -> '.join(worst.lost)})"
    keys = "key" if worst.keys == 1 else "keys"
    return f"an agent after {worst.keys:.0f} {keys}, {worst.seconds:.0f} s at worst"


def _require(file: Path) -> None:
    """Raises Refused where there is nothing to read."""
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise Refused("unreadable_file", f"{file} cannot be read: {error.strerror}") from error


def _book(settings: Settings, files: tuple[Path, ...]) -> tuple[Book, Path]:
    """The book with the files from elsewhere as its drafts, and the file of the trunks."""
    from ..flowfiles.book import Book

    folders = settings.flows, settings.conf, settings.sounds
    trunks = settings.conf / TRUNKS
    known = {file.resolve() for file in (*Book(*folders).files(), trunks, settings.conf / SETTINGS_FILE)}
    others = [file for file in files if file.resolve() not in known]
    drafts = tuple(dict.fromkeys(file for file in others if file.name != TRUNKS))
    return Book(*folders, drafts), next((file for file in others if file.name == TRUNKS), trunks)


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

"""Try a flow without a telephone: type the keys, read what is said."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.errors import Refused
from ..settings import load

if TYPE_CHECKING:
    from ..core.flow.model import Flow
    from ..flowfiles.book import Book


@click.command()
@click.argument("flow")
@click.option("--caller", default="13800000000", help="The caller's number.")
@click.option("--language", default="", help="Spoken until the caller chooses.")
@click.option("--at", default="2026-11-23T10:00", help="Local time of the call.")
@click.option("--test", "test", default="", help="With the customers, times ... of this one of its tests.")
@click.option("--keys", default="", help="Lines to type, separated by spaces; . is an empty one.")
def command(flow: str, caller: str, language: str, at: str, test: str, keys: str) -> None:
    """Try FLOW (a name, or a file) without a telephone: type the keys, read what is said."""
    from pydantic import ValidationError

    from ..core.flow.scenario import Scenario
    from ..flowfiles.book import Book
    from ..flowfiles.flow_tests import surroundings_of
    from ..flowfiles.simulate import run_interactive
    from ..runtime.public_holidays import public_holidays

    settings = load()
    book = Book(settings.flows, settings.conf, settings.sounds)
    book.reload(logged=False)
    found = _flow(flow, book)
    scenario = next((each for each in found.tests if each.name == test), None)
    if test and scenario is None:
        raise Refused("unknown_test", f"{flow} has no test {test!r}; it has: {[t.name for t in found.tests]}")
    if language and language not in found.languages:
        raise Refused("unknown_language", f"{found.name} speaks {', '.join(found.languages)}, not {language}")
    try:
        scenario = scenario or Scenario(name="by hand", caller=caller, language=language, at=at)
        if not test and (known := public_holidays(settings.holidays, settings.timezone)):
            holiday, make_up_day = known(datetime.fromisoformat(scenario.at).date().isoformat())
            scenario = scenario.model_copy(update={"holiday": holiday, "make_up_day": make_up_day})
    except ValidationError as error:
        raise Refused("no_moment", "--at: a local time such as 2026-11-23T10:00 is wanted") from error
    lines = iter(["" if line == "." else line for line in keys.split()]) if keys else None

    def read() -> str | None:
        if lines is not None:
            return next(lines, None)
        if sys.stdin.isatty():
            click.echo("> ", nl=False)
        line = sys.stdin.readline()
        return line if line else None

    run_interactive(found, scenario, surroundings_of(book), read, click.echo)


def _flow(name: str, book: Book) -> Flow:
    from ..flowfiles.flow_file import load_flow

    if name in book.library.flows:
        return book.library.flows[name]
    if not Path(name).is_file():
        known = ", ".join(sorted(book.library.flows))
        raise Refused("unknown_flow", f"there is no flow {name}; there are: {known}")
    links = {each.name: each.version for each in book.library.flows.values()}
    flow, problems = load_flow(Path(name), links)
    if flow is None:
        raise click.ClickException("\n".join(map(str, problems)))
    return flow

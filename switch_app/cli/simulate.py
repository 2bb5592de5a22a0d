"""Run a flow without a telephone, in virtual time: type keys, give a script, or play its own tests."""

from __future__ import annotations

import sys
from difflib import get_close_matches

import click

from ..core.errors import Refused
from ..core.flow.model import Flow
from ..core.flow.scenario import Scenario
from ..core.flow.simulation.call import SimulatedCall, Surroundings
from ..core.flow.simulation.play_scenario import play_scenario
from ..flowfiles.book import Book
from ..settings import load
from .show.conversation import HELP, Conversation


@click.command()
@click.argument("flow")
@click.option("--script", help=f"Moves with `;` between them instead of typing: {HELP}")
@click.option("--tests", is_flag=True, help="Play the flow's own tests and say which fail.")
@click.option("--from", "caller", default="13800000000", show_default=True, help="The caller's number.")
@click.option("--at", default="2026-11-23T10:00", show_default=True, help="Local time of the call.")
@click.option("--language", default="", help="Spoken until the caller chooses.")
def command(flow: str, script: str | None, tests: bool, caller: str, at: str, language: str) -> None:
    """Run FLOW without a telephone, in virtual time."""
    settings = load()
    book = Book(settings.flows, settings.conf, settings.sounds)
    book.reload()
    found = _find(flow, book)
    around = Surroundings(book.library.by_hash, book.prompts, book.calendars)
    if tests:
        sys.exit(_play_tests(found, around))
    try:
        scenario = Scenario(name="by hand", caller=caller, at=at, language=language)
        call = SimulatedCall(found, scenario, around)
    except ValueError as error:
        raise Refused("scenario", f"--at {at}: {error}") from error
    conversation = Conversation(call, click.echo)
    if script is None:
        click.echo(f"Type and press Enter: {HELP}")
        while not conversation.over and (line := _typed()) is not None:
            conversation.take(line)
    else:
        for move in script.split(";"):
            conversation.take(move)
    conversation.close()


def _find(name: str, book: Book) -> Flow:
    if name in book.library.flows:
        return book.library.flows[name]
    problems = [str(problem) for problem in book.problems if problem.severity == "error"]
    near = get_close_matches(name, book.library.flows, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise Refused("unknown_flow", "\n".join([f"there is no sound flow {name}{hint}", *problems]))


def _typed() -> str | None:
    try:
        return input("> ")
    except EOFError:
        return None


def _play_tests(flow: Flow, around: Surroundings) -> int:
    failed = 0
    for scenario in flow.tests:
        failures = play_scenario(flow, scenario, around).failures
        failed += bool(failures)
        click.echo(f"{'FAILED' if failures else 'ok    '}  {scenario.name}")
        for path, wrong in failures:
            click.echo(f"        {'.'.join(map(str, path))}: {wrong}")
    click.echo(f"{len(flow.tests) - failed} passed, {failed} failed")
    return 1 if failed or not flow.tests else 0

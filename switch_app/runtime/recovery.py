"""After a start: fold the journal into the states that the last run left, and set their timers again.

Orders that were on their way are settled by what the switch says (reconciler) and by the callers
themselves, who come back into the socket; the flow resumes at its wait.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any

from switch_app.core import facts as f
from switch_app.core import interaction as contact
from switch_app.core.acd import floor as acd
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.orders import StartTimer
from switch_app.core.plain import from_plain

from .journal_reader import Entry, JournalReader
from .turn import FLOOR, Turns

log = logging.getLogger(__name__)

FACTS: dict[str, type] = {
    name: record
    for name, record in vars(f).items()
    if isinstance(record, type) and record.__module__ == f.__name__
}


def fact_of(entry: Entry) -> Any:
    """The record of a stored fact. Raises KeyError, pydantic.ValidationError for what we don't know."""
    return from_plain(FACTS[entry.kind], entry.data)


def fold(entries: Iterable[Entry]) -> Interaction | None:
    """One interaction from its facts; None if there are none."""
    state: Interaction | None = None
    for entry in entries:
        state = state or Interaction()
        contact.evolve(state, fact_of(entry), entry.at)
    return state


def recover(turns: Turns, reader: JournalReader) -> list[tuple[str, StartTimer]]:
    """Refold the floor and every open interaction into `turns`. Returns the timers to start."""
    timers = [(FLOOR, timer) for timer in _floor(turns, reader)]
    for stream in reader.open_streams():
        state = fold(reader.facts_of(stream))
        if state is None or state.phase is Phase.CLOSED:
            continue
        turns.interactions[stream] = state
        timers += [(stream, timer) for timer in contact.deadlines(state)]
    if turns.interactions:
        log.info("%d open interactions were found in the journal", len(turns.interactions))
    return timers


def _floor(turns: Turns, reader: JournalReader) -> list[StartTimer]:
    snapshot = reader.snapshot(FLOOR)
    if snapshot:
        turns.floor_version, turns.floor = snapshot[0], acd.from_plain(json.loads(snapshot[1]))
    for entry in reader.facts_of(FLOOR, turns.floor_version):
        acd.evolve(turns.floor, fact_of(entry), entry.at)
        turns.floor_version = entry.version
    return acd.deadlines(turns.floor)

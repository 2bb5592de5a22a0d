"""After a start: fold the journal into the states that the last run left, and set their timers again.

Orders that were on their way are settled by what the switch says (reconciler) and by the callers
themselves, who come back into the socket; the flow resumes at its wait.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace

from switch_app.core import interaction as contact
from switch_app.core.acd import floor as acd
from switch_app.core.acd.match import GRACE_S
from switch_app.core.acd.names import agent_timer
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.interaction.deadlines import JOIN_S
from switch_app.core.orders import StartTimer

from .folding import fold_entry
from .journal_reader import Entry, JournalReader
from .turn import FLOOR, Turns

OF_THE_SWITCH = (Phase.RINGING, Phase.JOINING)
log = logging.getLogger(__name__)


def fold(entries: Iterable[Entry]) -> Interaction | None:
    """One interaction from its facts; None if there are none."""
    state: Interaction | None = None
    for entry in entries:
        state = state or Interaction()
        fold_entry(contact.evolve, state, entry)
        state.version = entry.version  # whatever is missing before it
    return state


def recover(turns: Turns, reader: JournalReader) -> list[tuple[str, StartTimer]]:
    """Refold the floor and every open interaction into `turns`. Returns the timers to start."""
    now = turns.now()
    timers = [(FLOOR, timer) for timer in _floor(turns, reader)]
    for stream in reader.open_streams():
        state = fold(reader.facts_of(stream))
        if state is None or state.phase is Phase.CLOSED:
            continue
        turns.interactions[stream] = state
        asked_by = now + JOIN_S if state.phase in OF_THE_SWITCH else 0.0
        timers += [(stream, _not_before(asked_by, timer)) for timer in contact.deadlines(state)]
    if turns.interactions:
        log.info("%d open interactions were found in the journal", len(turns.interactions))
    return timers


def _floor(turns: Turns, reader: JournalReader) -> list[StartTimer]:
    if snapshot := reader.snapshot(FLOOR):
        try:
            turns.floor = acd.from_plain(json.loads(snapshot[1]))
        except ValueError as error:
            log.error("the floor's snapshot is damaged, all of its facts are folded: %s", error)
    tables = turns.floor.tables
    for entry in reader.facts_of(FLOOR, tables.version):
        fold_entry(acd.evolve, turns.floor, entry)
        tables.version = entry.version
    asked_by = turns.now() + GRACE_S
    offered = {agent_timer(each.id) for each in tables.agents.values() if each.state == "offered"}
    due = acd.deadlines(turns.floor)
    return [_not_before(asked_by, timer) if timer.timer in offered else timer for timer in due]


def _not_before(at: float, timer: StartTimer) -> StartTimer:
    """What an offer came to while nobody was there, the switch knows, and the caller who comes back: they are
    heard before the offer is overdue."""
    return replace(timer, due_at=max(timer.due_at, at))

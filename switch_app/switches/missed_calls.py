"""Callers who came and went while nobody listened in the socket.

Of those who came while we were dead the switch keeps notes: each round of the recover extension without
us writes the caller down (mod_hash), with the moments of arrival and of this round. A note goes when it has
been told. Of those who gave up while we were slow (their connections were never read, and are gone) the
events of the control line tell. Both become CallerNeverReached; of an interaction that the journal knows
that says when its caller hung up, should nobody have heard it.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from switch_app.core.signals import CallerNeverReached
from switch_app.esl.message import Event

from .arrival import ID, Numbers, clean, moment
from .control_line import ControlLine

REALM = "hotline_away"
FIELDS = (
    "${hotline_context}",
    "${hotline_dnis}",
    "${created_time}",
    "${profile_created_time}",
    "${caller_id_number:0:64}",  # a stranger's text, whatever it holds: the last one
)
NOTE_AWAY = f"insert/{REALM}/${{uuid}}/{'|'.join(FIELDS)}"  # the argument of the application `hash`
AT_ONCE = 100  # notes in one look
KEPT = 10_000  # callers who hung up between two looks, and who were told last; more are a flood
_HEAD = f"D/{REALM}_"


@dataclass(frozen=True, slots=True)
class Note:
    """What the dialplan has written down of a caller."""

    leg: str
    context: str
    dnis: str
    arrived_at: float
    seen_at: float
    ani: str
    interaction: str = ""  # where it is not the leg's own


def read_legs(dump: str) -> list[str]:
    """Whose notes may be there, by the output of `hash_dump db`: a line `D/<realm>_<key>/<value>` each
    (mod_hash.c). A caller's number may hold lines of its own, which lead to no note."""
    lines = (line.removeprefix(_HEAD) for line in dump.split("\n") if line.startswith(_HEAD))
    return [leg for leg in (line.partition("/")[0] for line in lines) if ID.fullmatch(leg)]


def read_note(leg: str, text: str) -> Note | None:
    """A note as `hash select` gives it; None if there is none."""
    fields = text.split("|", len(FIELDS) - 1)
    if len(fields) < len(FIELDS):
        return None
    context, dnis, created, seen, ani = fields
    return Note(leg, context, clean(dnis, 64), moment(created), moment(seen), clean(ani, 64))


def note_of(event: Event) -> Note | None:
    """The same of a leg's CHANNEL_HANGUP; None if it had not reached our part of the dialplan."""
    interaction = event.get("variable_interaction_id", "")
    if event.get("Call-Direction", "") != "inbound" or not ID.fullmatch(interaction):
        return None
    return Note(
        event.get("Unique-ID", ""),
        event.get("variable_hotline_context", ""),
        clean(event.get("variable_hotline_dnis", ""), 64),
        moment(event.get("Caller-Channel-Created-Time", "")),
        moment(event.get("Event-Date-Timestamp", "")),
        clean(event.get("Caller-Caller-ID-Number", ""), 64),
        interaction,
    )


class MissedCalls:
    """`look()` now and then, and when the control line is up again. here: the legs in our socket."""

    def __init__(
        self,
        line: ControlLine,
        here: Container[str],
        take: Callable[[str, Any], object],
        numbers: Numbers,
    ) -> None:
        self._line, self._here, self._take, self._numbers = line, here, take, numbers
        self._told: dict[str, None] = {}  # by the switch's note
        self._gone: list[Note] = []  # since the last look
        self._gone_before: list[Note] = []

    def gone(self, event: Event) -> None:
        """CHANNEL_HANGUP of a leg that was never in our socket. It may come there yet: what is still to be
        read of it is read before the look after the next."""
        note = note_of(event)
        if note is not None and len(self._gone) < KEPT:
            self._gone.append(note)

    def look(self) -> None:
        """Raises ConnectionError, TimeoutError when the switch does not answer."""
        legs = read_legs(self._line.api("hash_dump", f"db {REALM}"))
        due, self._gone_before, self._gone = self._gone_before, self._gone, []
        noted = {*legs, *self._told}
        for note in due:
            if note.leg not in noted:  # the switch's own note tells it
                self._take_note(note)
        for leg in legs[:AT_ONCE]:
            if leg in self._told or leg in self._here:  # told a look ago: the journal has it by now
                self._forget(leg)
            elif self._line.api("uuid_exists", leg).strip() == "false":
                self._tell(leg)

    def _tell(self, leg: str) -> None:
        note = read_note(leg, self._line.api("hash", f"select/{REALM}/{leg}").rstrip("\n"))
        self._told[leg] = None
        if len(self._told) > KEPT:
            del self._told[next(iter(self._told))]
        if note is not None:
            self._take_note(note)

    def _take_note(self, note: Note) -> None:
        if note.context != "inbound":
            return  # an agent's own call: nothing is counted of it
        interaction = note.interaction or note.leg
        flow, version, _ = self._numbers(note.context, note.dnis)
        signal = CallerNeverReached(
            interaction, note.leg, note.ani, note.dnis, flow, version, note.arrived_at, note.seen_at
        )
        self._take(f"interaction:{interaction}", signal)

    def _forget(self, leg: str) -> None:
        self._line.api("hash", f"delete/{REALM}/{leg}")

"""Callers who came and went while nobody listened in the socket: the switch keeps notes of them for us.

Each round of the recover extension without us writes the caller down in the switch (mod_hash), with the
moments of arrival and of this round. What is left of those who are gone becomes CallerNeverReached; for
an interaction that the journal knows that means nothing. A note goes when it has been told.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from switch_app.core.signals import CallerNeverReached

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
        self._told: set[str] = set()

    def look(self) -> None:
        """Raises ConnectionError, TimeoutError when the switch does not answer."""
        for leg in read_legs(self._line.api("hash_dump", f"db {REALM}"))[:AT_ONCE]:
            if leg in self._told or leg in self._here:  # told a look ago: the journal has it by now
                self._forget(leg)
            elif self._line.api("uuid_exists", leg).strip() == "false":
                self._tell(leg)

    def _tell(self, leg: str) -> None:
        note = read_note(leg, self._line.api("hash", f"select/{REALM}/{leg}").rstrip("\n"))
        self._told.add(leg)
        if note is None or note.context != "inbound":
            return  # an agent's own call: nothing is counted of it
        flow, version, _ = self._numbers(note.context, note.dnis)
        signal = CallerNeverReached(
            note.leg, note.leg, note.ani, note.dnis, flow, version, note.arrived_at, note.seen_at
        )
        self._take(f"interaction:{note.leg}", signal)

    def _forget(self, leg: str) -> None:
        self._line.api("hash", f"delete/{REALM}/{leg}")
        self._told.discard(leg)

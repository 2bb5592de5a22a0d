"""Which legs there are: the rows of `show channels`, put right by asking for single legs.

FreeSWITCH keeps those rows in a database beside its channels. On a busy machine a row was seen to outlive its
channel, and one may be missing: so a leg is over only when `uuid_exists` says so too, and a row is believed
for good only of a leg that something else tells of.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")
DOUBTED = 20  # rows that are asked about in a look, in turn: the last of 200 talks after a minute and a half
ASKED = 300  # of all: a question is answered in less than a millisecond, and other work waits for the line


class Asking(Protocol):
    """The control line."""

    def api(self, name: str, args: str = "", timeout_s: float = 5.0) -> str: ...


class Existence:
    """`living` begins a look, `is_over` asks more in it."""

    def __init__(self, line: Asking) -> None:
        self._line = line
        self._over: set[str] = set()  # their rows are still there
        self._asked: dict[str, None] = {}  # the one that was asked about longest ago comes first
        self._left = 0

    def living(self, rows: Mapping[str, T], doubted: Iterable[str]) -> dict[str, T]:
        """The rows without those that have outlived their legs. doubted: legs of which only a row tells."""
        self._left = ASKED
        self._over &= rows.keys()
        turn = dict.fromkeys(leg for leg in doubted if leg in rows and leg not in self._over)
        waiting = [leg for leg in self._asked if leg in turn]
        order = [*(leg for leg in turn if leg not in self._asked), *waiting]
        self._asked = dict.fromkeys(waiting)
        for leg in order[:DOUBTED]:
            self._asked.pop(leg, None)
            self._asked[leg] = None
            self.is_over(leg)
        return {leg: row for leg, row in rows.items() if leg not in self._over}

    def is_over(self, leg: str) -> bool:
        """Whether the switch says that it has no such leg; False when that is not known."""
        if leg in self._over:
            return True
        if not self._left:
            return False
        self._left -= 1
        if self._line.api("uuid_exists", leg).strip() != "false":
            return False
        self._over.add(leg)
        return True

    def forget(self) -> None:
        """Another switch."""
        self._over.clear()
        self._asked.clear()

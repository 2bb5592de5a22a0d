"""Agents' phones that have just been hung up on: they are called again when they have heard of it.

A caller who hangs up frees the agent at once, and FreeSWITCH sends the INVITE of the next call before the BYE
of the last one now and then (each leg has a thread of its own). A phone with one line answers 486, and its
agent would count as one who misses calls.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from time import monotonic

FREE_S = 0.05  # so long after the end of its last leg a phone is rung again; the BYE takes 20 ms at most
LOOK_S = 0.02


class PhonesFree:
    """`called` and `ended` tell of the legs to agents' phones; legs: those whose end was not told yet."""

    def __init__(self, legs: Callable[[], Container[str]], now: Callable[[], float] = monotonic) -> None:
        self._legs, self._now = legs, now
        self._last: dict[str, str] = {}  # phone -> its last leg
        self._phones: dict[str, str] = {}  # the same, the other way
        self._free_at: dict[str, float] = {}  # phone -> when it has heard of the end

    def called(self, leg: str, phone: str) -> None:
        """A leg to this phone is made."""
        self._phones.pop(self._last.get(phone, ""), None)
        self._last[phone], self._phones[leg] = leg, phone
        self._free_at.pop(phone, None)

    def ended(self, leg: str, by_phone: bool) -> None:
        """A leg is over; a phone that has hung up itself knows that."""
        phone = self._phones.pop(leg, None)
        if phone is None:
            return
        del self._last[phone]
        if not by_phone:
            self._free_at[phone] = self._now() + FREE_S

    def wait_s(self, phone: str) -> float:
        """Seconds until one should ask again; 0.0: it may be rung."""
        if self._last.get(phone, "") in self._legs():
            return LOOK_S
        return max(0.0, self._free_at.get(phone, 0.0) - self._now())

"""Calls to agents' phones: each is made when its phone is free and the control line is up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container
from time import monotonic

import gevent

from switch_app.core import orders as o
from switch_app.core import signals as s

from .phones_free import PhonesFree

log = logging.getLogger(__name__)

FREE_AT_LAST_S = 1.0  # longer an agent's phone is not waited for


class AgentCalls:
    """From a CallAgent, which may wait here, to its `make` or its `give_up`; to neither if it is dropped.

    is_up: whether the control line is there. legs: those of calls made whose end was not told yet.
    make: hands the call to the switch. give_up: hears of the end of a leg that never was, with its stream.
    """

    def __init__(
        self,
        is_up: Callable[[], bool],
        legs: Callable[[], Container[str]],
        make: Callable[[str, o.CallAgent], object],
        give_up: Callable[[str, s.LegEnded], object],
    ) -> None:
        self._is_up, self._make, self._give_up = is_up, make, give_up
        self._waiting: dict[str, tuple[str, o.CallAgent]] = {}  # by leg: until phone or line
        self._phones = PhonesFree(legs)

    def call(self, stream: str, order: o.CallAgent, until: float = 0.0) -> None:
        """Make the call when the phone has heard of the end of its last one; at `until` (monotonic) in any
        case. While the line is down the call waits for it, as long as it would ring."""
        if self._is_up():
            self._call(stream, order, until)
            return
        log.warning("no control line for CallAgent of %s", stream)
        self._waiting[order.leg] = (stream, order)
        gevent.spawn_later(order.ring_s, self._not_called, order.leg)

    def line_up(self) -> None:
        """The line is up again, and what happened meanwhile is known: make the calls still wanted."""
        waiting, self._waiting = self._waiting, {}
        for stream, order in waiting.values():
            self._call(stream, order)

    def drop(self, leg: str) -> bool:
        """A call that waits is not wanted any more; False if there is none."""
        return self._waiting.pop(leg, None) is not None

    def ended(self, leg: str, by_phone: bool) -> None:
        """A leg is over; by_phone: its own phone has hung up."""
        self._phones.ended(leg, by_phone)

    def _call(self, stream: str, order: o.CallAgent, until: float = 0.0) -> None:
        now, wait_s = monotonic(), self._phones.wait_s(order.contact)
        until = until or now + FREE_AT_LAST_S
        if wait_s and now < until:
            self._waiting[order.leg] = (stream, order)
            gevent.spawn_later(wait_s, self._call_again, order.leg, until)
            return
        self._phones.called(order.leg, order.contact)
        self._make(stream, order)

    def _call_again(self, leg: str, until: float) -> None:
        found = self._waiting.pop(leg, None)
        if found is not None:
            self.call(*found, until)

    def _not_called(self, leg: str) -> None:
        """The line was down all the time that the phone should have rung."""
        found = self._waiting.pop(leg, None)
        if found is not None:
            self._give_up(found[0], s.LegEnded(leg, "switch_lost", "NO_CONTROL_LINE"))

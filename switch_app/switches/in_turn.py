"""Who was there first is read first, also when a process that stood still finds many connections readable.

The kernel lists them in the order in which they became readable; libev calls their watchers last first
(ev.c, ev_invoke_pending). After a standstill the caller who pressed a key last would be queued first.
"""

from __future__ import annotations

from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from gevent import monkey
from gevent.hub import Hub, Waiter

from .pace import Pace

_stand_still = monkey.get_original("time", "sleep")  # the whole loop: that is what spares the work


class InTurn:
    """The readers of one hub."""

    def __init__(self, hub: Hub) -> None:
        self.pace = Pace()
        self._hub = hub
        self._woken: list[Waiter] = []  # in this look of the loop, as libev woke them

    def wait(self, readable: Any) -> None:
        """As Hub.wait of an io watcher; and until those that were readable before this one have read."""
        waiter = Waiter(self._hub)
        readable.start(self._wake, waiter)
        try:
            waiter.get()
        finally:
            readable.stop()

    def _wake(self, waiter: Waiter) -> None:
        if not self._woken:
            self._hub.loop.run_callback(self._let_go)  # when all have been woken
        self._woken.append(waiter)

    def _let_go(self) -> None:
        began_at = monotonic()
        woken, self._woken = self._woken, []
        for waiter in reversed(woken):
            waiter.switch(None)
        rest_s = self.pace.rest_s(began_at, monotonic())
        if rest_s:
            self._hub.loop.run_callback(_stand_still, rest_s)  # after what these readers have set going


_OF: WeakKeyDictionary[Hub, InTurn] = WeakKeyDictionary()


def in_turn(hub: Hub) -> InTurn:
    """The one of this hub."""
    found = _OF.get(hub)
    if found is None:
        found = _OF[hub] = InTurn(hub)
    return found

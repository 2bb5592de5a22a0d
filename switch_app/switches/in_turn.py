"""Who was there first is read first, also when a process that stood still finds many connections readable.

The kernel lists them in the order in which they became readable; libev calls their watchers last first
(ev.c, ev_invoke_pending). After a standstill the caller who pressed a key last would be queued first.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from gevent.hub import Hub, Waiter


class InTurn:
    """The readers of one hub."""

    def __init__(self, hub: Hub) -> None:
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
        woken, self._woken = self._woken, []
        for waiter in reversed(woken):
            waiter.switch(None)


_OF: WeakKeyDictionary[Hub, InTurn] = WeakKeyDictionary()


def in_turn(hub: Hub) -> InTurn:
    """The one of this hub."""
    found = _OF.get(hub)
    if found is None:
        found = _OF[hub] = InTurn(hub)
    return found

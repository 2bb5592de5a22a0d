"""The one thread's loop: sockets by epoll, timers, and the 20 ms media tick."""

from __future__ import annotations

import heapq
import itertools
import logging
import select
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

TICK_S = 0.020
"""Length of one media frame (RFC 3551: 20 ms packets)."""

log = logging.getLogger("softswitch.loop")

Callback = Callable[..., Any]


class Timer:
    """A call to be made later; `cancel` may come at any time, also twice."""

    __slots__ = ("args", "call", "due")

    def __init__(self, due: float, call: Callback, args: tuple[Any, ...]) -> None:
        self.due, self.call, self.args = due, call, args

    def cancel(self) -> None:
        self.call, self.args = _nothing, ()

    @property
    def cancelled(self) -> bool:
        return self.call is _nothing


def _nothing(*_: Any) -> None:
    return None


class Loop:
    """Callbacks never run inside one another and an exception in one never ends the loop."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._soon: deque[tuple[Callback, tuple[Any, ...]]] = deque()
        self._ticks: list[Callable[[float], Any]] = []
        self._next_tick = monotonic() + TICK_S
        self._running = False
        self.late_ticks = 0
        self.on_idle: Callback = _nothing

    now = staticmethod(monotonic)

    # -- registration -------------------------------------------------------------------------
    def soon(self, call: Callback, *args: Any) -> None:
        """Run `call` in this round, after what is running now has returned."""
        self._soon.append((call, args))

    def later(self, delay_s: float, call: Callback, *args: Any) -> Timer:
        timer = Timer(monotonic() + delay_s, call, args)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        return timer

    def every(self, period_s: float, call: Callback) -> None:
        """Run `call()` every `period_s`, for ever."""

        def again() -> None:
            self.later(period_s, again)
            call()

        self.later(period_s, again)

    def on_tick(self, call: Callable[[float], Any]) -> None:
        """Run `call(now)` each 20 ms on a schedule that does not drift."""
        self._ticks.append(call)

    def read(self, fd: int, call: Callback) -> None:
        self._readers[fd] = call
        self._register(fd)

    def write(self, fd: int, call: Callback | None) -> None:
        if call is None:
            self._writers.pop(fd, None)
        else:
            self._writers[fd] = call
        self._register(fd)

    def forget(self, fd: int) -> None:
        """Stop watching; call it before the socket is closed."""
        self._readers.pop(fd, None)
        self._writers.pop(fd, None)
        try:
            self._epoll.unregister(fd)
        except (OSError, ValueError):
            pass

    def _register(self, fd: int) -> None:
        mask = (select.EPOLLIN if fd in self._readers else 0) | (
            select.EPOLLOUT if fd in self._writers else 0
        )
        try:
            self._epoll.modify(fd, mask)
        except FileNotFoundError:
            self._epoll.register(fd, mask)

    # -- running ------------------------------------------------------------------------------
    def run(self) -> None:
        """Turn until `stop` is called."""
        self._running = True
        self._next_tick = monotonic() + TICK_S
        while self._running:
            self.turn()

    def stop(self) -> None:
        self._running = False

    def turn(self) -> None:
        """One round: wait for the next thing, then do everything that is due."""
        for fd, mask in self._epoll.poll(self._patience()):
            if mask & (select.EPOLLIN | select.EPOLLERR | select.EPOLLHUP):
                self._safely(self._readers.get(fd, _nothing), ())
            if mask & (select.EPOLLOUT | select.EPOLLERR | select.EPOLLHUP):
                self._safely(self._writers.get(fd, _nothing), ())
            if monotonic() >= self._next_tick:
                self._tick()
        self._tick()
        self._run_soon()
        self._run_timers()
        self._run_soon()

    def _patience(self) -> float:
        if self._soon:
            return 0.0
        due = self._next_tick
        if self._timers:
            due = min(due, self._timers[0][0])
        return max(0.0, due - monotonic())

    def _tick(self) -> None:
        now = monotonic()
        if now < self._next_tick:
            return
        self._next_tick += TICK_S
        if now >= self._next_tick + 5 * TICK_S:
            # A long stall: go on from here; sending the lost frames in a burst would only be heard late.
            self.late_ticks += int((now - self._next_tick) / TICK_S)
            self._next_tick = now + TICK_S
        for call in self._ticks:
            self._safely(call, (now,))

    def _run_soon(self) -> None:
        for _ in range(10_000):
            if not self._soon:
                return
            call, args = self._soon.popleft()
            self._safely(call, args)

    def _run_timers(self) -> None:
        now = monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            call, args = timer.call, timer.args
            timer.cancel()
            self._safely(call, args)

    @staticmethod
    def _safely(call: Callback, args: tuple[Any, ...]) -> None:
        try:
            call(*args)
        except Exception:
            log.exception("bug: a callback failed")

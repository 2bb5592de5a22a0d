"""Time for simulations: it stands still until told to go on, and the same things happen in the same order."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from switch_app.runtime.clock import WallClock

START = 1_795_399_200.0  # 2026-11-23 10:00 in Shanghai, a Monday
ZONE = "Asia/Shanghai"


class Task:
    """Something that is due; `cancel` forgets it."""

    __slots__ = ("call", "args")

    def __init__(self, call: Callable[..., object], args: tuple[Any, ...]) -> None:
        self.call: Callable[..., object] | None = call
        self.args = args

    def cancel(self) -> None:
        self.call, self.args = None, ()


class VirtualClock:
    """What is due runs in order of its moment, then in the order in which it was asked for."""

    def __init__(self, start: float = START, zone: str = ZONE) -> None:
        self._now = start
        self._due: list[tuple[float, int, Task]] = []
        self._count = 0
        self.local = WallClock(zone).local

    def now(self) -> float:
        """Epoch seconds."""
        return self._now

    def call_at(self, due_at: float, call: Callable[..., object], *args: Any) -> Task:
        """Call once, not before `due_at`; a moment that is past is now."""
        task = Task(call, args)
        self._count += 1
        heappush(self._due, (max(due_at, self._now), self._count, task))
        return task

    def call_later(self, delay_s: float, call: Callable[..., object], *args: Any) -> Task:
        return self.call_at(self._now + delay_s, call, *args)

    def run_until(self, until: float) -> None:
        """Run all that is due up to a moment; then it is that moment."""
        while self._due and self._due[0][0] <= until:
            due_at, _, task = heappop(self._due)
            call, args = task.call, task.args
            if call is not None:
                self._now = due_at
                task.cancel()
                call(*args)
        self._now = max(self._now, until)


class VirtualTimers:
    """As runtime.clock.Timers: named timers of all streams, by the virtual clock."""

    def __init__(self, clock: VirtualClock, fire: Callable[[str, str], object]) -> None:
        self._clock, self._fire = clock, fire
        self._running: dict[tuple[str, str], Task] = {}

    def start(self, stream: str, name: str, due_at: float) -> None:
        self.stop(stream, name)
        self._running[stream, name] = self._clock.call_at(due_at, self._due, stream, name)

    def stop(self, stream: str, name: str) -> None:
        running = self._running.pop((stream, name), None)
        if running is not None:
            running.cancel()

    def stop_all(self) -> None:
        """The process that had them is dead."""
        for key in list(self._running):
            self.stop(*key)

    def running(self, stream: str, name: str) -> bool:
        return (stream, name) in self._running

    def names(self) -> list[tuple[str, str]]:
        """(stream, name) of all that run."""
        return list(self._running)

    def _due(self, stream: str, name: str) -> None:
        del self._running[stream, name]
        self._fire(stream, name)

    def __len__(self) -> int:
        return len(self._running)

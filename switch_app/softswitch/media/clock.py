"""The media clock: which streams send something each 20 ms."""

from __future__ import annotations

from typing import Protocol

from ..loop import Loop


class Ticking(Protocol):
    def tick(self, now: float) -> None: ...


class Clock:
    """Streams join while they have something to send and leave when they have not."""

    def __init__(self, loop: Loop) -> None:
        self._active: dict[Ticking, None] = {}
        loop.on_tick(self._tick)

    def join(self, stream: Ticking) -> None:
        self._active[stream] = None

    def leave(self, stream: Ticking) -> None:
        self._active.pop(stream, None)

    def _tick(self, now: float) -> None:
        for stream in list(self._active):
            stream.tick(now)

"""The demo's one loop: events of the phones and things that are due, one after the other."""

from __future__ import annotations

import heapq
import queue
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from .running import Event, PhoneError

Deed = Callable[[], None]


class Stage:
    """`after` plans a deed; `on` says who hears a line's events. A phone's failure ends its deed only."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._events: queue.SimpleQueue[tuple[str, Event] | None] = queue.SimpleQueue()
        self._due: list[tuple[float, int, Deed]] = []
        self._numbers = count()
        self._ears: dict[str, Callable[[Event], None]] = {}
        self._ended = False

    def watch(self, line: str, event: Event) -> None:
        """For Phones(watch=...); called on its reading threads."""
        self._events.put((line, event))

    def on(self, line: str, ear: Callable[[Event], None]) -> None:
        self._ears[line] = ear

    def after(self, seconds: float, deed: Deed) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), deed))

    def end(self, *_: Any) -> None:
        """Leave run(); may be a signal handler."""
        self._ended = True
        self._events.put(None)

    def run(self) -> None:
        """Until end()."""
        while not self._ended:
            self._do_due()
            try:
                said = self._events.get(timeout=self._until_next())
            except queue.Empty:
                continue
            if said is not None and said[0] in self._ears:
                self._try(lambda said=said: self._ears[said[0]](said[1]))  # type: ignore[misc]

    def _do_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic() and not self._ended:
            self._try(heapq.heappop(self._due)[2])

    def _until_next(self) -> float:
        return max(0.0, min(1.0, self._due[0][0] - time.monotonic())) if self._due else 1.0

    def _try(self, deed: Deed) -> None:
        try:
            deed()
        except PhoneError as error:  # the call is gone: its `disconnected` comes, or came
            self._say(str(error).partition("\n")[0])

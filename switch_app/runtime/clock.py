"""The clock port: wall time, local time for the core, and timers that come back as signals."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import gevent

from switch_app.core.world import LocalTime

from .public_holidays import Holidays

SLOWED = 0.9  # how fast `now` goes while the machine's clock catches up with it
LATE_S = 0.1  # a timer so late tells that this process stood still (stopped, starved, a paused machine) ...
READING_S = 0.1  # ... and waits so long, while what happened meanwhile is read; again while that goes on
READINGS = 5
SET_BACK_S = 600.0  # a clock that is set back farther is followed: somebody corrects a wrong date


class WallClock:
    """Epoch seconds and the centre's local time. wall and steady: time.time and time.monotonic."""

    def __init__(
        self,
        zone: str,
        holidays: Holidays | None = None,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.zone = ZoneInfo(zone)
        self._holidays = holidays or (lambda _: ("", False))
        self._wall, self._steady = wall, steady
        self._last = (wall(), steady())
        self._minute = (-1, LocalTime("", "", 1, 0))

    def now(self) -> float:
        """The machine's time, which may be set back (NTP, a paused machine): then this one only goes slower
        for a while, so that nobody who waits loses the place, and no deadline moves away."""
        wall, steady = self._wall(), self._steady()
        last, last_steady = self._last
        slowed = last + SLOWED * (steady - last_steady)
        now = max(wall, slowed) if slowed - wall < SET_BACK_S else wall
        self._last = (now, steady)
        return now

    def local(self, now: float) -> LocalTime:
        """Local time of `now`; made once a second, as every turn asks for it."""
        second = int(now)
        if self._minute[0] != second:
            moment = datetime.fromtimestamp(now, UTC).astimezone(self.zone)
            date = moment.date().isoformat()
            name, made_up = self._holidays(date)
            local = LocalTime(
                moment.isoformat(timespec="seconds"),
                date,
                moment.isoweekday(),
                moment.hour * 60 + moment.minute,
                name,
                made_up,
            )
            self._minute = (second, local)
        return self._minute[1]


class Timers:
    """Named timers of all streams; firing calls `fire(stream, name)` in a greenlet of its own.

    On the loop's own timers: nearly all are stopped before they fire, and need no greenlet.

    After a standstill what happened meanwhile is heard before any timer: a key that was pressed in time is no
    silence, and an agent who has answered has missed nothing. A late timer tells that it stood still.
    """

    def __init__(self, now: Callable[[], float], fire: Callable[[str, str], None]) -> None:
        self._now, self._fire = now, fire
        self._running: dict[tuple[str, str], Any] = {}

    def start(self, stream: str, name: str, due_at: float) -> None:
        """Start or move a timer; one that is due already fires at the next turn of the hub."""
        self._set(stream, name, max(0.0, due_at - self._now()), READINGS)

    def _set(self, stream: str, name: str, in_s: float, readings: int) -> None:
        self.stop(stream, name)
        timer = gevent.get_hub().loop.timer(in_s)
        self._running[stream, name] = timer
        timer.start(self._due, stream, name, monotonic() + in_s, readings, update=True)

    def stop(self, stream: str, name: str) -> None:
        """Stop a timer, if it runs."""
        running = self._running.pop((stream, name), None)
        if running is not None:
            running.close()

    def _due(self, stream: str, name: str, due_at: float, readings: int) -> None:
        """due_at: as time.monotonic() tells. readings: how often it may still wait for them."""
        if readings and monotonic() - due_at > LATE_S:
            self._set(stream, name, READING_S, readings - 1)
            return
        self.stop(stream, name)
        gevent.spawn(self._fire, stream, name)

    def __len__(self) -> int:
        return len(self._running)

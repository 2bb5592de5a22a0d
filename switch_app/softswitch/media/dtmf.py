"""RFC 4733 telephone events: digits out of and into RTP."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable

from ..loop import Loop, Timer

DIGITS = "0123456789*#ABCD"
_EVENT = struct.Struct("!BBH")
_END = 0x80
_LOST_END_S = 0.15
"""An event that stops coming has ended although its three end packets were lost."""


class DigitReader:
    """Reports each event once, at its end, with its length in samples of 8 kHz."""

    def __init__(self, loop: Loop, report: Callable[[str, int], None]) -> None:
        self._loop, self._report = loop, report
        self._current: int | None = None  # timestamp of the event in progress
        self._finished: deque[int] = deque(maxlen=4)
        self._digit, self._duration = "", 0
        self._timer: Timer | None = None

    def packet(self, timestamp: int, payload: bytes) -> None:
        """One telephone-event packet; what is no digit or already reported is ignored."""
        if len(payload) < 4:
            return
        event, flags, duration = _EVENT.unpack_from(payload)
        if event >= len(DIGITS) or timestamp in self._finished:
            return
        if self._current is not None and self._current != timestamp:
            self._end()
        self._current, self._digit = timestamp, DIGITS[event]
        self._duration = max(self._duration, duration)
        if self._timer:
            self._timer.cancel()
        if flags & _END:
            self._end()
        else:
            self._timer = self._loop.later(_LOST_END_S, self._end)

    def close(self) -> None:
        """No more reports; lets go of whom it reported to."""
        if self._timer:
            self._timer.cancel()
        self._report = lambda _digit, _samples: None

    def _end(self) -> None:
        if self._current is None:
            return
        digit, duration = self._digit, self._duration
        self._finished.append(self._current)
        self._current, self._duration = None, 0
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._report(digit, duration)


class DigitWriter:
    """Hands out the packets of queued digits, one each 20 ms: (marker, same timestamp, payload)."""

    def __init__(self) -> None:
        self._queue: deque[tuple[str, int]] = deque(maxlen=64)
        self._digit = ""
        self._sent = self._wanted = self._ends = self._pause = 0

    def queue(self, digit: str, duration: int = 1600) -> None:
        """duration: in samples; kept between 50 ms and 2 s."""
        if digit in DIGITS:
            self._queue.append((digit, max(400, min(16000, duration))))

    @property
    def busy(self) -> bool:
        return bool(self._digit or self._queue or self._pause)

    def next(self) -> tuple[bool, bytes] | None:
        """(first packet of the event, payload), or None in the pause between two digits."""
        if self._pause:
            self._pause -= 1
            return None
        starting = not self._digit
        if starting:
            self._digit, self._wanted = self._queue.popleft()
            self._sent = self._ends = 0
        ending = self._sent + 160 >= self._wanted
        if ending:
            self._ends += 1
        self._sent = min(self._sent + 160, self._wanted)
        payload = _EVENT.pack(DIGITS.index(self._digit), 10 | (_END if ending else 0), self._sent)
        if self._ends == 3:
            self._digit, self._pause = "", 3
        return starting, payload

"""Ends a recording when its phone has said nothing for too long.

FreeSWITCH's recording variables (switch_ivr_async.c, record_callback): RECORD_INITIAL_TIMEOUT_MS before the
first word, RECORD_FINAL_TIMEOUT_MS after the last one, below RECORD_SILENCE_THRESHOLD (mean amplitude).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..loop import Loop
from ..media import g711
from ..media.g711 import Law

LOOK_S = 0.25
THRESHOLD = 200


class SilenceLimits:
    """A Tap. Calls `end()` once. A phone that sends nothing (silence suppression) is silent too."""

    def __init__(
        self, loop: Loop, initial_s: float, final_s: float, threshold: int, end: Callable[[], object]
    ) -> None:
        self._loop, self._end = loop, end
        self._initial_s, self._final_s, self._threshold = initial_s, final_s, threshold
        self._quiet_since = loop.now()
        self._spoken = False
        self._timer = loop.later(LOOK_S, self._look)

    @classmethod
    def of(cls, loop: Loop, given: Mapping[str, str], end: Callable[[], object]) -> SilenceLimits | None:
        """From recording variables; None when they set no limit."""
        initial_s, final_s = (
            _whole(given, name) / 1000 for name in ("RECORD_INITIAL_TIMEOUT_MS", "RECORD_FINAL_TIMEOUT_MS")
        )
        if not initial_s and not final_s:
            return None
        return cls(loop, initial_s, final_s, _whole(given, "RECORD_SILENCE_THRESHOLD") or THRESHOLD, end)

    def heard(self, codes: bytes, law: Law) -> None:
        samples = memoryview(g711.decode(codes, law)).cast("h")
        if len(samples) and sum(map(abs, samples)) // len(samples) >= self._threshold:
            self._quiet_since, self._spoken = self._loop.now(), True

    def spoken(self, codes: bytes, law: Law) -> None:
        return None

    def close(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        limit_s = self._final_s if self._spoken else self._initial_s
        if limit_s and self._loop.now() - self._quiet_since >= limit_s:
            self._end()
        else:
            self._timer = self._loop.later(LOOK_S, self._look)


def _whole(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0

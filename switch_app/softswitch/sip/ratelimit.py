"""A token bucket per source address, bounded in memory."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

_MAX_SOURCES = 10_000


class RateLimit:
    """`rate` a second on average, `burst` at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, source: str, now: float | None = None) -> bool:
        """Take one token of this source; False if it has none left."""
        now = monotonic() if now is None else now
        tokens, at = self._buckets.get(source, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[source] = (tokens - 1.0 if allowed else tokens, now)
        self._buckets.move_to_end(source)
        if len(self._buckets) > _MAX_SOURCES:
            self._buckets.popitem(last=False)
        return allowed

"""A busy reader looks less often, and reads more at a time.

Most of what a session costs is that the process wakes for each of its events (`scripts/bench esl`). While
little is to be done each event is read at once. When reading takes more than SHARE of the time, the loop
rests for REST_S after each look, and what came meanwhile, of all calls, is read in one. A network card's
driver does the same (NAPI: interrupts while it is quiet, polls while it is not).
"""

from __future__ import annotations

SHARE = 0.1  # of the time
BURST_S = 0.005  # of reading beyond that share before the first rest: some calls at once
REST_S = 0.003  # an order may take 5 ms from its event, and a caller hears 20 ms at a time


class Pace:
    """Of one loop. All moments in seconds, by one clock that never goes back."""

    def __init__(self, burst_s: float = BURST_S) -> None:
        self._burst_s = burst_s
        self._beyond_s = 0.0  # of reading, beyond the share; bounded, so that it is soon forgotten
        self._looked_at = 0.0

    def rest_s(self, began_at: float, ended_at: float) -> float:
        """How long to rest after a look that began and ended then."""
        allowed_s = (began_at - self._looked_at) * SHARE
        beyond_s = max(self._beyond_s - allowed_s, 0.0) + ended_at - began_at
        self._beyond_s = min(beyond_s, 2 * self._burst_s)
        self._looked_at = ended_at
        return REST_S if beyond_s > self._burst_s else 0.0

"""The floor: one stream that holds all queues, agents, waiting work and offers.

decide(floor, signal, now, world) -> Decision      pure
evolve(floor, fact, at)                            in place
deadlines(floor) -> timers                         for a restart
to_plain(floor), from_plain(data)                  snapshot, JSON-able
figures(floor, now), live(floor, now)              cheap looks at it
"""

from __future__ import annotations

from .deadlines import deadlines
from .decide import decide
from .figures import figures, live
from .presence import refusal
from .tables import Floor, evolve, from_plain, to_plain

__all__ = ["Floor", "deadlines", "decide", "evolve", "figures", "from_plain", "live", "refusal", "to_plain"]

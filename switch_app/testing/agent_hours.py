"""Each agent's time by the floor's own presences: what a talk's and a wrap-up's facts say must be in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from switch_app.core import facts as f

EXACT_S = 0.01  # the facts' sums are rounded to milliseconds


class AgentHours:
    """fail(problem, stream) raises AssertionError. What began before the process did is not judged."""

    def __init__(self, fail: Callable[..., None]) -> None:
        self._fail = fail
        self._now: dict[str, tuple[str, float]] = {}  # agent -> state, since
        self._talk: dict[str, dict[str, float]] = {}  # agent -> seconds by state, of the talk under way
        self.judged = 0

    def forget(self) -> None:
        """A process has died: what it said last may be in no journal."""
        self._now.clear()
        self._talk.clear()

    def took(self, stream: str, fact: Any, at: float) -> None:
        """A fact, in order (runtime.turn.Turns.watchers); those of the floor count."""
        if isinstance(fact, f.PresenceChanged):
            self._moved(fact, at)
        elif isinstance(fact, f.OfferAccepted):
            self._talk[fact.agent] = defaultdict(float)
        elif isinstance(fact, f.WorkCompleted) and fact.agent in self._talk:
            self._book(fact.agent, at)
            spent = self._talk.pop(fact.agent)
            self._same(fact, (spent["talking"], spent["held"]), (fact.talk_s, fact.hold_s))
        elif isinstance(fact, f.WrapUpEnded) and fact.agent in self._now:
            self._same(fact, (at - self._now[fact.agent][1],), (fact.wrap_up_s,))

    def _moved(self, fact: f.PresenceChanged, at: float) -> None:
        self._book(fact.agent, at)
        self._now[fact.agent] = (fact.state, at)

    def _book(self, agent: str, at: float) -> None:
        state, since = self._now.get(agent, ("", at))
        if agent in self._talk:
            self._talk[agent][state] += at - since
            self._now[agent] = (state, at)

    def _same(self, fact: Any, spent: tuple[float, ...], said: tuple[float, ...]) -> None:
        self.judged += 1
        if any(abs(one - other) > EXACT_S for one, other in zip(spent, said, strict=True)):
            self._fail(f"hours of {fact.agent}: {spent}, and said {fact}", f"interaction:{fact.interaction}")

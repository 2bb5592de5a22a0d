"""A decision in the making: the state it reads, the facts and orders it has so far."""

from __future__ import annotations

from typing import Any

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..decision import Decision
from ..world import World
from .deadlines import GRACE_S, running
from .state import Interaction


class Draft:
    """`fact` and `order` collect; the state stays as it is until the turn folds the facts."""

    def __init__(self, state: Interaction, now: float, world: World) -> None:
        self.state, self.now, self.world = state, now, world
        self.facts: list[Any] = []
        self.orders: list[Any] = []
        self._refs = 0

    def decision(self) -> Decision:
        return Decision(self.facts, self.orders)

    def fact(self, *facts: Any) -> None:
        self.facts.extend(facts)

    def order(self, *orders: Any) -> None:
        self.orders.extend(orders)

    def floor(self, signal: Any) -> None:
        """Tell the floor, in the same batch."""
        self.orders.append(o.ToFloor(signal))

    def lost(self, signal: s.LegEnded) -> float:
        """State the end of a leg. When the caller left, if that was before now; 0.0: now."""
        at, now = signal.at, self.now
        left_at = max(at, self.state.phase_at) if 0.0 < at < now and signal.leg == self.state.leg else 0.0
        self.fact(f.LegLost(signal.leg, signal.reason, signal.cause, signal.by, left_at))
        return left_at

    def ref(self) -> str:
        """A new ref: unique as long as every decision that makes one also states a fact."""
        self._refs += 1
        return f"{self.state.version}.{self._refs}"

    def deadline(self, timer: str, after_s: float) -> None:
        self.orders.append(o.StartTimer(timer, self.now + after_s))

    def ended(self, how: type) -> Any:
        """The newest fact of a class in this draft, or None."""
        return next((fact for fact in reversed(self.facts) if isinstance(fact, how)), None)

    # --- the end ---------------------------------------------------------------------------------------
    def release(self, reason: str = "normal") -> None:
        """Order the end of the caller's leg; its LegEnded closes the interaction."""
        self.fact(f.CallerReleased(reason))
        self.order(o.HangUp(self.state.leg, reason))
        self.deadline("leave", GRACE_S)

    def close(self, outcome: str, reason: str, wait_s: float = 0.0, ended_at: float = 0.0) -> None:
        """Close, no timer stays; wait_s, and a talk that this turn ended, are added to the state's sums.

        ended_at: epoch seconds, where that was before now; else when the caller's leg was lost.
        """
        state, talk = self.state, self.ended(f.ConversationEnded)
        talk_s, hold_s = (talk.talk_s, talk.hold_s) if talk else (0.0, 0.0)
        stops = [o.StopTimer(timer) for timer in running(state)]
        self.order(*(stop for stop in stops if stop not in self.orders))
        if state.direction == "internal":
            self.floor(s.OwnCallEnded(state.ani))
        self.fact(
            f.InteractionClosed(
                outcome,
                reason,
                round(state.wait_s + wait_s, 3),
                round(state.talk_s + talk_s, 3),
                round(state.hold_s + hold_s, 3),
                ended_at or state.left_at,
            )
        )

"""A decision in the making: the state it reads, the facts and orders it has so far."""

from __future__ import annotations

from typing import Any

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..decision import Decision
from ..world import World
from .state import Interaction

GRACE_S = 5.0  # a deadline of ours behind the switch's or the floor's own
RETURN_S = 5.0  # from the end of a talk to the caller's way back into the socket (40 ms as a rule)


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

    def close(self, outcome: str, reason: str, wait_s: float = 0.0, talk_s: float = 0.0) -> None:
        """Close; wait_s and talk_s are what this turn adds to the state's sums."""
        state = self.state
        if state.direction == "internal":
            self.floor(s.OwnCallEnded(state.ani))
        self.fact(
            f.InteractionClosed(
                outcome, reason, round(state.wait_s + wait_s, 3), round(state.talk_s + talk_s, 3)
            )
        )

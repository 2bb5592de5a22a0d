"""Drives one interaction without a floor or a switch, and brings it to where a test begins."""

from __future__ import annotations

from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.decision import Decision
from switch_app.core.flow.model import build
from switch_app.core.flow.prompts import Manifest
from switch_app.core.interaction import Interaction, decide, evolve
from switch_app.core.interaction.fallback import fallback
from switch_app.core.plain import from_json, to_json
from switch_app.core.world import LocalTime, World

FLOW, FLAWS = build(
    {
        "flow": "main",
        "start": "menu",
        "steps": {
            "menu": {
                "type": "menu",
                "say": "main_menu",
                "choices": {"1": "sales", "2": "bye"},
                "no_input": "sales",
                "invalid": "sales",
            },
            "sales": {
                "type": "queue",
                "queue": "sales",
                "priority": "5",
                "leave_keys": {"9": "bye"},
                "timeout": "bye",
                "empty": "bye",
                "answered": "bye",
            },
            "bye": {"type": "hangup"},
        },
    },
    text="main",
)
assert FLOW, FLAWS
AWAY, FLAWS = build(
    {
        "flow": "away",
        "start": "office",
        "steps": {
            "office": {"type": "transfer", "to": "2001", "ring_s": 15, "done": "sorry", "failed": "sorry"},
            "sorry": {"type": "hangup"},
        },
    },
    text="away",
)
assert AWAY, FLAWS
BUSY, FLAWS = build(
    {
        "flow": "busy",
        "start": "sales",
        "steps": {
            "sales": {
                "type": "queue", "queue": "sales", "say": "hold_for_agent", "busy_say": ["agents_busy", "wait_choice"],
                "position_say": "wait_choice",
                "leave_keys": {"9": "bye"}, "timeout": "bye", "empty": "bye", "answered": "bye",
            },
            "bye": {"type": "hangup", "say": "goodbye"},
        },
    },
    text="busy",
)  # fmt: skip
assert BUSY, FLAWS
TWICE, FLAWS = build(
    {
        "flow": "twice",
        "start": "sales",
        "steps": {
            "sales": {"type": "queue", "queue": "sales", "empty": "operator"},
            "operator": {"type": "queue", "queue": "operator"},
        },
    },
    text="twice",
)
assert TWICE, FLAWS
WORLD = World(
    LocalTime("2026-11-23T09:00:00+08:00", "2026-11-23", 1, 540),
    flows={FLOW.version: FLOW, AWAY.version: AWAY, BUSY.version: BUSY, TWICE.version: TWICE},
    prompts=Manifest(),
)
ARRIVED = s.CallArrived("i1", "leg", "13800000000", "Ann", "4000", "inbound", "main", FLOW.version)
OFFER = s.AgentOffered("o1", "1001", "1001", 20.0, "sales")


class Contact:
    """Drives one interaction and keeps all that came of it; the state is refolded after each turn."""

    def __init__(self) -> None:
        self.state = Interaction()
        self.now = 1000.0
        self.facts: list[Any] = []
        self.orders: list[Any] = []
        self.timers: set[str] = set()  # that run
        self._stored: list[tuple[type, bytes, float]] = []

    def take(self, signal: Any, after_s: float = 0.0) -> Contact:
        self.now += after_s
        self._took(decide(self.state, signal, self.now, WORLD))
        if isinstance(signal, s.TimerFired):
            self.timers.discard(signal.timer)
        return self

    def fall_back(self, error: Exception) -> None:
        """A bug at the next digit."""
        self._took(fallback(self.state, s.DigitPressed("leg", "1"), error, self.now, WORLD))

    def _took(self, decision: Decision) -> None:
        for fact in decision.facts:
            self._stored.append((type(fact), to_json(fact), self.now))
        self.facts += decision.facts
        self.orders = decision.orders
        self.timers |= {order.timer for order in decision.orders if isinstance(order, o.StartTimer)}
        self.timers -= {order.timer for order in decision.orders if isinstance(order, o.StopTimer)}
        self.state = Interaction()  # every test is a persistence test
        for kind, data, at in self._stored:
            evolve(self.state, from_json(kind, data), at)

    def floor(self) -> list[Any]:
        return [order.signal for order in self.orders if isinstance(order, o.ToFloor)]

    def ordered(self, kind: type) -> Any:
        found = [order for order in self.orders if isinstance(order, kind)]
        assert found, f"no {kind.__name__} among {self.orders}"
        return found[-1]

    def kinds(self) -> list[str]:
        return [type(fact).__name__ for fact in self.facts]


def queued() -> Contact:
    contact = Contact().take(ARRIVED)
    return contact.take(s.DigitPressed("leg", "1"), 2)


def ringing() -> Contact:
    return queued().take(OFFER, 3)


def joining() -> Contact:
    contact = ringing()
    return contact.take(s.LegAnswered(contact.state.offer.leg), 4)


def talking() -> Contact:
    contact = joining()
    offer = contact.state.offer
    return contact.take(s.Joined(offer.join_ref, "leg", offer.leg), 0.1)


def held() -> Contact:
    contact = talking()
    contact.take(s.LegHeld(contact.state.offer.leg), 5)
    return contact


HANG_UP = s.LegEnded("leg", "normal", by="caller")


def lingering() -> Contact:
    """A caller who was in the queue and hears how to leave a message."""
    contact, _ = hearing()
    return contact.take(s.QueueGaveUp("timeout"), 1)


def flowing() -> Contact:
    return Contact().take(ARRIVED)


def parted() -> Contact:
    contact = talking()
    return contact.take(s.LegEnded(contact.state.offer.leg, "normal", by="agent"), 10)


def leaving() -> Contact:
    return parted().take(ARRIVED, 0.1)


TO_BUSY = s.CallArrived("i1", "leg", "13800000000", "Ann", "4003", "inbound", "busy", BUSY.version)


def hearing() -> tuple[Contact, str]:
    """A caller who hears the first words of the wait; and their ref."""
    contact = Contact().take(TO_BUSY)
    return contact, contact.ordered(o.Play).ref

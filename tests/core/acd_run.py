"""A floor with a clock of its own: takes signals, folds the facts, keeps the timers, fires them."""

from __future__ import annotations

import json
from typing import Any

from acd_index import same_as_anew

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.whole import WHOLE
from switch_app.core.decision import Decision
from switch_app.core.work import AgentProfile, QueueRule, Work
from switch_app.core.world import LocalTime, World

START = 1_000_000.0


def world(date: str = "2026-11-23") -> World:
    return World(LocalTime(f"{date}T09:00:00+08:00", date, 1, 540))


def agents(*skills: dict[str, int], first: int = 1001) -> tuple[AgentProfile, ...]:
    return tuple(
        AgentProfile(str(first + n), f"Agent {first + n}", each, order=n) for n, each in enumerate(skills)
    )


class FloorRun:
    """`told`: signals to interactions, newest last. Each decision is checked to change nothing itself."""

    def __init__(self, queues: tuple[QueueRule, ...] | QueueRule, people: tuple[AgentProfile, ...]) -> None:
        self.floor = acd.Floor()
        self.now = START
        self.date = "2026-11-23"
        self.timers: dict[str, float] = {}
        self.told: list[tuple[str, Any]] = []
        self.facts: list[tuple[float, Any]] = []
        self.take(s.FloorConfigured(queues if isinstance(queues, tuple) else (queues,)))
        self.take(s.RosterLoaded(people))

    def take(self, signal: Any) -> Decision:
        before = acd.to_plain(self.floor)
        decision = acd.decide(self.floor, signal, self.now, world(self.date))
        assert acd.to_plain(self.floor) == before, "decide changed the floor"
        whole = any(type(fact) in WHOLE for fact in decision.facts)
        if whole:
            same_as_anew(self.floor)
        for fact in decision.facts:
            acd.evolve(self.floor, fact, self.now)
            self.facts.append((self.now, fact))
        if whole:
            same_as_anew(self.floor)
        for order in decision.orders:
            if isinstance(order, o.StartTimer):
                self.timers[order.timer] = order.due_at
            elif isinstance(order, o.StopTimer):
                self.timers.pop(order.timer, None)
            else:
                self.told.append((order.interaction, order.signal))
        return decision

    def wait(self, seconds: float) -> None:
        """Time goes on; what is due fires, in order."""
        until = self.now + seconds
        while True:
            due = min(((at, name) for name, at in self.timers.items() if at <= until), default=None)
            if due is None:
                self.now = until
                return
            self.now = max(self.now, due[0])
            del self.timers[due[1]]
            self.take(s.TimerFired(due[1]))

    def restart(self) -> None:
        """The process dies: all that is left is the snapshot and the timers it implies."""
        data = json.loads(json.dumps(acd.to_plain(self.floor)))
        self.floor = acd.from_plain(data)
        assert acd.to_plain(self.floor) == data
        self.timers = {order.timer: order.due_at for order in acd.deadlines(self.floor)}

    # --- short ways to say things -----------------------------------------------------------------------
    def arrive(self, interaction: str, queue: str = "support", **work: Any) -> Decision:
        work.setdefault("waiting_since", self.now)
        return self.take(s.WorkArrived(Work(interaction, queue, **work)))

    def ask(self, agent: str, state: str, reason: str = "", **more: Any) -> s.PresenceAnswered:
        """Ask by keypad; the floor's answer."""
        self.take(s.PresenceAsked(agent, state, reason, interaction="keypad", ref="r", **more))
        to, answer = next(each for each in reversed(self.told) if isinstance(each[1], s.PresenceAnswered))
        assert (to, answer.ref) == ("keypad", "r")
        return answer

    def log_in(self, *names: str) -> None:
        for name in names:
            assert self.ask(name, "logged_in", contact=f"phone-{name}").ok

    def state(self, agent: str) -> str:
        found = self.floor.tables.agents.get(agent)
        return found.state if found else "gone"

    def at(self, agent: str) -> str:
        """The interaction that an agent is offered or talks to."""
        return self.floor.tables.agents[agent].interaction

    def offer(self, interaction: str) -> str:
        return self.floor.tables.items[interaction].offer

    def rung(self, interaction: str) -> list[str]:
        """The agents whom an interaction was told to ring, in order."""
        return [
            signal.agent
            for to, signal in self.told
            if to == interaction and isinstance(signal, s.AgentOffered)
        ]

    def answer(self, interaction: str) -> None:
        self.take(s.OfferAnswered(self.offer(interaction)))

    def miss(self, interaction: str, reason: str = "no_answer") -> None:
        self.take(s.OfferMissed(self.offer(interaction), reason))

    def over(self, interaction: str) -> None:
        self.take(s.ConversationOver(self.offer(interaction)))

    def serve(self, interaction: str, talk_s: float = 10.0) -> None:
        """Answer, talk, part, and wrap up to the end."""
        agent = self.floor.tables.items[interaction].agent
        self.answer(interaction)
        self.wait(talk_s)
        self.over(interaction)
        if self.state(agent) == "wrap_up":
            self.ask(agent, "wrap_up_done")

    def to(self, interaction: str) -> list[Any]:
        """Everything that an interaction was told."""
        return [signal for to, signal in self.told if to == interaction]

    def of(self, kind: type) -> list[Any]:
        return [fact for _, fact in self.facts if isinstance(fact, kind)]

    def left(self) -> list[tuple[str, str]]:
        return [(fact.interaction, fact.reason) for fact in self.of(f.WorkLeft)]

"""The floor's decisions at 10 000 agents x 10 000 waiting, against the naive matcher, in one run.

An overloaded centre: 9 000 agents talk, 1 000 are ready with skills that nobody asks for, 10 000
wait in eight queues. The events are the two that need a match: an agent has finished, and a caller
arrives. The naive matcher scans the waiting work in order x the ready agents; it does nothing else,
while the floor's time is its whole turn: decide, explain, and fold the facts. Both must choose alike.

Then what is about everybody at once, here and in a centre of 1 000 agents x 500 waiting: while an agent or a
queue is edited, at midnight, and for a look of the wallboard every call stands still.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from statistics import mean, median, quantiles
from time import perf_counter
from typing import Any

import orjson

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.needs import Needs, both
from switch_app.core.work import AgentProfile, QueueRule, Work
from switch_app.core.world import LocalTime, World

AGENTS, WAITING, IDLE = 10_000, 10_000, 1_000
USUAL = 1_000, 500, 100  # the same of a centre as they are
EVENTS = 4_000  # of the floor; the naive matcher gets every NAIVE_EVERYth
NAIVE_EVERY = 200
SKILLS = ("sales", "support", "billing", "mandarin", "cantonese", "english", "network", "refund")
NEEDS = [f"{one} >= {level} and {two}" for one in SKILLS for two in SKILLS if one < two for level in (3, 6)]
WORLD = World(LocalTime("2026-11-23T09:00:00+08:00", "2026-11-23", 1, 540))
NEXT_DAY = World(LocalTime("2026-11-24T00:00:00+08:00", "2026-11-24", 2, 0))


class Centre:
    """The floor in its overload, and the plain lists that the naive matcher scans."""

    def __init__(self, agents: int = AGENTS, waiting: int = WAITING, idle: int = IDLE, seed: int = 1) -> None:
        self.random, self.floor, self.now, self.arrived = Random(seed), acd.Floor(), 1_000_000.0, 0
        self.agents, self.idle, self.world = agents, idle, WORLD
        rules = [
            QueueRule(f"q{n}", wrap_up_s=0, announce_every_s=0, join_when_empty=True, leave_when_empty=False)
            for n in range(8)
        ]
        self.take(s.FloorConfigured(tuple(rules)))
        self.take(s.RosterLoaded(tuple(self._profile(n) for n in range(agents))))
        for n in range(agents):
            self.take(s.PresenceAsked(f"{n:05}", "logged_in", contact=f"phone-{n}"))
        while sum(item.waiting for item in self.floor.tables.items.values()) < waiting:
            for _ in range(100):
                self.take(self.arrival())

    def _profile(self, n: int) -> AgentProfile:
        """The first speak a language of no caller; the rest have three to eight skills."""
        names = ["icelandic"] if n < self.idle else self.random.sample(SKILLS, self.random.randint(3, 8))
        return AgentProfile(f"{n:05}", "", {name: self.random.randint(1, 10) for name in names})

    def arrival(self) -> s.WorkArrived:
        self.arrived += 1
        self.now += 0.001
        return s.WorkArrived(
            Work(
                f"call-{self.arrived}",
                f"q{self.random.randrange(8)}",
                self.now,
                priority=self.random.choice((0, 0, 0, 5)),
                needs=self.random.choice(NEEDS),
            )
        )

    def finish(self) -> s.ConversationOver | None:
        """Somebody's talk ends: anybody's but those whom nobody needs."""
        agent = self.floor.tables.agents[f"{self.random.randrange(self.idle, self.agents):05}"]
        self.now += 0.001
        item = self.floor.tables.items.get(agent.interaction)
        return s.ConversationOver(item.offer) if item and item.state == "talking" else None

    def take(self, signal: Any) -> tuple[float, f.WorkOffered | None]:
        """One turn, and the agent's answer to an offer right behind it. Gives the first turn's seconds."""
        began = perf_counter()
        decision = acd.decide(self.floor, signal, self.now, self.world)
        for fact in decision.facts:
            acd.evolve(self.floor, fact, self.now)
        took = perf_counter() - began
        offer = next((fact for fact in decision.facts if type(fact) is f.WorkOffered), None)
        if offer:
            self.take(s.OfferAnswered(offer.offer))
        return took, offer


def naive(
    waiting: list[tuple[str, Needs]], ready: list[tuple[str, dict[str, int]]]
) -> tuple[str, str] | None:
    """The first work in order that any ready agent can take, with the agent idle for longest."""
    for interaction, needs in waiting:
        for agent, skills in ready:
            if needs.met_by(skills):
                return interaction, agent
    return None


def _lists(centre: Centre, signal: Any) -> tuple[list[tuple[str, Needs]], list[tuple[str, dict[str, int]]]]:
    """What the naive matcher scans after the signal; its making and sorting is not counted."""
    tables = centre.floor.tables
    works = [item.work for item in tables.items.values() if item.waiting]
    people = [agent for agent in tables.agents.values() if agent.available]
    if isinstance(signal, s.WorkArrived):
        works.append(signal.work)
    else:
        held = tables.items[centre.floor.index.offers[signal.offer]].agent
        people.append(tables.agents[held])
    works.sort(key=lambda work: (-work.priority, work.waiting_since, work.queue, work.interaction))
    newest = None if isinstance(signal, s.WorkArrived) else people[-1].id
    people.sort(key=lambda agent: (agent.id == newest, agent.idle_since, agent.id))
    return (
        [(work.interaction, both("", work.needs)) for work in works],
        [(agent.id, dict(agent.profile.skills)) for agent in people],
    )


def look(centre: Centre) -> float:
    """Seconds of a look of the wallboard."""
    began = perf_counter()
    orjson.dumps(acd.live(centre.floor, centre.now))
    return perf_counter() - began


def standstill(centre: Centre) -> dict[str, float]:
    """Milliseconds of one turn each, and of a look as it is sent. Nobody becomes able to take what waits."""
    tables, half = centre.floor.tables, centre.agents // 2
    people = [agent.profile for agent in tables.agents.values()]
    people[half] = replace(people[half], skills={**people[half].skills, "icelandic": 1})
    rules = [queue.rule for queue in tables.queues.values()]
    rules[0] = replace(rules[0], age_weight=0.5)
    found = {
        "skill_edited_ms": centre.take(s.RosterLoaded(tuple(people)))[0],
        "queue_edited_ms": centre.take(s.FloorConfigured(tuple(rules)))[0],
    }
    centre.world = NEXT_DAY
    found["midnight_ms"] = centre.take(s.TimerFired("floor:day"))[0]
    found["look_ms"] = median(look(centre) for _ in range(5))
    return {name: round(took * 1e3, 1) for name, took in found.items()}


def run() -> dict[str, Any]:
    """Mean times of the same events, their ratio, the floor's p50 and p99 (us), and what stands still."""
    centre = Centre()
    took: dict[str, list[float]] = {"arrival": [], "finish": []}
    compared: list[tuple[float, float]] = []
    while sum(map(len, took.values())) < EVENTS:
        kind = centre.random.choice(("arrival", "finish"))
        signal = centre.arrival() if kind == "arrival" else centre.finish()
        if signal is None:
            continue
        scan = sum(map(len, took.values())) % NAIVE_EVERY == 0
        lists = _lists(centre, signal) if scan else None
        seconds, offer = centre.take(signal)
        took[kind].append(seconds)
        if lists:
            began = perf_counter()
            found = naive(*lists)
            compared.append((perf_counter() - began, seconds))
            if found != (offer and (offer.interaction, offer.agent)):
                raise AssertionError(f"the naive matcher chose {found}, the floor {offer}")
    ours, theirs = mean(two for _, two in compared), mean(one for one, _ in compared)
    figures: dict[str, Any] = {
        "agents": AGENTS,
        "waiting": sum(item.waiting for item in centre.floor.tables.items.values()),
        "ready": sum(agent.available for agent in centre.floor.tables.agents.values()),
        "events": EVENTS,
        "compared": len(compared),
        "naive_ms": round(theirs * 1e3, 2),
        "floor_ms": round(ours * 1e3, 3),
        "ratio": round(theirs / ours),
    }
    for kind, times in took.items():
        cuts = quantiles(times, n=100)
        figures[f"{kind}_us"] = {"p50": round(cuts[49] * 1e6), "p99": round(cuts[98] * 1e6)}
    figures["standstill"] = standstill(centre)
    figures["standstill_1000x500"] = standstill(Centre(*USUAL))
    return figures

"""A seeded call centre: random queues, people and events, fed to the floor and to the oracle alike."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

from acd_index import same_as_anew
from acd_run import START, world
from oracle import Oracle

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.choice import CHOICES
from switch_app.core.acd.whole import WHOLE
from switch_app.core.plain import to_plain
from switch_app.core.work import AgentProfile, QueueRule, Relaxation, TierRule, Work

SKILLS = ("billing", "sales", "mandarin", "cantonese")
NEEDS = (
    "",
    "billing",
    "billing >= 5",
    "mandarin >= 3 or cantonese >= 3",
    "billing >= 5 and (mandarin >= 3 or cantonese >= 3)",
    "sales and sales <= 6",
    "sales >= 8 or billing >= 8",
)
REASONS = ("busy", "no_answer", "rejected", "unreachable")


class RandomFloor:
    """One run. `step()` makes one event and checks everything; it raises AssertionError with the seed."""

    def __init__(self, seed: int, most_agents: int = 50, most_waiting: int = 200) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.most_agents = self.random.randint(1, most_agents)
        self.most_waiting = self.random.randint(1, most_waiting)
        self.patient = self.random.random() < 0.3  # nobody is sent away, and queues grow long
        self.floor, self.oracle = acd.Floor(), Oracle()
        self.now, self.day, self.turns, self.calls = START, 1, 0, 0
        self.timers: dict[str, float] = {}
        self.moved_clocks: set[str] = set()  # items whose queue's rule has changed since their clocks started
        self.since: dict[str, float] = {}
        self.facts: list[tuple[float, Any]] = []
        self.take(s.FloorConfigured(self.rules()))
        self.take(s.RosterLoaded(self.people()))
        # quiet with many ready, busy with a long queue, or in between; calm settings or restless ones
        self.mood = (35, self.random.choice((8, 25, 60)), 25, 12, 2, self.random.choice((0.0, 0.5, 1.5)))
        self.haste = self.random.choice((0.25, 1.0, 4.0))
        for agent in self.random.choice(([], [*self.floor.tables.agents])):
            self.take(s.PresenceAsked(agent, "logged_in", "", f"phone-{agent}"))

    # --- what may be ---------------------------------------------------------------------------------------------
    def rules(self) -> tuple[QueueRule, ...]:
        names = self.random.sample(["sales", "support", "billing", "operator", "gold"], self.random.randint(2, 5))
        return tuple(self.rule(name, names) for name in names)

    def rule(self, name: str, names: list[str]) -> QueueRule:
        pick, some = self.random.choice, self.random.random
        relax = sorted(self.random.sample(range(5, 60), self.random.randint(0, 2)))
        return QueueRule(
            name,
            needs=pick(NEEDS[:4]),
            choice=pick(CHOICES),
            skill=pick(("", "billing")),
            age_weight=pick((0.0, 0.0, 0.01, 0.1)),
            ring_s=pick((5.0, 15.0)),
            wrap_up_s=pick((0.0, 5.0, 10.0)),
            no_answer_delay_s=pick((0.0, 5.0)),
            max_no_answer=pick((0, 2, 3)),
            max_wait_s=pick((0.0, 0.0, 300.0) if self.patient else (0.0, 20.0, 60.0)),
            max_waiting=0 if self.patient else pick((0, 0, 5, 50)),
            overflow=pick((*names, "", "voicemail")),
            join_when_empty=self.patient or some() < 0.5,
            leave_when_empty=not self.patient and some() < 0.5,
            empty_means=pick((("logged_out",), ("logged_out", "not_ready", "ringing"), ("wrap_up", "missed"), ("talking",))),
            announce_every_s=pick((0.0, 7.0)),
            announce_first_s=pick((0.0, 3.0)),
            relax=tuple(Relaxation(float(after), pick(NEEDS)) for after in relax),
            tiers={"gold": TierRule(pick(("", *CHOICES)), pick(("", "billing")), 5.0)} if some() < 0.5 else {},
        )

    def people(self) -> tuple[AgentProfile, ...]:
        return tuple(
            AgentProfile(
                str(1001 + n),
                f"Agent {n}",
                {name: self.random.randint(1, 10) for name in SKILLS if self.random.random() < 0.6},
                order=self.random.randint(0, 3),
            )
            for n in range(self.most_agents)
            if self.random.random() < 0.95
        )

    # --- one event ----------------------------------------------------------------------------------------------
    def step(self) -> None:
        events = (self.pass_time, self.arrive, self.phone, self.ask, self.odd, self.load)
        self.random.choices(events, self.mood)[0]()

    def pass_time(self) -> None:
        """Some quarter seconds; the timer that is due first, if any, fires on its moment."""
        self.now += self.random.choice((0.0, 0.25, 0.5, 1.0, 2.0)) * self.haste
        due = min(((at, name) for name, at in self.timers.items() if at <= self.now), default=None)
        while due:
            del self.timers[due[1]]
            self.take(s.TimerFired(due[1]))
            due = min(((at, name) for name, at in self.timers.items() if at <= self.now), default=None)

    def arrive(self) -> None:
        items = self.floor.tables.items
        if len(items) >= self.most_waiting:
            self.phone()
            return
        pick = self.random.choice
        self.calls += 1
        again = list(items) if items and self.random.random() < 0.02 else [f"call-{self.calls}"]
        queues = [*self.floor.tables.queues, "nowhere"] if self.random.random() < 0.05 else list(self.floor.tables.queues)
        work = Work(
            pick(again),
            pick(queues),
            self.now - pick((0.0, 0.0, 0.0, 12.5)),
            priority=pick((0, 0, 0, 1, 5)),
            needs=pick(("billing ?",)) if self.random.random() < 0.01 else pick(NEEDS),
            boost_s=pick((0.0, 0.0, 30.0)),
            customer=pick(("", "c1", "c2", "c3")),
            tier=pick(("", "", "gold", "silver")),
        )
        self.take(s.WorkArrived(work))

    def phone(self) -> None:
        """Something happens to a call that is on the floor."""
        items = list(self.floor.tables.items.values())
        if not items:
            self.arrive()
            return
        busy = [item for item in items if item.offer]
        item = self.random.choice(busy if busy and self.random.random() < 0.8 else items)
        if not item.offer and self.patient and self.random.random() < 0.8:
            self.pass_time()
        elif not item.offer:
            self.take(s.WorkWithdrawn(item.id, self.random.choice(("abandoned", "callback"))))
        elif self.random.random() < 0.1:
            self.take(s.WorkWithdrawn(item.id, "abandoned"))
        elif item.state == "talking" and self.random.random() < 0.4:
            self.take(self.random.choice((s.ConversationHeld, s.ConversationResumed))(item.offer))
        elif item.state == "talking":
            self.take(s.ConversationOver(item.offer))
        elif self.random.random() < 0.7:
            self.take(s.OfferAnswered(item.offer))
        else:
            self.take(s.OfferMissed(item.offer, self.random.choice(REASONS)))

    def ask(self) -> None:
        pick = self.random.choice
        agent = str(1001 + self.random.randrange(self.most_agents))
        state = pick(("logged_in", "logged_in", "ready", "ready", "ready_once", "not_ready", "wrap_up_done"))
        if self.random.random() < 0.08:
            state = "logged_out"
        contact = f"phone-{agent}" if self.random.random() < 0.95 else "phone-shared"
        by_phone = self.random.random() < 0.2 and state != "logged_in"
        self.take(
            s.PresenceAsked(
                "" if by_phone else agent,
                state,
                pick(("", "lunch")) if state == "not_ready" else "",
                contact,
                by=pick(("agent", "supervisor")),
                interaction=pick(("", "keypad")),
                ref="r",
            )
        )

    def odd(self) -> None:
        """What should not happen, and does: stale results, gone phones, early timers, strange words."""
        items, agents = list(self.floor.tables.items.values()), list(self.floor.tables.agents)
        item = self.random.choice(items) if items else None
        offer = item.offer if item else ""
        agent = self.random.choice(agents) if agents else "1001"
        self.take(
            self.random.choice(
                (
                    s.OfferAnswered("gone"),
                    s.OfferMissed("gone", "busy"),
                    s.OfferMissed(offer, "withdrawn"),
                    s.ConversationOver(offer or "gone"),
                    s.ConversationHeld(offer or "gone"),
                    s.ConversationResumed(offer or "gone"),
                    s.OfferAnswered(offer),
                    s.WorkWithdrawn("nobody", "abandoned"),
                    s.ContactLost(f"phone-{agent}"),
                    s.ContactLost("phone-nobody"),
                    s.TimerFired(f"floor:agent:{agent}"),
                    s.TimerFired("floor:agent:9999"),
                    s.TimerFired(f"floor:work:{item.id if item else 'x'}"),
                    s.TimerFired(f"floor:tell:{item.id if item else 'x'}"),
                    s.PresenceAsked(agent, "asleep"),
                    s.PresenceAsked("9999", "ready"),
                    s.PresenceAsked(agent, "logged_in"),
                )
            )
        )

    def load(self) -> None:
        roll = self.random.random()
        if roll < 0.3:
            self.moved_clocks.update(self.floor.tables.items)
            self.take(s.FloorConfigured(self.rules()))
        elif roll < 0.5:
            self.take(s.RosterLoaded(self.people()))
        elif roll < 0.6:
            self.day += 1
        elif roll < 0.7:  # the same again
            queues = [queue.rule for queue in self.floor.tables.queues.values() if not queue.retired]
            self.take(s.FloorConfigured(tuple(queues)))
        else:
            self.restart()

    def restart(self) -> None:
        data = json.loads(json.dumps(acd.to_plain(self.floor)))
        self.floor = acd.from_plain(data)
        assert acd.to_plain(self.floor) == data
        self.timers = {order.timer: order.due_at for order in acd.deadlines(self.floor)}

    # --- the turn, and what must hold after it --------------------------------------------------------------------
    def take(self, signal: Any) -> None:
        self.turns += 1
        if type(signal) is s.WorkArrived:
            self.since[signal.work.interaction] = signal.work.waiting_since
        day = f"2026-11-{self.day:02d}" if self.day < 100 else f"day-{self.day}"
        decision = acd.decide(self.floor, signal, self.now, world(day))
        facts, words = self.oracle.take(signal, self.now, day)
        where = f"seed {self.seed}, turn {self.turns}, {signal}"
        told = [(order.interaction, order.signal) for order in decision.orders if type(order) is o.ToInteraction]
        mine = [replace(fact, why={}) if type(fact) is f.WorkOffered else fact for fact in decision.facts]
        assert mine == facts, f"{where}\nfloor  {mine}\noracle {facts}"
        assert told == words, f"{where}\nfloor  {told}\noracle {words}"
        offers = [fact for fact in decision.facts if type(fact) is f.WorkOffered]
        for fact, (counts, reasons) in zip(offers, self.oracle.whys, strict=True):
            check_why(fact, counts, reasons, where)
        for fact in decision.facts:
            acd.evolve(self.floor, fact, self.now)
            self.facts.append((self.now, fact))
        if any(type(fact) in WHOLE for fact in decision.facts):
            same_as_anew(self.floor)
        for order in decision.orders:
            if type(order) is o.StartTimer:
                self.timers[order.timer] = order.due_at
            elif type(order) is o.StopTimer:
                self.timers.pop(order.timer, None)
        self.check(where)

    def check(self, where: str) -> None:
        """Invariants of the state between two turns."""
        tables = self.floor.tables
        held: dict[str, str] = {}
        for item in tables.items.values():
            assert item.work.waiting_since == self.since[item.id], f"{where}: the wait began anew"
            assert item.queue in tables.queues, where
            if item.state != "waiting":
                agent = tables.agents[item.agent]
                assert item.agent not in held, f"{where}: two calls for {item.agent}"
                held[item.agent] = item.id
                state = "talking" if agent.state == "held" else agent.state
                assert (state, agent.interaction) == (item.state, item.id), where
            else:
                assert not item.offer and not item.agent, where
                assert not tables.queues[item.queue].retired, where
        phones = [agent.contact for agent in tables.agents.values() if agent.state != "logged_out"]
        assert len(phones) == len(set(phones)) and all(phones), f"{where}: two agents on one phone"
        for agent in tables.agents.values():
            assert (agent.state in ("offered", "talking", "held")) == (agent.id in held), f"{where}: {agent}"
            assert (agent.until is not None) == (agent.state in ("offered", "missed", "wrap_up")), where
        self.check_timers(where)
        if self.turns % 10 == 0:
            self.check_look(where)

    def check_look(self, where: str) -> None:
        """The wallboard shows who waits in the order of serving, each with the place in the own queue."""
        behind: dict[str, int] = {}
        expected = []
        for job in self.oracle.waiting():
            behind[job.queue] = behind.get(job.queue, 0) + 1
            expected.append((job.work.interaction, behind[job.queue]))
        shown = acd.live(self.floor, self.now)["waiting"]
        rung = [one["interaction"] for one in shown if one["agent"]]
        waits = [(one["interaction"], one["position"]) for one in shown[len(rung) :]]
        assert waits == expected, where
        assert set(rung) == {name for name, job in self.oracle.jobs.items() if job.state == "offered"}, where

    def check_timers(self, where: str) -> None:
        tables = self.floor.tables
        implied = {order.timer: order.due_at for order in acd.deadlines(self.floor)}
        for timer, due_at in implied.items():
            if timer.startswith("floor:tell:") or timer.split(":")[2] in self.moved_clocks:
                assert timer in self.timers, f"{where}: {timer} does not run"
            elif timer.startswith("floor:agent:"):
                assert self.timers.get(timer) == due_at, f"{where}: {timer}"
            else:
                assert self.timers[timer] <= due_at, f"{where}: {timer}"
        for timer in self.timers.keys() - implied.keys():
            _, what, name = timer.split(":")
            assert what == "work" and name in tables.items, f"{where}: {timer} is stale"

    def finish(self) -> None:
        """The journal alone gives the same floor; the counters agree with a count."""
        same_as_anew(self.floor)
        again = acd.Floor()
        for at, fact in self.facts:
            acd.evolve(again, type(fact)(**{name: getattr(fact, name) for name in fact.__slots__}), at)
        assert acd.to_plain(again) == acd.to_plain(self.floor), f"seed {self.seed}: refolding differs"
        for name, queue in self.floor.tables.queues.items():
            states = [item.state for item in self.floor.tables.items.values() if item.queue == name]
            assert queue.talking == states.count("talking"), f"seed {self.seed}"
            assert queue.holding == len(states) - queue.talking, f"seed {self.seed}"
        arrived = {fact.interaction for _, fact in self.facts if type(fact) is f.WorkQueued}
        gone = {fact.interaction for _, fact in self.facts if type(fact) in (f.WorkLeft, f.WorkCompleted)}
        assert arrived - gone <= set(self.floor.tables.items), f"seed {self.seed}: work is lost"
        assert json.dumps(to_plain(self.floor.tables))


def check_why(fact: f.WorkOffered, counts: dict[str, int], reasons: dict[str, Any], where: str) -> None:
    """The stored why says of everybody what the oracle says."""
    why = fact.why
    named = {one["agent"]: one["because"] for one in why["passed"]}
    named |= dict.fromkeys((one["agent"] for one in why["candidates"]), "candidate")
    assert named.items() <= reasons.items(), f"{where}\nwhy    {named}\noracle {reasons}"
    assert not why["whole"] or named.keys() == reasons.keys(), where
    assert {reason: count for reason, count in why["counts"].items() if count} == counts, where
    assert why["chosen"] == fact.agent and reasons[fact.agent] == "candidate", where

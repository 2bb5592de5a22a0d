"""Everybody around a simulated centre: callers who come, agents at their desks and phones, a supervisor."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from switch_app.core.errors import Refused

from .centre_plan import ELSEWHERE
from .simulated_people import Agent, Caller, OwnCall, PhoneOwner
from .simulated_switch import Leg, Phone

if TYPE_CHECKING:
    from .simulated_centre import SimulatedCentre

ACT_S = 240.0  # mean seconds between an agent's own doings
SUPERVISE_S = 60.0
RUSH = 0.02  # share of calls that bring a rush


class SimulatedCrowd:
    """`agents` by number. Callers come until `wanted` calls were made."""

    def __init__(self, centre: SimulatedCentre, random: Random) -> None:
        self.centre, self.random = centre, random
        self.plan, self.switch = centre.plan, centre.switch
        self.wanted = 0
        self._noted: list[str] = []
        self.ended_from_above: set[str] = set()  # interactions
        for number in ELSEWHERE:
            self.switch.phones[number] = Phone(PhoneOwner(self.switch, self._fork(), self.plan.talk_s))
        self.agents = [self._agent(profile.agent) for profile in centre.agents]

    def _fork(self) -> Random:
        return Random(self.random.random())

    def _agent(self, number: str) -> Agent:
        agent = Agent(
            self.switch, self._fork(), number, self.plan.talk_s * 2, self._desk, self._keypad, self._state_of
        )
        self.switch.phones[number] = Phone(agent)
        return agent

    def begin(self) -> None:
        """Everybody logs in, and the first call is on its way."""
        for agent in self.agents:
            self._desk(agent.number, "logged_in", "", agent.phone)
            self.centre.later(ACT_S, self._acts, agent)
        self.centre.later(SUPERVISE_S, self._supervise)

    def _at_the_desk(self, interaction: str, passes_on: bool) -> None:
        """Raises Refused where no agent talks."""
        turns, commands = self.centre.application.turns, self.centre.application.commands
        state = turns.interactions.get(f"interaction:{interaction}")
        agent = state.offer.agent if state and state.offer else ""
        if passes_on:
            commands.pass_on(interaction, agent, self.random.choice(list(turns.floor.tables.queues)))
        elif agent:
            commands.hang_up(interaction, agent, agent)

    # --- callers -------------------------------------------------------------------------------------------
    def come(self, calls: int) -> None:
        self.wanted = calls
        gap_s = (self.plan.talk_s + 20.0) / (self.plan.agents * self.plan.load)
        self.centre.later(gap_s, self._next_call, gap_s)

    def _next_call(self, gap_s: float) -> None:
        if self.centre.report.calls >= self.wanted:
            return
        if self.random.random() < RUSH:
            for _ in range(self.random.randint(2, 2 * len(self.agents))):
                self.centre.later(5.0, self._call)
        self._call()
        self.centre.later(gap_s, self._next_call, gap_s)

    def _call(self) -> None:
        person = Caller(self.switch, self._fork(), self.plan.talk_s * 2, self.plan.patience_s)
        ani = self.random.choice([*self.centre.customers, "13912345678", "", "anonymous"])
        dnis = self.random.choice([*self.plan.numbers, *dict(self.plan.flows)])
        self._arrive(person, ani, dnis, "inbound")

    def _arrive(self, person: Caller, number: str, dnis: str, context: str) -> None:
        report = self.centre.report
        report.calls += 1
        leg = (
            f"{report.calls:08x}-0000-4000-9000-{report.seed:012x}"  # never like an id of ours (core/ids.py)
        )
        person.comes(Leg(leg, leg, "caller", number, person, dnis, context))

    # --- agents --------------------------------------------------------------------------------------------
    def _acts(self, agent: Agent) -> None:
        if not self.centre.closing:
            agent.acts()
            self.centre.later(ACT_S, self._acts, agent)

    def _desk(self, *asked: Any) -> None:
        """Raises Refused."""
        if self.centre.application.alive:
            self.centre.application.commands.presence(*asked)

    def _keypad(self, agent: Agent, code: str) -> None:
        phone = self.switch.phones[agent.phone]
        if phone.registered and phone.leg is None:
            person = OwnCall(self.switch, self._fork(), agent.number, self.centre.pins[agent.number])
            self._arrive(person, agent.phone, code, "agents")

    def _state_of(self, agent: str) -> str:
        found = self.centre.application.turns.floor.tables.agents.get(agent)
        return found.state if found else "logged_out"

    # --- a supervisor ---------------------------------------------------------------------------------------
    def _supervise(self) -> None:
        """Now and then a call is ended from above, passed on or ended at the desk, or what it was about is
        noted, also after its end."""
        if self.centre.closing:
            return
        self._noted = [*self._noted, *(leg.interaction for leg in self.switch.legs.values())][-20:]
        if self.centre.application.alive and self._noted:
            commands, known = self.centre.application.commands, self.random.choice(self._noted)
            try:
                some = self.random.random()
                if some < 0.3:
                    commands.hang_up(known)
                    self.ended_from_above.add(known)
                elif some < 0.6:
                    self._at_the_desk(known, some < 0.5)
                else:
                    commands.disposition(known, "1001", "sold", "a note")
            except Refused:
                self._noted.remove(known)
        self.centre.later(SUPERVISE_S, self._supervise)

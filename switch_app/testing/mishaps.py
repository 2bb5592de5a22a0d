"""Deaths, broken lines, full disks, vanished phones and reloads, at random moments of a simulated centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from switch_app.core import signals as s
from switch_app.core.work import QueueRule
from switch_app.runtime.turn import FLOOR

from .centre_plan import SKILLS
from .memory_journal import MemoryJournal
from .simulated_people import Agent

if TYPE_CHECKING:
    from .simulated_centre import SimulatedCentre


NOTICED_S = 15.0  # ControlLine's keepalive_s and patience_s


class Mishaps:
    """Each happens by itself, with the mean time that the plan's faults say."""

    def __init__(self, centre: SimulatedCentre, random: Random) -> None:
        self.centre, self.random, self.clock = centre, random, centre.clock
        self._doomed = False  # the application dies right behind the next turn

    def begin(self) -> None:
        faults = self.centre.plan.faults
        self._now_and_then(faults.application_dies_every_s, self._kill)
        self._now_and_then(faults.switch_dies_every_s, self._kill_switch)
        self._now_and_then(faults.line_drops_every_s, self._drop_line)
        self._now_and_then(faults.reload_every_s, self._reload)
        self._now_and_then(faults.disk_refuses_every_s, self._fill_disk)
        for agent in self.centre.crowd.agents:
            self._now_and_then(faults.phone_vanishes_every_s, self._unplug, agent)

    def _now_and_then(self, mean_s: float, call: Callable[..., object], *args: Any) -> None:
        def happens() -> None:
            if not self.centre.closing:
                call(*args)
                self.centre.later(mean_s, happens)

        if mean_s:
            self.centre.later(mean_s, happens)

    # --- the application -----------------------------------------------------------------------------------
    def _kill(self) -> None:
        """At any moment; or, as often, right behind a turn, when its commit is on the way."""
        if self.random.random() < 0.5:
            self.centre.kill(self._away_s())
        else:
            self._doomed = True

    def after_turn(self) -> None:
        if self._doomed:
            self._doomed = False
            soon_s = self.random.uniform(0.0, self.centre.plan.faults.commit_s)
            self.clock.call_later(soon_s, self.centre.kill, self._away_s())

    def _away_s(self) -> float:
        return self.random.choice((0.05, 1.0, 5.0, 20.0)) * self.random.uniform(0.5, 1.5)

    def _fill_disk(self) -> None:
        journal = self.centre.journal
        if isinstance(journal, MemoryJournal):
            journal.refuse()
            self.clock.call_later(self.random.uniform(1, 60), journal.accept)

    # --- the switch ----------------------------------------------------------------------------------------
    def _kill_switch(self) -> None:
        """It dies with all its legs; phones register again with the new one."""
        centre = self.centre
        centre.report.switch_deaths += 1
        centre.switch.die()
        back_s = self.random.uniform(1, 10)
        self.clock.call_later(back_s, centre.line_up)
        for phone in centre.switch.phones.values():
            self.clock.call_later(back_s + self.random.uniform(0, 20), setattr, phone, "registered", True)

    def _drop_line(self) -> None:
        """What is said is lost until it is up again, and what it is told until its end is noticed."""
        switch = self.centre.switch
        if switch.line_up and not switch.stalled:
            noticed_s = self.random.choice((0.0, self.random.uniform(0.1, NOTICED_S)))
            switch.stalled = True
            self.clock.call_later(noticed_s, switch.drop_line)
            self.clock.call_later(noticed_s + self.random.uniform(0.1, 15), self.centre.line_up)

    def _unplug(self, agent: Agent) -> None:
        phone = self.centre.switch.phones[agent.phone]
        if phone.registered:
            self.centre.switch.unplug(agent.phone)
            self.clock.call_later(self.random.uniform(20, 200), setattr, phone, "registered", True)

    # --- the settings --------------------------------------------------------------------------------------
    def _reload(self) -> None:
        """Other queues and agents; a dead application finds them at its next start."""
        centre = self.centre
        kept = [each for each in centre.book.queues if self.random.random() < 0.9 or each.name == "operator"]
        centre.rules = tuple(map(self._other, kept))
        centre.agents = tuple(
            replace(agent, skills=SKILLS[self.random.randrange(len(SKILLS))])
            for agent in centre.everybody
            if self.random.random() < 0.95
        )
        if centre.application.alive:
            centre.application.turns.take(FLOOR, s.FloorConfigured(centre.rules))
            centre.application.turns.take(FLOOR, s.RosterLoaded(centre.agents))

    def _other(self, rule: QueueRule) -> QueueRule:
        pick = self.random.choice
        return replace(
            rule,
            max_wait_s=pick((rule.max_wait_s, 40.0)),
            max_waiting=pick((0, 0, 3)),
            wrap_up_s=pick((rule.wrap_up_s, 0.0)),
            announce_every_s=pick((rule.announce_every_s, 0.0, 10.0)),
            join_when_empty=pick((True, False)),
            leave_when_empty=pick((True, False)),
            age_weight=pick((0.0, 0.1)),
        )

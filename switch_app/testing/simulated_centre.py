"""A whole call centre in virtual time: real turns, flows and queues; simulated people, switch and directory.

    SimulatedCentre(Plan(faults=ROUGH), seed=7, book=book).run(calls=1000)

plays a thousand calls in seconds, checks the centre's promises after each turn (centre_checks), and lets
the application and the switch die when the plan says so. The same seed plays the same centre.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from switch_app.core.plain import kind_of
from switch_app.core.work import QueueRule
from switch_app.flowfiles.book import Book

from .centre_checks import CentreChecks
from .centre_plan import Plan, Report, customers, roster
from .ledger import Ledger
from .memory_journal import MemoryJournal
from .mishaps import Mishaps
from .simulated_application import SimulatedApplication, Surroundings
from .simulated_crowd import SimulatedCrowd
from .simulated_switch import SimulatedSwitch
from .virtual_clock import VirtualClock

DRAIN_S = 4 * 3600.0  # within it every call must have ended by itself
LATE_S = 5.0  # the last events of the last call
CHECK_S = 10.0
REMEMBERED = 3000  # turns that a failure may tell of


class SimulatedCentre:
    """One centre, one run. With a real journal: `journal`, started; `settle` waits for its commits."""

    def __init__(
        self,
        plan: Plan,
        seed: int,
        book: Book,
        journal: Any = None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self.plan, self.book, self.report = plan, book, Report(seed)
        self.random = Random(seed)
        self.clock = VirtualClock(plan.begins_at)
        self.began_at = self.clock.now()
        self.closing = False  # no new calls, no new mishaps: everything is to come to its end
        self.switch = SimulatedSwitch(self.clock, self._fork())
        self.journal = journal or MemoryJournal(self.clock, self._commit_delay(self._fork()))
        self.settle, self.ledger, self.customers = settle, Ledger(), customers()
        self.everybody = self.agents = roster(plan.agents)
        self.pins = {profile.agent: f"47{profile.agent}" for profile in self.everybody}
        self.rules: tuple[QueueRule, ...] = book.queues
        for _, flow in plan.flows:
            book.library.keep(flow)
        self.trace: deque[tuple[float, str, Any, list[Any]]] = deque(maxlen=REMEMBERED)
        self.checks = CentreChecks(self)
        if isinstance(self.journal, MemoryJournal):
            self.journal.after_commit = self.checks.after_commit
        self._start_application()
        self.crowd = SimulatedCrowd(self, self._fork())
        self.mishaps = Mishaps(self, self._fork())

    def _fork(self) -> Random:
        return Random(self.random.random())

    def _commit_delay(self, random: Random) -> Callable[[], float]:
        longest_s = self.plan.faults.commit_s
        return lambda: random.uniform(0.0, longest_s) if longest_s else 0.0

    def later(self, mean_s: float, call: Callable[..., object], *args: Any) -> None:
        """Call after a random time."""
        self.clock.call_later(self.random.expovariate(1 / mean_s), call, *args)

    # --- the application -----------------------------------------------------------------------------------
    def _start_application(self) -> None:
        around = Surroundings(
            self.plan, self.book, self.clock, self.switch, self.journal, self.settle, self.ledger,
            self.customers, self.pins,
        )  # fmt: skip
        self.application = SimulatedApplication(around, self._fork())
        self.application.start(self.rules, self.agents, self.checks.found)
        self.application.turns.checked = self._took
        self.application.turns.watchers.append(self.checks.hours.took)
        self.clock.call_later(self.switch.moment(), self.line_up)

    def line_up(self) -> None:
        """The control line is connected, or connected again."""
        self.checks.begin_anew()
        self.application.line_up()

    def kill(self, away_s: float) -> None:
        """kill -9: what was not committed is lost, the switch goes on, a new process starts later."""
        if not self.application.alive:
            return
        self.report.deaths += 1
        self.checks.expect_after_death()
        if isinstance(self.journal, MemoryJournal):
            self.report.lost_batches += self.journal.pending
            for stream in self.journal.lose_pending():
                self.ledger.forgive(stream)
                self.switch.may_repeat.add(stream.partition(":")[2])
        self.application.die()
        self.clock.call_later(away_s, self._start_application)

    def _took(self, stream: str, signal: Any, told: list[Any]) -> None:
        """After a turn: note it, wait for its commit, look at everything."""
        self.report.turns += 1
        self.report.facts.update(map(kind_of, told))
        self.trace.append((self.clock.now(), stream, signal, told))
        self.settle()
        self.checks.after_turn(stream, told)
        self.mishaps.after_turn()

    # --- the run -----------------------------------------------------------------------------------------
    def run(self, calls: int) -> Report:
        """Play so many calls, let them all end, and check that nothing is left."""
        self.crowd.begin()
        self.mishaps.begin()
        self.clock.call_later(CHECK_S, self._check)
        self.crowd.come(calls)
        while self.report.calls < calls:
            self.clock.run_until(self.clock.now() + 60.0)
        self.closing = True
        until = self.clock.now() + DRAIN_S
        while self.clock.now() < until and not self.checks.at_rest():
            self.clock.run_until(self.clock.now() + 60.0)
        self.clock.run_until(self.clock.now() + LATE_S)
        self.settle()
        self.checks.at_the_end()
        self.report.virtual_s = self.clock.now() - self.began_at
        return self.report

    def _check(self) -> None:
        self.checks.now_and_then()
        self.clock.call_later(CHECK_S, self._check)

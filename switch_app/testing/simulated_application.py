"""One process of the application: the real turns, commands and reconciler on simulated ports. It can die."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Interaction
from switch_app.core.work import AgentProfile, QueueRule
from switch_app.core.world import World
from switch_app.flowfiles.book import Book
from switch_app.runtime import ports
from switch_app.runtime.commands import Commands
from switch_app.runtime.journal import Batch
from switch_app.runtime.mending import Mender
from switch_app.runtime.recovery import fold, recover
from switch_app.runtime.turn import FLOOR, Turns
from switch_app.switches.missed_calls import MissedCalls
from switch_app.switches.reconciler import EVERY_S, Reconciler

from .centre_plan import Plan
from .ledger import Ledger
from .simulated_line import SimulatedLine
from .simulated_ports import SimulatedDirectory, SimulatedHttp
from .simulated_switch import SimulatedSwitch
from .simulated_voice import ORDERS, SimulatedVoice
from .virtual_clock import VirtualClock, VirtualTimers

SWITCH = "switch"  # as bootstrap names the snapshot


class CheckedTurns(Turns):
    """Turns whose every turn is looked at, and whose ports may not fail: a check may speak there too."""

    checked: Callable[[str, Any, list[Any]], None] = staticmethod(lambda stream, signal, told: None)

    def take(self, stream: str, signal: Any) -> list[Any]:
        told = super().take(stream, signal)
        self.checked(stream, signal, told)
        return told

    def _carry_out(self, outside: list[tuple[str, Any]]) -> None:
        for stream, order in outside:
            self.ports[type(order)].carry_out(stream, order)


@dataclass(slots=True)
class Surroundings:
    """What outlives a process."""

    plan: Plan
    book: Book
    clock: VirtualClock
    switch: SimulatedSwitch
    journal: Any  # MemoryJournal, or runtime.journal.Journal
    settle: Callable[[], None]  # waits for the commits of a real journal
    ledger: Ledger
    customers: dict[str, dict[str, Any]]
    pins: dict[str, str]

    def flow_of(self, context: str, dnis: str) -> tuple[str, str, str]:
        flow = dict(self.plan.flows).get(dnis)
        return (flow.name, flow.version, "") if flow else self.book.flow_of(context, dnis)


class SimulatedApplication:
    """`start` folds the journal and takes calls, as bootstrap does; after `die` nothing of it is heard."""

    def __init__(self, around: Surroundings, random: Random) -> None:
        self.around, self.clock, self.alive = around, around.clock, True
        clock, faults, ledger = around.clock, around.plan.faults, around.ledger
        self.turns = CheckedTurns(around.journal, clock.now, self._world, self._load)
        take = self.turns.take
        self.timers = VirtualTimers(clock, lambda stream, name: take(stream, s.TimerFired(name)))
        self.voice = SimulatedVoice(
            around.switch, take, around.flow_of, faults, ledger, Random(random.random())
        )
        people = around.customers, around.pins
        self.directory = SimulatedDirectory(clock, take, *people, faults, ledger, Random(random.random()))
        self.http = SimulatedHttp(clock, take, ledger, Random(random.random()))
        wiring: tuple[tuple[tuple[type, ...], Any], ...] = (
            (ORDERS, self.voice),
            (ports.CLOCK_ORDERS, ports.ClockPort(self.timers)),  # type: ignore[arg-type]
            ((o.LookUpCustomer, o.CheckPin), self.directory),
            ((o.CallHttp,), self.http),
        )
        self.turns.ports = {order: port for orders, port in wiring for order in orders}
        self.commands = Commands(self.turns, dict)
        self.mender = Mender(self.turns)
        line: Any = SimulatedLine(around.switch)
        voice: Any = self.voice
        self.reconciler = Reconciler(line, voice, take, self.turns.interactions, now=clock.now)
        self.missed = MissedCalls(line, voice.callers, take, around.flow_of)
        self.reconciler.on_core = lambda core: around.journal.append(Batch(snapshot=(SWITCH, 0, core)))

    def start(
        self, rules: tuple[QueueRule, ...], agents: tuple[AgentProfile, ...], found: Callable[[], None]
    ) -> None:
        """`found` is called between the fold of the journal and everything else."""
        reader = self.around.journal.reader()
        due = recover(self.turns, reader)
        known = reader.snapshot(SWITCH)
        if known:
            self.reconciler.remember_core(known[1], reader.last_at())
        found()
        self.turns.take(FLOOR, s.FloorConfigured(rules))
        self.turns.take(FLOOR, s.RosterLoaded(agents))
        for stream, timer in due:
            self.timers.start(stream, timer.timer, timer.due_at)
        self.around.settle()
        self.around.switch.listen(self.voice)
        self.clock.call_later(EVERY_S, self._look_again)

    def line_up(self) -> None:
        """The control line is connected: events come, and the first look at the switch is taken."""
        if self.alive and not self.around.switch.line_up:
            self.around.switch.open_line()
            self._look()
            self.voice.line_up()

    def die(self) -> None:
        self.alive = self.voice.alive = self.directory.alive = self.http.alive = False
        self.timers.stop_all()
        self.around.switch.application_died()

    def _look_again(self) -> None:
        if self.alive:
            self.turns.begin_day()
            self.mender.look()
            if self.around.switch.line_up:
                self._look()
            self.clock.call_later(EVERY_S, self._look_again)

    def _look(self) -> None:
        with suppress(TimeoutError):
            self.reconciler.look()
            self.missed.look()
        self.around.settle()

    # --- what the turns ask for ---------------------------------------------------------------------------
    def _world(self, now: float, figures: Any) -> World:
        book = self.around.book
        return World(
            self.clock.local(now),
            figures,
            flows=book.library.by_hash,
            prompts=book.prompts,
            calendars=book.calendars,
        )

    def _load(self, stream: str) -> Interaction | None:
        if not stream.startswith("interaction:"):
            return None
        return fold(self.around.journal.reader().facts_of(stream))

"""The call server, put together: the one place that knows all concrete parts.

Start is a recipe from top to bottom; stop is its reverse.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import sys
import time
from typing import Any

import gevent
from gevent.event import Event

from crm_lite.store import database, queries
from crm_lite.store.projector import Projector

from . import secrets_store
from .core import signals as s
from .core.errors import Refused
from .core.plain import from_plain
from .core.work import AgentProfile
from .core.world import World
from .flowfiles.book import Book
from .runtime import directory, http, ports
from .runtime.clock import Timers, WallClock
from .runtime.commands import Commands
from .runtime.control import ControlServer
from .runtime.feed import Feed
from .runtime.greetings import Greetings
from .runtime.journal import Batch, Journal
from .runtime.mending import Mender
from .runtime.recovery import fold, recover
from .runtime.turn import FLOOR, Turns
from .settings import Settings
from .speech.lexicon import Lexicon
from .speech.speech import Speech
from .speech.voices import Voices
from .supervisor.first_start import renew_accounts
from .switches import voice
from .switches.away import away
from .switches.call_server import CallServer
from .switches.control_line import ControlLine
from .switches.errors import SwitchGone
from .switches.events import SUBSCRIBED
from .switches.listener import CallListener
from .switches.reconciler import EVERY_S, Reconciler

log = logging.getLogger(__name__)

SWITCH = "switch"  # the snapshot that names the switch of the last look
HAND_OVER_S = 0.0005  # the projector's thread gives the interpreter back to the calls after so long, not 5 ms
LOOK_S = 1.0  # between looks at the YAML files and the roster


class CallServerProcess:
    """All parts of the call server. `start`, then `stop`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started_at = time.time()
        self.book = Book(settings.flows, settings.conf, settings.sounds)
        self.clock = WallClock(settings.timezone)
        self.journal = Journal(settings.journal, full_sync=settings.journal_sync == "full")
        self.lexicon = Lexicon(settings.sounds)
        self.speech = Speech(settings.var, Voices(settings.voices), self.lexicon.of)
        self.greetings = Greetings(
            self.journal, self.clock.now, lambda: self.book.prompts, settings.var, self.speech
        )
        self.turns = Turns(self.journal, self.clock.now, self._world, self._load)
        self.journal.on_well(self.turns.forget_closed)
        self.timers = Timers(self.clock.now, lambda stream, name: self.turns.take(stream, s.TimerFired(name)))
        self.crm = database.open(settings.crm_database, cooperative=True)
        self.feed = Feed(self.journal, self._open_rows)
        self.line = self._control_line()
        self.voice = voice.VoiceSwitch(
            self.line, self.turns.take, settings.sounds, settings.var, settings.domain, self.speech.speak
        )
        self.mender = Mender(self.turns)
        self.reconciler = Reconciler(self.line, self.voice, self.turns.take, self.turns.interactions)
        server = CallServer(self.voice, self.turns.take, self.book.flow_of)
        self.listener = CallListener(settings.call_server, server.serve)
        commands = Commands(self.turns, self.health).table()
        commands |= {"flows": self.flows, "reload": self.reload, "greeting": self.greetings.command}
        self.control = ControlServer(settings.control_socket, commands)
        self._roster: list[Any] = []
        self._crm_alarm = ""
        self._reading = self.journal.reader()
        self._stopping = Event()
        self._loops: list[gevent.Greenlet] = []

    # --- the recipe -------------------------------------------------------------------------------------
    def start(self) -> None:
        self._wire_ports()
        self.book.voices = self.speech.languages
        self.book.reload()
        self._restore_flows()
        self._go_on_behind_the_crm()
        self.journal.start()
        timers = recover(self.turns, self._reading)
        self._remember_switch()
        self.greetings.recover(list(self._reading.facts_of("greetings")))
        self._keep_flows()
        self._speak_ahead()
        self.turns.take(FLOOR, s.FloorConfigured(self.book.queues))
        self._load_roster()
        for stream, timer in timers:
            self.timers.start(stream, timer.timer, timer.due_at)
        self.feed.start()
        self._start_line()
        self.listener.start()
        self.control.start()
        self._loops = [gevent.spawn(self._look_at_files), gevent.spawn(self._reconcile)]

    def stop(self) -> None:
        """Calls go on in the switch: they come back to the next copy."""
        self._stopping.set()
        gevent.killall(self._loops, timeout=1.0)
        self.control.stop()
        self.listener.stop(timeout=0.2)
        self.listener.stop_calls()
        self.line.stop()
        self.speech.stop()
        self.journal.append(Batch(snapshot=self.turns.floor_snapshot()))
        self.journal.close()
        self.feed.stop()
        self.feed.join()
        self.crm.close()
        self._reading.close()

    # --- parts --------------------------------------------------------------------------------------------
    def _control_line(self) -> ControlLine:
        settings = self.settings
        address = settings.event_socket if settings.switch == "embedded" else settings.freeswitch_address
        return ControlLine(address.host, address.port, _password(settings), events=SUBSCRIBED)

    def _wire_ports(self) -> None:
        http_port = http.HttpPort(self.turns.take)
        wiring: tuple[tuple[tuple[type, ...], Any], ...] = (
            (voice.ORDERS, self.voice),
            (ports.CLOCK_ORDERS, ports.ClockPort(self.timers)),
            (directory.ORDERS, directory.Directory(_Crm(self.crm), self.turns.take)),
            (http.ORDERS, http_port),
        )
        self.turns.ports = {order: port for orders, port in wiring for order in orders}

    def _start_line(self) -> None:
        self.line.on_event = self.voice.heard
        self.line.on_up = self._line_up
        self.line.start()

    def _line_up(self) -> None:
        self._look_at_switch()

    def _open_rows(self) -> Projector:
        return Projector(database.open(self.settings.crm_database))

    def _go_on_behind_the_crm(self) -> None:
        """It passes over what it takes for seen: lost facts' positions are not used again."""
        with _logged("the CRM's position", database.DatabaseError):
            if lost := self.journal.go_on_behind(Projector(self.crm).position()):
                log.error("the journal lacks the last %d positions that the CRM has, and goes on", lost)

    def _world(self, now: float, figures: Any) -> World:
        book = self.book
        return World(
            self.clock.local(now),
            figures,
            flows=book.library.by_hash,
            prompts=book.prompts,
            greetings=self.greetings.in_force,
            calendars=book.calendars,
            voices=self.speech.languages,
        )

    def _load(self, stream: str) -> Any:
        """A closed interaction, for what is still said of it (disposition, a late recording)."""
        if not stream.startswith("interaction:"):
            return None
        return fold(self._reading.facts_of(stream))

    # --- flows ----------------------------------------------------------------------------------------------
    def _restore_flows(self) -> None:
        for version, stored in self._reading.texts("flow").items():
            self.book.restore(version, stored)

    def _keep_flows(self) -> None:
        for text in self.book.texts():
            self.journal.append(Batch(text=text))

    def _look_at_files(self) -> None:
        while not self._stopping.wait(LOOK_S):
            with _logged("reload"):
                if self.book.changed():
                    self.reload()
                self._look_at_roster()
                self.greetings.tidy()

    def reload(self) -> dict[str, Any]:
        """Read the YAML again: valid changes serve new calls, broken ones leave the old in force."""
        before = self.book.queues
        self.book.voices = self.speech.languages
        self.book.reload()
        self._keep_flows()
        self._speak_ahead()
        if self.book.queues != before:
            self.turns.take(FLOOR, s.FloorConfigured(self.book.queues))
        return self.flows()

    def _speak_ahead(self) -> None:
        """What is known to be said without a recording, so that no caller waits for the voice."""
        self.lexicon.reload()
        for language, text in self.book.to_speak():
            if language in self.speech.languages:
                self.speech.ahead(language, text)

    def flows(self) -> dict[str, Any]:
        """Versions in force and problems, for the admin."""
        return self.book.told()

    def _look_at_roster(self) -> None:
        """The agents in force stay, while the database gives none."""
        try:
            self._load_roster()
            self._crm_alarm = ""
        except database.DatabaseError as error:
            text = f"{type(error).__name__}: {error}"
            if text != self._crm_alarm:
                log.error("the CRM database gives no agents: %s", text)
            self._crm_alarm = text

    def _load_roster(self) -> None:
        roster = queries.roster(self.crm)
        if roster != self._roster:
            self._roster = roster
            agents = self.book.agents = tuple(
                from_plain(AgentProfile, {**row, "order": rank}) for rank, row in enumerate(roster)
            )
            self.turns.take(FLOOR, s.RosterLoaded(agents))
            self._renew_accounts([agent.agent for agent in agents])

    def _renew_accounts(self, agents: list[str]) -> None:
        """A new agent's phone can register at once: new account, new directory, reloadxml."""
        with _logged("accounts", Refused, secrets_store.SecretsError, OSError):
            renew_accounts(self.settings, agents)
            if self.line.is_up:
                self.line.command("reloadxml")

    # --- the switch -----------------------------------------------------------------------------------------
    def _reconcile(self) -> None:
        while not self._stopping.wait(EVERY_S):
            with _logged("mender"):
                self.mender.look()
            if self.line.is_up:
                self._look_at_switch()

    def _remember_switch(self) -> None:
        """Which switch the calls were on when the process before this one was last alive."""
        self.reconciler.on_core = lambda core: self.journal.append(Batch(snapshot=(SWITCH, 0, core)))
        known = self._reading.snapshot(SWITCH)
        if known:
            self.reconciler.remember_core(known[1], self._reading.last_at())

    def _look_at_switch(self) -> None:
        with _logged("reconciler", SwitchGone, TimeoutError):
            self.reconciler.look()

    def health(self) -> dict[str, Any]:
        """How this process is, for `hotline status` and the admin."""
        line = self.line
        address = f"{line.host}:{line.port}"
        alarms = {
            "switch": "" if line.is_up else away(self.settings.switch, address, line.failure),
            "journal": self.journal.alarm or self.journal.displaced(),
            "crm": self.feed.alarm or self._crm_alarm,
        }
        return {
            "up_s": round(time.time() - self.started_at, 1),
            "switch": self.settings.switch,
            "line_up": line.is_up,
            "calls": len(self.turns.interactions),
            "in_socket": len(self.voice.callers),
            "timers": len(self.timers),
            "projected": self.feed.position,
            "journal_lost": self.journal.lost,
            "alarms": {name: text for name, text in alarms.items() if text},
        }


class _Crm:
    """The directory's view of the CRM."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    def find_customer(self, by: str, value: str) -> dict[str, Any] | None:
        return queries.find_customer(self._db, by, value)

    def check_pin(self, agent: str, pin: str) -> bool:
        return queries.check_pin(self._db, agent, pin)


def serve(settings: Settings) -> None:
    """Run the call server until SIGTERM or SIGINT; prints `ready` when it takes calls."""
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    told = Event()
    process = CallServerProcess(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, told.set)
    process.start()
    gc.collect()
    gc.freeze()  # what is loaded stays: the collector need not look at it in the middle of calls
    sys.setswitchinterval(HAND_OVER_S)
    print("ready", flush=True)
    told.wait()
    process.stop()


def _password(settings: Settings) -> str:
    if settings.switch == "freeswitch" and settings.freeswitch_password_file:
        return settings.freeswitch_password_file.read_text(encoding="utf-8").strip()
    return secrets_store.load(settings.secrets).esl_password


@contextlib.contextmanager
def _logged(what: str, *expected: type[BaseException]) -> Any:
    """A loop goes on after a failure; it is in the log."""
    try:
        yield
    except expected as error:
        log.warning("%s: %s", what, error)
    except Exception:
        log.exception("%s failed", what)

"""All parts of the call server and how they hang together.

Start is a recipe from top to bottom; stop is its reverse.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Any

import gevent
from gevent.event import Event

from crm_lite.store import database, queries
from crm_lite.store.projector import Projector

from .. import secrets_store
from ..core import signals as s
from ..core.world import World
from ..flowfiles.book import Book
from ..runtime import directory, http, ports
from ..runtime.clock import Timers, WallClock
from ..runtime.commands import Commands
from ..runtime.control import ControlServer
from ..runtime.feed import Feed
from ..runtime.greetings import Greetings
from ..runtime.journal import Batch, Journal
from ..runtime.mending import Mender
from ..runtime.public_holidays import public_holidays
from ..runtime.recovery import fold, recover
from ..runtime.turn import FLOOR, Turns
from ..settings import Settings
from ..speech.lexicon import Lexicon
from ..speech.speech import Speech
from ..speech.voices import Voices
from ..switches import voice
from ..switches.away import away
from ..switches.call_server import CallServer
from ..switches.control_line import ControlLine
from ..switches.errors import SwitchGone
from ..switches.events import SUBSCRIBED
from ..switches.listener import CallListener
from ..switches.missed_calls import MissedCalls
from ..switches.reconciler import EVERY_S, Reconciler
from ..switches.recording_ends import RecordingEnds, recorded_s
from . import room
from .flows_in_force import FlowsInForce
from .logged import logged
from .roster import Roster

log = logging.getLogger(__name__)

SWITCH = "switch"  # the snapshot that names the switch of the last look
LATELY = 5000  # entries of the journal: what was closed in them may lack its recording's end
LOOK_S = 1.0  # between looks at the YAML files and the roster


class CallServerProcess:
    """`start`, then `stop`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started_at = time.time()
        self.book = Book(settings.flows, settings.conf, settings.sounds)
        self.clock = WallClock(settings.timezone, public_holidays(settings.holidays, settings.timezone))
        self.journal = Journal(settings.journal, full_sync=settings.journal_sync == "full")
        lexicon = Lexicon(settings.sounds)
        self.speech = Speech(settings.var, Voices(settings.voices), lexicon.of)
        self.greetings = Greetings(
            self.journal, self.clock.now, lambda: self.book.prompts, settings.var, self.speech
        )
        self.turns = Turns(self.journal, self.clock.now, self._world, self._load)
        self.journal.on_well(self.turns.forget_closed)
        self.flows = FlowsInForce(self.book, self.journal, self.speech, lexicon, self._tell_floor)
        self.timers = Timers(self.clock.now, lambda stream, name: self.turns.take(stream, s.TimerFired(name)))
        self.crm = database.open(settings.crm_database, cooperative=True)
        self.feed = Feed(self.journal, self._open_rows)
        self.line = self._control_line()
        self.roster = Roster(settings, self.crm, self.book, self.line, self._tell_floor)
        self.voice = voice.VoiceSwitch(
            self.line, self.turns.take, settings.sounds, settings.var, settings.domain, self.speech.speak
        )
        self.mender = Mender(self.turns)
        self.reconciler = Reconciler(
            self.line,
            self.voice,
            self.turns.take,
            self.turns.interactions,
            recorded_s=lambda path: recorded_s(settings.var / path),
        )
        self.missed = MissedCalls(self.line, self.voice.callers, self.turns.take, self.book.flow_of)
        self.voice.on_stranger = self.missed.gone
        self.recording_ends = RecordingEnds(self.line, settings.var, self.turns.take)
        server = CallServer(self.voice, self.turns.take, self.book.flow_of)
        self.listener = CallListener(settings.call_server, server.serve)
        self.control = ControlServer(settings.control_socket, self._commands())
        self._reading = self.journal.reader()
        self._stopping = Event()
        self._loops: list[gevent.Greenlet] = []

    # --- the recipe -------------------------------------------------------------------------------------
    def start(self) -> None:
        self._wire_ports()
        self.flows.restore(self._reading)
        self._go_on_behind_the_crm()
        self.journal.start()
        timers = recover(self.turns, self._reading)
        self._remember_switch()
        self._remember_recordings()
        self.greetings.recover(list(self._reading.facts_of("greetings")))
        self.flows.keep()
        self.flows.configure()
        self.roster.load()
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

    def _commands(self) -> dict[str, Any]:
        own = {"flows": self.flows.told, "reload": self.flows.reload, "greeting": self.greetings.command}
        return Commands(self.turns, self.health).table() | own

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
        self.voice.line_up()

    def _open_rows(self) -> Projector:
        return Projector(database.open(self.settings.crm_database))

    def _go_on_behind_the_crm(self) -> None:
        """It passes over what it takes for seen: lost facts' positions are not used again."""
        with logged("the CRM's position", database.DatabaseError):
            if lost := self.journal.go_on_behind(Projector(self.crm).position()):
                log.error("the journal lacks the last %d positions that the CRM has, and goes on", lost)

    def _tell_floor(self, signal: Any) -> None:
        self.turns.take(FLOOR, signal)

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
        with logged("the journal cannot be read", sqlite3.Error):  # a new call begins all the same
            return fold(self._reading.facts_of(stream))
        return None

    # --- what is looked at again and again ------------------------------------------------------------------
    def _look_at_files(self) -> None:
        while not self._stopping.wait(LOOK_S):
            with logged("reload"):
                self.flows.look()
                self.roster.look()
                self.greetings.tidy()

    def _reconcile(self) -> None:
        while not self._stopping.wait(EVERY_S):
            with logged("mender"):
                self.turns.begin_day()
                self.mender.look()
            if self.line.is_up:
                self._look_at_switch()
                with logged("recordings"):
                    self.recording_ends.look()

    def _remember_switch(self) -> None:
        """Which switch the calls were on when the process before this one was last alive."""
        self.reconciler.on_core = lambda core: self.journal.append(Batch(snapshot=(SWITCH, 0, core)))
        known = self._reading.snapshot(SWITCH)
        if known:
            self.reconciler.remember_core(known[1], self._reading.last_at())

    def _remember_recordings(self) -> None:
        """Those of open interactions, and of such as were closed just before the end of the last run."""
        for stream in {*self.turns.interactions, *self._reading.closed_lately(LATELY)}:
            state = self.turns.interactions.get(stream) or self._load(stream)
            if state is not None:
                self.recording_ends.remember(stream, state)
        self.turns.watchers.append(self._watch_recordings)

    def _watch_recordings(self, stream: str, fact: Any, at: float) -> None:
        state = self.turns.interactions.get(stream)
        if state is not None:
            self.recording_ends.watch(stream, fact, state.leg)

    def _look_at_switch(self) -> None:
        with logged("reconciler", SwitchGone, TimeoutError):
            self.reconciler.look()
            self.missed.look()

    def health(self) -> dict[str, Any]:
        """How this process is, for `hotline status` and the admin."""
        line = self.line
        address = f"{line.host}:{line.port}"
        alarms = {
            "switch": "" if line.is_up else away(self.settings.switch, address, line.failure),
            "journal": self.journal.alarm or self.journal.displaced(),
            "crm": self.feed.alarm or self.roster.alarm,
            "flows": self.flows.alarm,
            "disk": room.alarm(self.settings.var),
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


def _password(settings: Settings) -> str:
    if settings.switch == "freeswitch" and settings.freeswitch_password_file:
        return settings.freeswitch_password_file.read_text(encoding="utf-8").strip()
    return secrets_store.load(settings.secrets).esl_password

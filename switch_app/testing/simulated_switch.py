"""A telephone switch without telephony: legs, where they are, and who hears of it.

It outlives the application, as FreeSWITCH does: a caller in the socket comes back through the recover
extension, a pair goes on talking, and whoever talked comes back when the talk ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from .virtual_clock import Task, VirtualClock

SERVED_S = 2.0  # of a caller who stayed so long there must be a record
STALL_S = 1.5  # now and then an event is late: a busy network, a busy hub
RETRY_S = 2.0  # music of the recover extension between two tries of the socket
EVENT_S = 0.02  # an event waits at most so long in the listener's queue (mod_event_socket.c)


class Party(Protocol):
    """Who has a leg in hand: a person with a phone."""

    message_s: float  # how long a message is spoken

    def rings(self, leg: Leg) -> None: ...
    def hears(self, leg: Leg, sounds: tuple[str, ...]) -> None: ...
    def talks(self, leg: Leg) -> None: ...
    def gone(self, leg: Leg) -> None: ...


class Application(Protocol):
    """The application's ends: the socket's server, and what hears the control line."""

    def attach(self, leg: Leg) -> None: ...
    def detach(self, leg: Leg) -> None: ...
    def pressed(self, leg: Leg, digit: str) -> None: ...
    def hung_up(self, leg: Leg, reason: str, by: str) -> None: ...
    def bridged(self, leg: Leg, other: Leg) -> None: ...
    def held(self, leg: Leg) -> None: ...
    def taken_back(self, leg: Leg) -> None: ...
    def recorded(self, leg: Leg, path: str, duration_s: float) -> None: ...
    def contact_lost(self, contact: str) -> None: ...


@dataclass(slots=True, eq=False)
class Leg:
    """at: dialplan (on the way to the socket) | socket | limbo (nobody is in control) | ringing | park |
    joining | bridge | gone. resume: what socket_resume says. party: caller | agent | transfer."""

    id: str
    interaction: str
    party: str
    number: str
    person: Party
    dnis: str = ""
    context: str = "inbound"
    at: str = "dialplan"
    resume: bool = True
    partner: Leg | None = None
    recordings: dict[str, float] = field(default_factory=dict)  # path -> since
    message: str = ""
    held_at: float | None = None  # its person has put the other side on hold
    bridged_at: float = 0.0
    answered: Callable[[str], None] | None = None  # takes the originate's result
    heard_at: float = 0.0  # the socket keeps its order
    arrived_at: float = 0.0
    entered_at: float = 0.0  # the socket


@dataclass(slots=True)
class Phone:
    """A registered device; it takes one call at a time."""

    person: Party
    registered: bool = True
    leg: Leg | None = None


class SimulatedSwitch:
    """Commands do what they do at once; what the application hears of it comes a moment later."""

    def __init__(self, clock: VirtualClock, random: Random) -> None:
        self.clock, self.random = clock, random
        self.legs: dict[str, Leg] = {}
        self.phones: dict[str, Phone] = {}
        self.ended: dict[str, float] = {}  # leg -> when it ended
        self.talked: Counter[str] = Counter()  # interaction -> seconds with agents
        self.on_hold: Counter[str] = Counter()  # interaction -> seconds of these on hold by them
        self.served: set[str] = set()  # interactions that the application had for SERVED_S at a stretch
        self.notes: dict[str, str] = {}  # leg -> what the dialplan wrote down while nobody was in the socket
        self.noted: set[str] = set()  # interactions of callers who were written down, in this life
        self.may_repeat: set[str] = set()  # interactions whose last orders are in no journal (Ledger.forgive)
        self.core = 1
        self.app: Application | None = None
        self.line_up = False
        self.admits = True  # a switch that has just started takes calls once its control line is up
        self.stalled = False  # the control line is dead and nobody has noticed: what it is given is lost
        self.unanswered: list[Callable[[], None]] = []  # what is to be done when the line's end is noticed
        self._line = 0  # counts connections of the control line
        self._heard_at = 0.0

    # --- the application's connections -----------------------------------------------------------------
    def listen(self, app: Application) -> None:
        """The application takes callers from now on."""
        self.app = app

    def open_line(self) -> None:
        self.line_up = self.admits = True

    def drop_line(self) -> None:
        """Events and replies that are on the way are lost."""
        self.line_up = self.stalled = False
        self._line += 1
        unanswered, self.unanswered = self.unanswered, []
        for gone in unanswered:
            gone()

    def application_died(self) -> None:
        self.app = None
        self.drop_line()
        for leg in list(self.legs.values()):
            if leg.at == "socket":
                if leg.resume:
                    self.enter(leg, 0.01)
                else:
                    leg.at = "limbo"

    def die(self) -> None:
        """The switch itself dies with all it holds; a new one starts with its line down."""
        self.drop_line()
        self.core += 1
        self.admits = False
        self.noted -= self.notes.keys()
        self.notes.clear()
        for leg in list(self.legs.values()):
            self._vanish(leg)
        for phone in self.phones.values():
            phone.registered = False

    def _vanish(self, leg: Leg) -> None:
        del self.legs[leg.id]
        self._part(leg)
        app, in_socket = self.app, leg.at == "socket"
        leg.at = "gone"
        self.ended[leg.id] = self.clock.now()
        self._free_phone(leg)
        leg.person.gone(leg)
        if in_socket and app is not None:
            self.clock.call_later(self.moment(), self._to(app, "detach"), leg)

    # --- callers -----------------------------------------------------------------------------------------
    def call_in(self, leg: Leg) -> None:
        """An INVITE: into the dialplan, and from there into the socket."""
        if not self.admits:
            leg.at = "gone"
            return
        self.legs[leg.id] = leg
        leg.arrived_at = self.clock.now()
        phone = self.phones.get(leg.number) if leg.context == "agents" else None
        if phone:
            phone.leg = leg
        self.enter(leg, 0.0)

    def enter(self, leg: Leg, after_s: float) -> None:
        """The dialplan's `socket`, tried again with music between."""
        leg.at = "dialplan"
        self.clock.call_later(after_s + self.moment(), self._try_socket, leg)

    def _try_socket(self, leg: Leg) -> None:
        if leg.at != "dialplan":
            return
        if self.app is None:
            self._note(leg)
            self.clock.call_later(RETRY_S, self._try_socket, leg)
            return
        leg.at, leg.resume, leg.entered_at = "socket", True, self.clock.now()
        self.app.attach(leg)

    def _note(self, leg: Leg) -> None:
        """The recover extension's `hash`: a caller of whom there must be a record, whatever comes."""
        times = (str(round(moment * 1e6)) for moment in (leg.arrived_at, self.clock.now()))
        self.notes[leg.id] = "|".join((leg.context, leg.dnis, *times, leg.number))
        if leg.context == "inbound":
            self.noted.add(leg.interaction)

    def exit(self, leg: Leg) -> None:
        """The application leaves the socket: the dialplan goes on, to the recover extension."""
        if leg.at == "socket":
            self.enter(leg, 0.0)

    def press(self, leg: Leg, digit: str) -> None:
        if leg.at == "socket" and self.app is not None:
            leg.heard_at = max(leg.heard_at, self.clock.now() + self.moment())
            self.clock.call_at(leg.heard_at, self._pressed, self.app, leg, digit)

    def _pressed(self, app: Application, leg: Leg, digit: str) -> None:
        if self.app is app and leg.at == "socket":
            app.pressed(leg, digit)

    def end(self, leg: Leg, reason: str = "normal", by: str = "application") -> None:
        """A leg is over, whoever ends it; its partner goes with it, or back to the socket."""
        if self.legs.pop(leg.id, None) is None:
            return
        if leg.at == "socket" and self.clock.now() - leg.entered_at >= SERVED_S:
            self.served.add(leg.interaction)
        was, leg.at = leg.at, "gone"
        self.ended[leg.id] = self.clock.now()
        partner = self._part(leg)
        for path in list(leg.recordings):
            self.stop_recording(leg, path)
        if leg.message:
            self.stop_recording(leg, leg.message)
        self.tell("hung_up", leg, reason, by)
        if was == "ringing" and leg.answered:
            self.reply(leg.answered, reason)
        if partner is not None:
            self.clock.call_later(self.moment(), self._left_alone, partner)
        self._free_phone(leg)
        leg.person.gone(leg)
        if was == "socket" and self.app is not None:
            self.clock.call_later(self.moment(), self._to(self.app, "detach"), leg)

    def _part(self, leg: Leg) -> Leg | None:
        partner, leg.partner = leg.partner, None
        if partner is not None:
            partner.partner = None
            if "agent" in (leg.party, partner.party):
                self.talked[leg.interaction] += self.clock.now() - leg.bridged_at
            for each in (leg, partner):
                self._count_hold(each)
        return partner

    def _left_alone(self, leg: Leg) -> None:
        """The other side is gone: a caller comes back (transfer_after_bridge), the other leg is hung up."""
        if leg.at != "bridge":
            return
        if leg.party == "caller":
            self.enter(leg, 0.01)
        else:
            self.end(leg)

    def _free_phone(self, leg: Leg) -> None:
        phone = self.phones.get(leg.number)
        if phone and phone.leg is leg:
            phone.leg = None

    # --- commands of the control line --------------------------------------------------------------------
    def originate(self, leg: Leg, ring_s: float, answered: Callable[[str], None]) -> None:
        """Ring the phone of `leg.number`; answered("") or answered(reason of the failure)."""
        known = leg.id in self.legs or leg.id in self.ended
        if known and leg.interaction not in self.may_repeat:
            raise AssertionError(f"leg {leg.id} is called twice")
        phone = self.phones.get(leg.number)
        if leg.id in self.legs:
            self.reply(answered, "failed")
        elif phone is None or not phone.registered:
            self.reply(answered, "unreachable")
        elif phone.leg is not None:
            self.reply(answered, "busy")
        else:
            leg.at, leg.answered, phone.leg = "ringing", answered, leg
            leg.person = phone.person
            self.legs[leg.id] = leg
            self.clock.call_later(max(1, round(ring_s)), self._rung_out, leg)
            leg.person.rings(leg)

    def _rung_out(self, leg: Leg) -> None:
        if leg.at == "ringing":
            self.end(leg, "no_answer", "unknown")

    def pick_up(self, leg: Leg) -> None:
        """The phone is answered: parked until it is joined."""
        if leg.at == "ringing":
            leg.at = "park"
            if leg.answered:
                self.reply(leg.answered, "")

    def bridge(self, leg: Leg | None, other: Leg | None) -> bool:
        """uuid_bridge, caller first; False is -ERR."""
        if (
            leg is None
            or other is None
            or other.at != "park"
            or leg.at not in ("socket", "dialplan", "limbo")
        ):
            return False
        leg.at = other.at = "joining"
        self.clock.call_later(self.moment(), self._meet, leg, other)
        return True

    def _meet(self, leg: Leg, other: Leg) -> None:
        if leg.at != "joining":
            self.end(other, "cancelled")
        elif other.at != "joining":
            self.enter(leg, 0.01)  # uuid_bridge_continue_on_cancel
        else:
            leg.at = other.at = "bridge"
            leg.partner, other.partner = other, leg
            leg.bridged_at = other.bridged_at = self.clock.now()
            self.tell("bridged", leg, other)
            leg.person.talks(leg)
            other.person.talks(other)

    def hold(self, leg: Leg, on: bool) -> None:
        """The phone of a leg holds the other side, or takes it back."""
        if leg.at != "bridge" or on == (leg.held_at is not None):
            return
        if on:
            leg.held_at = self.clock.now()
        else:
            self._count_hold(leg)
        self.tell("held" if on else "taken_back", leg)

    def _count_hold(self, leg: Leg) -> None:
        if leg.held_at is not None and leg.party == "agent":
            self.on_hold[leg.interaction] += self.clock.now() - leg.held_at
        leg.held_at = None

    def start_recording(self, leg: Leg, path: str) -> None:
        leg.recordings[path] = self.clock.now()

    def start_message(self, leg: Leg, path: str, max_s: float, silence_s: float) -> Task:
        """Record what the caller says, up to a silence."""
        leg.recordings[path] = self.clock.now()
        leg.message = path
        spoken_s = min(leg.person.message_s + silence_s, max_s)
        return self.clock.call_later(spoken_s, self.stop_recording, leg, path)

    def stop_recording(self, leg: Leg, path: str) -> None:
        since = leg.recordings.pop(path, None)
        if since is not None:
            leg.message = "" if leg.message == path else leg.message
            self.tell("recorded", leg, path, round(self.clock.now() - since, 3))

    def recover(self, leg: Leg) -> None:
        """uuid_transfer to the recover extension; a pair is parted."""
        partner = self._part(leg)
        if partner is not None:
            self.end(partner)
        self.enter(leg, 0.0)

    # --- phones --------------------------------------------------------------------------------------------
    def unplug(self, contact: str) -> None:
        """The device is gone without a word: its call ends by the media time-out, its registration later."""
        phone = self.phones[contact]
        phone.registered = False
        if phone.leg is not None and phone.leg.at != "ringing":
            self.clock.call_later(self.random.uniform(5, 20), self.end, phone.leg, "unreachable", "unknown")
        self.clock.call_later(self.random.uniform(10, 60), self._expired, phone, contact)

    def _expired(self, phone: Phone, contact: str) -> None:
        if not phone.registered:
            self.tell("contact_lost", contact)

    # --- what the application hears ------------------------------------------------------------------------
    def moment(self) -> float:
        """A few milliseconds on the way."""
        return self.random.uniform(0.001, EVENT_S)

    def tell(self, what: str, *about: Any) -> None:
        """An event on the control line, in order; lost when nobody listens."""
        if self.app is not None and self.line_up and not self.stalled:
            late_s = self.random.uniform(0, STALL_S) if self.random.random() < 0.01 else 0.0
            self._heard_at = max(self._heard_at, self.clock.now() + self.moment() + late_s)
            self.clock.call_at(self._heard_at, self._hear, self._line, self._to(self.app, what), about)

    def reply(self, call: Callable[..., None], *about: Any) -> None:
        """A reply on the control line: it may overtake events, and is lost with the line."""
        if self.line_up and not self.stalled:
            self.clock.call_later(self.moment(), self._hear, self._line, call, about)

    def _hear(self, line: int, call: Callable[..., None], about: tuple[Any, ...]) -> None:
        if line == self._line and self.line_up and not self.stalled:
            call(*about)

    def _to(self, app: Application, what: str) -> Callable[..., None]:
        def call(*about: Any) -> None:
            if self.app is app:
                getattr(app, what)(*about)

        return call

"""A channel: one leg with its variables, its state, and what is waiting to be executed on it."""

from __future__ import annotations

import logging
import re
import uuid as uuid_module
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..dialplan.routes import Action
from ..loop import Timer
from ..media.stream import Stream
from ..sip.causes import NUMBER
from ..tasks import Future
from ..truth import is_true
from .headers import channel_headers
from .holding import hold_music
from .profile import Profile, micros
from .states import CALL_STATES, State
from .variables import set_media

if TYPE_CHECKING:
    from ..control.outbound import OutboundListener
    from ..sip.inbound import InboundLeg
    from ..sip.outbound import OutboundLeg
    from ..switch import Switch

log = logging.getLogger("softswitch.channel")
_NAME = re.compile(r"[!-9;-~]{1,128}")
_MAX_VARIABLES = 2000
_MAX_PRIVATE = 1000
MAX_DEPTH = 16
"""How many applications may run inside one another (SWITCH_MAX_STACKS)."""


@dataclass(frozen=True)
class Message:
    """A private event: what sendmsg or uuid_broadcast asks a channel to do."""

    command: str
    app: str = ""
    arg: str = ""
    event_uuid: str = ""
    cause: str = ""
    lock: bool = False
    loops: int = 1


class Channel:
    """Its coroutine (machine.run) is what FreeSWITCH's session thread is."""

    def __init__(self, switch: Switch, profile: Profile, stream: Stream) -> None:
        self.switch = switch
        self.uuid = profile.uuid
        self.profile = profile
        self.direction = profile.direction
        self.name = profile.channel_name
        self.stream = stream
        self.leg: InboundLeg | OutboundLeg | None = None
        self.variables: dict[str, str] = {
            "direction": self.direction,
            "uuid": self.uuid,
            "channel_name": self.name,
        }
        self.state = self.running = State.CS_NEW
        self.call_state = "DOWN"
        self.answered = self.early = self.ringing = False
        self.transferring = self.redirecting = False
        self.bridged = self.controlled = False
        self.broadcast = self.stop_broadcast = False
        self.break_next = False
        self.locks = self.depth = 0
        self.originating = False
        self.bridge_originator = False
        self.bridge_role = ""  # in a uuid_bridge that is under way: originator, originatee
        self.other_profile: tuple[str, Profile] | None = None
        self.partner: Channel | None = None
        self.cause = ""
        self.sip_code = 0
        self.extension: deque[Action] = deque()
        self.extension_name = ""
        self.application = ("", "")
        self.private: deque[Message] = deque(maxlen=_MAX_PRIVATE)
        self.listener: OutboundListener | None = None
        self.recorders: dict[str, Any] = {}
        self.recording_limits: dict[str, Any] = {}  # path -> SilenceLimits
        self.recording_ends: dict[str, Timer] = {}  # path -> of its longest time
        self.digit_queue: deque[str] = deque(maxlen=128)
        self.first_destination = profile.destination_number
        self.created_at = monotonic()
        self.answered_future: Future[bool] = Future()
        self.progressed: Future[bool] = Future()
        self.ended: Future[None] = Future()
        self._epoch = self._running_epoch = 0
        self._wake: Future[None] | None = None

    # -- variables ----------------------------------------------------------------------------
    def get(self, name: str) -> str | None:
        """A variable, else a field of the caller profile, else a global variable."""
        found = self.variables.get(name)
        if found is None:
            found = self.profile.field(name)
        return self.switch.globals.get(name) if found is None else found

    def set(self, name: str, value: str | None) -> None:
        """An empty value takes the variable away. A name that could not be a header's is ignored."""
        if not value:
            self.variables.pop(name, None)
        elif not _NAME.fullmatch(name):
            log.warning("no name for a variable: %.60r", name)
        elif name in self.variables or len(self.variables) < _MAX_VARIABLES:
            self.variables[name] = value[:65_536]

    def true(self, name: str) -> bool:
        return is_true(self.variables.get(name))

    # -- state --------------------------------------------------------------------------------
    @property
    def up(self) -> bool:
        return self.state < State.CS_HANGUP

    @property
    def ready(self) -> bool:
        """May what is running go on? Not after a change of state (switch_channel_ready)."""
        return self.up and self._epoch == self._running_epoch and not self.transferring

    def set_state(self, state: State) -> None:
        """Ask for another state; the running application ends and the machine goes there."""
        if self.state >= State.CS_HANGUP and state <= self.state:
            return
        self.state = state
        self._epoch += 1
        self.poke()
        if self.partner:
            self.partner.poke()

    def enter(self) -> State:
        """The machine begins the state that was asked for."""
        self.running, self._running_epoch = self.state, self._epoch
        self.transferring = self.redirecting = False
        log.debug("%s: state %s", self.name, self.running.name)
        self.fire("CHANNEL_STATE")
        if self.partner:
            self.partner.poke()
        return self.running

    def set_call_state(self, call_state: str) -> None:
        if call_state != self.call_state:
            before, self.call_state = self.call_state, call_state
            number = {"Channel-Call-State-Number": str(CALL_STATES.index(call_state))}
            self.fire("CHANNEL_CALLSTATE", {"Original-Channel-Call-State": before, **number})

    def hangup(self, cause: str) -> None:
        """End the call; the first cause counts."""
        if not self.up:
            return
        self.cause = cause
        self._down()
        if self.leg:
            self.leg.hangup(cause)

    def _down(self) -> None:
        if self.call_state == "HELD":
            self.leg_held(False)
        self.profile.times.hungup = micros()
        self.set_state(State.CS_HANGUP)
        self.stream.stop()
        self.set("hangup_cause", self.cause)
        self.fire("CHANNEL_HANGUP")
        self.ended.set()

    # -- waiting ------------------------------------------------------------------------------
    def poke(self) -> None:
        """Something changed: whoever waits on this channel looks again."""
        wake, self._wake = self._wake, None
        if wake:
            wake.set()

    async def pause(self, future: Future[Any] | None = None, timeout_s: float | None = None) -> None:
        """Wait until something changes, the future is set, or the time is over. May return early."""
        wake = self._wake = Future[None]()
        timer = self.switch.loop.later(timeout_s, self.poke) if timeout_s is not None else None
        if future is not None and future.done:
            self.switch.loop.soon(self.poke)  # at least one turn, so that no caller can spin
        elif future is not None:
            future.when_done(self.poke)
        await wake
        if timer is not None:
            timer.cancel()
        if future is not None:
            future.ignore(self.poke)

    # -- messages -----------------------------------------------------------------------------
    def send(self, message: Message) -> bool:
        """Queue a private event. False when too many wait."""
        if len(self.private) >= _MAX_PRIVATE:
            return False
        self.private.append(message)
        self.poke()
        return True

    @property
    def has_private(self) -> bool:
        """Is there a message that may run now? Not inside one that was sent with event-lock, nor in the
        sixteenth that runs inside others."""
        return bool(self.private) and not self.locks and self.depth < MAX_DEPTH

    def break_playback(self) -> None:
        self.break_next = True
        self.poke()

    # -- events -------------------------------------------------------------------------------
    def fire(self, name: str, extra: Mapping[str, str] | None = None) -> None:
        self.switch.bus.fire(name, lambda: {**channel_headers(self, name), **(extra or {})})

    # -- what the leg reports -----------------------------------------------------------------
    def leg_heard(self, host: str) -> None:
        """A response came from the network: the phone is there (sofia.c, sofia_handle_sip_r_invite)."""
        self.set("sip_reply_host", host)

    def leg_progress(self, code: int, has_media: bool) -> None:
        if has_media and not self.early:
            self.early = True
            self.profile.times.progress_media = micros()
            set_media(self)
            self.fire("CHANNEL_PROGRESS_MEDIA")
            self.set_call_state("EARLY")
        elif not self.ringing and not has_media:
            self.ringing = True
            self.profile.times.progress = micros()
            self.fire("CHANNEL_PROGRESS")
            self.set_call_state("RINGING")
        self.progressed.set(True)
        self.poke()

    def leg_answered(self) -> None:
        from .answering import mark_answered

        mark_answered(self)

    def leg_confirmed(self) -> None:
        return None

    def leg_ended(self, cause: str, code: int) -> None:
        if not self.up:
            return
        self.sip_code = code
        self.cause = cause
        cancelled = cause == "ORIGINATOR_CANCEL" and self.direction == "inbound"
        how = "recv_bye" if self.answered else "recv_cancel" if cancelled else "recv_refuse"
        self.set("sip_hangup_disposition", how)
        self.set("sip_term_status", str(code))
        self.set("sip_term_cause", str(NUMBER.get(cause, 16)))
        self._down()

    def leg_digit(self, digit: str, samples: int, source: str) -> None:
        if not self.up:
            return
        self.digit_queue.append(digit)
        if not self.true("sensitive_dtmf"):  # switch_channel_dequeue_dtmf keeps those to itself
            self.fire("DTMF", {"DTMF-Digit": digit, "DTMF-Duration": str(samples), "DTMF-Source": source})
        if self.bridged and self.partner and self.partner.up and not self.true("bridge_filter_dtmf"):
            self.partner.stream.send_digit(digit, samples)
        self.poke()

    def leg_held(self, held: bool) -> None:
        self.set_call_state("HELD" if held else "UNHELD")
        self.fire("CHANNEL_HOLD" if held else "CHANNEL_UNHOLD")
        if self.bridged and self.partner:
            hold_music(self, self.partner, held)

    def leg_refer(self, target: Any, replaces: tuple[str, str, str] | None) -> Callable[[], object] | None:
        from .refer import refer

        return refer(self, target, replaces)


def new_uuid() -> str:
    return str(uuid_module.uuid4())

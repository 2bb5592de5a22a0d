"""A caller's leg while it is in our socket: orders in, signals out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.esl import commands
from switch_app.esl.message import Event

from .causes import cause_of
from .later import later
from .messages import Messages
from .player import Player, Speak
from .session import OutboundCall
from .sounds import playable

log = logging.getLogger(__name__)

DIGITS = "0123456789*#ABCD"
HOLD_S = 8.0  # a bridge that has not come by then does not come (core.interaction.deadlines, JOIN_S)
BREAK_AGAIN_S = 0.1
QUIET_S = 1.0  # a join waits no longer for the end of what plays; 20 ms are usual


class Caller:
    """Owns one OutboundCall. `tell` takes the signals of its interaction."""

    def __init__(
        self,
        call: OutboundCall,
        arrived: s.CallArrived,
        sounds_dir: Path,
        messages: Messages,
        tell: Callable[[Any], object],
        speak: Speak | None = None,
    ) -> None:
        self.call, self.messages, self.tell = call, messages, tell
        self.leg, self.ani, self.name = arrived.leg, arrived.ani, arrived.name
        self._sounds = sounds_dir
        self._recording: o.RecordMessage | None = None
        self._answered = False
        self._joins = 0
        self._before: list[OutboundCall] = []  # this leg's connections of before, quiet (`replaced`)
        self._player = Player(call.execute, self._break, self._playable, tell, speak)
        self._rules: dict[type, Callable[[Any], None]] = {
            o.Answer: self._answer,
            o.Play: self._play,
            o.StopPlay: lambda order: self._player.silence(),
            o.RecordMessage: self._record,
            o.ShieldDigits: self._shield,
            o.HangUp: self._hang_up,
        }

    def carry_out(self, order: Any) -> bool:
        """True if the order is one for a caller's own socket."""
        rule = self._rules.get(type(order))
        if rule:
            rule(order)
        return rule is not None

    def heard(self, event: Event) -> None:
        """An event of this leg."""
        name = event.name
        if name == "DTMF":
            digit = event.get("DTMF-Digit", "")
            if digit and digit in DIGITS:
                if self._recording:
                    self.messages.stop(self.leg)
                self.tell(s.DigitPressed(self.leg, digit))
        elif name == "CHANNEL_EXECUTE_COMPLETE" and not self._player.completed(event):
            order = self._recording
            if order is not None and event.get("Application-UUID") == f"record:{order.ref}":
                self._recording = None
                if event.get("Answer-State", "") != "hangup":  # which ends the recording by itself
                    self.messages.stop(self.leg)

    def refused(self, event_uuid: str, text: str) -> None:
        """The switch did not take an application: its result is a failure."""
        log.error("the switch refused %s: %s", event_uuid.partition(":")[0], text)
        self._player.refused(event_uuid)
        order = self._recording
        if order is not None and event_uuid == f"record:{order.ref}":
            self._recording = None
            self.messages.stop(self.leg)

    def gone(self) -> None:
        """The socket is gone: the leg has hung up, or the switch has sent it elsewhere."""
        self._player.gone()

    def follows(self, other: Caller) -> None:
        """The leg has come into the socket again, while its connection of before is still there.

        That one stays, without a word: FreeSWITCH takes its end for the application's death while
        socket_resume is true, and pulls the leg out of the connection that it is in (mod_event_socket.c, the
        end of listener_run), which makes another one, and so on for ever.
        """
        self._before = [call for call in (*other._before, other.call) if call.connected]
        other._fall_quiet()

    def _fall_quiet(self) -> None:
        """Never two masters: no command goes this way any more, and nothing is heard on it."""
        self._recording = None
        self._player.gone()
        self.call.on_event = lambda event: None
        self.call.on_refused = None
        self.call.post(commands.noevents())

    def let_go(self) -> None:
        """The leg is somebody else's from now on, or gone: every connection ends."""
        for call in (*self._before, self.call):
            call.exit()

    def joining(self, quiet: Callable[[], object]) -> None:
        """A bridge is to take the leg, from `quiet()` on: what plays ends, no sound for HOLD_S at most."""
        self._joins += 1
        later(QUIET_S, self._no_longer_waiting, self._joins)
        later(HOLD_S, self._no_longer_joining, self._joins)
        self._player.hold(quiet)

    def _no_longer_waiting(self, join: int) -> None:
        if join == self._joins:
            self._player.go_on()

    def _no_longer_joining(self, join: int) -> None:
        """Whether they are bridged is not known: that the leg is one that comes back must wait, as it would
        part them."""
        if join == self._joins:
            self._player.release()

    def not_joined(self) -> None:
        """There is no bridge: the leg hears what it is to hear again, and is one that comes back should the
        application die."""
        self._player.release()
        self.call.post(commands.api("uuid_setvar", f"{self.leg} socket_resume true"))

    def joined(self) -> None:
        """The leg talks with another one and is the control line's now: let go of it."""
        self.let_go()
        self._player.taken()

    # --- orders -------------------------------------------------------------------------------------------
    def _answer(self, order: o.Answer) -> None:
        if not self._answered:
            self._answered = True
            self.call.execute("answer", "", "answer")

    def _play(self, order: o.Play) -> None:
        self._player.play(order)

    def _playable(self, order: o.Play) -> str:
        return playable(order.sounds, self._sounds, order.endless)

    def _break(self) -> None:
        """Again and again until the sound has ended: a break that overtakes the start of its sound is
        lost, because every application begins with a fresh flag (switch_core_session.c,
        switch_core_session_exec)."""
        self.call.post(commands.api("uuid_break", self.leg))
        if self._player.stopping:
            gevent.spawn_later(BREAK_AGAIN_S, self._break_again, self._player.stopping)

    def _break_again(self, sound: str) -> None:
        if self._player.stopping == sound:
            self._break()

    def _shield(self, order: o.ShieldDigits) -> None:
        """Nothing to do on a switch that logs from notice on (`RECV DTMF` is info), as ours does.

        sensitive_dtmf would also withhold the DTMF events (switch_channel.c, switch_channel_dequeue_dtmf).
        """

    def _record(self, order: o.RecordMessage) -> None:
        """The message is recorded beside a silence: `record` itself hangs the caller up when the
        application dies (mod_dptools.c, record_function: the channel is no longer ready)."""
        self._recording = order
        self.messages.start(self.leg, order, self._message_ended)
        if self._recording is order:  # it has not failed at once
            silence = f"silence_stream://{order.max_s * 1000:.0f}"
            self.call.execute("playback", silence, f"record:{order.ref}")

    def _message_ended(self, ended: s.RecordEnded) -> None:
        """Its one result; the silence behind it is of no use any more."""
        recording, self._recording = self._recording, None
        if recording is not None:
            self._break()
        self.tell(ended)

    def _hang_up(self, order: o.HangUp) -> None:
        self.call.post(commands.hangup(cause_of(order.reason)))

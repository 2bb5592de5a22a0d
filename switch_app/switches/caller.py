"""A caller's leg while it is in our socket: orders in, signals out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.esl import commands
from switch_app.esl.message import Event

from .causes import cause_of
from .player import Player
from .session import OutboundCall
from .sounds import playable

log = logging.getLogger(__name__)

DIGITS = "0123456789*#ABCD"
SILENCE_LEVEL = 200  # of mod_dptools' record: the energy below which it is silence


class Caller:
    """Owns one OutboundCall. `tell` takes the signals of its interaction."""

    def __init__(
        self, call: OutboundCall, leg: str, sounds_dir: Path, var_dir: Path, tell: Callable[[Any], object]
    ) -> None:
        self.call, self.leg, self.tell = call, leg, tell
        self._sounds, self._var = sounds_dir, var_dir
        self._recording: o.RecordMessage | None = None
        self._answered = False
        self._player = Player(call.execute, self._break, self._playable, tell)
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
                self.tell(s.DigitPressed(self.leg, digit))
        elif name == "CHANNEL_EXECUTE_COMPLETE" and not self._player.completed(event):
            self._message_recorded(event)

    def refused(self, event_uuid: str, text: str) -> None:
        """The switch did not take an application: its result is a failure."""
        log.error("the switch refused %s: %s", event_uuid.partition(":")[0], text)
        self._player.refused(event_uuid)
        order = self._recording
        if order is not None and event_uuid == f"record:{order.ref}":
            self._recording = None
            self.tell(s.RecordEnded(order.ref, "failed"))

    def gone(self) -> None:
        """The socket is gone (hang-up, transfer, or the leg is the control line's now)."""
        self._player.gone()

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
        self.call.post(commands.api("uuid_break", self.leg))

    def _shield(self, order: o.ShieldDigits) -> None:
        """Nothing to do on a switch that logs from notice on (`RECV DTMF` is info), as ours does.

        sensitive_dtmf would also withhold the DTMF events (switch_channel.c, switch_channel_dequeue_dtmf).
        """

    def _record(self, order: o.RecordMessage) -> None:
        path = self._var / order.path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._recording = order
        hits = max(1, round(order.silence_s))
        self.call.execute("record", f"{path} {order.max_s:.0f} {SILENCE_LEVEL} {hits}", f"record:{order.ref}")

    def _message_recorded(self, event: Event) -> None:
        order = self._recording
        if order is None or event.get("Application-UUID") != f"record:{order.ref}":
            return
        self._recording = None
        length_ms = event.get("variable_record_ms", "0")
        duration_s = int(length_ms) / 1000 if length_ms.isascii() and length_ms.isdigit() else 0.0
        kept = (self._var / order.path).exists()
        self.tell(s.RecordEnded(order.ref, "done" if kept else "failed", order.path, duration_s))

    def _hang_up(self, order: o.HangUp) -> None:
        self.call.post(commands.hangup(cause_of(order.reason)))

"""The voice port: carries out orders for legs, by the caller's socket or by the control line."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.ids import derived_uuid
from switch_app.esl.message import Event

from . import events
from .caller import Caller
from .causes import cause_of
from .control_line import GONE, LATE, ControlLine
from .dialstring import safe_number, safe_text, variables
from .messages import FOLDER, Messages
from .session import OutboundCall

log = logging.getLogger(__name__)

Take = Callable[[str, Any], object]  # (stream, signal)
RECOVER = "recover:XML:recover"  # extension:dialplan:context of the way back into the socket
CONVERSATIONS = "recordings"  # folder in var
REMEMBERED = 500  # ended legs; what is still said of them comes within a second
ORDERS = (
    o.Answer,
    o.Play,
    o.StopPlay,
    o.RecordMessage,
    o.ShieldDigits,
    o.HangUp,
    o.TransferLeg,
    o.CallAgent,
    o.Join,
    o.StopRecording,
)


class VoiceSwitch:
    """One switch: its callers in the socket, its control line, and which leg is whose."""

    def __init__(
        self, line: ControlLine, take: Take, sounds_dir: Path, var_dir: Path, domain: str = ""
    ) -> None:
        self.line, self._take = line, take
        self._sounds, self._var, self._domain = sounds_dir, var_dir, domain
        self._messages = Messages(line, var_dir)
        self.callers: dict[str, Caller] = {}
        self.streams: dict[str, str] = {}  # leg -> stream
        self._joins: dict[str, tuple[str, o.Join]] = {}  # caller's leg -> its join under way
        self._transfers: dict[str, tuple[str, o.TransferLeg]] = {}  # new leg -> its transfer
        self._away: dict[str, tuple[str, o.TransferLeg]] = {}  # caller's leg -> talk elsewhere
        self._others: set[str] = set()  # other sides of those talks
        self._ended: deque[str] = deque(maxlen=REMEMBERED)  # legs whose end was told
        self._rules: dict[type, Callable[[str, Any], None]] = {
            o.CallAgent: self._call_agent,
            o.Join: self._join,
            o.HangUp: self._hang_up,
            o.StopRecording: self._stop_recording,
            o.TransferLeg: self._transfer,
            o.Play: self._play_nowhere,
            o.RecordMessage: self._record_nowhere,
        }

    # --- callers ------------------------------------------------------------------------------------------
    def attach(self, leg: str, stream: str, call: OutboundCall) -> o.TransferLeg | None:
        """A leg has entered the socket: its orders go there now. The transfer that it is back from."""
        caller = Caller(call, leg, self._sounds, self._messages, lambda signal: self._take(stream, signal))
        old, self.callers[leg] = self.callers.get(leg), caller
        if old is not None:
            old.call.exit()  # never two masters (survival.md)
        self.streams[leg] = stream
        call.on_event, call.on_refused = caller.heard, caller.refused
        away = self._away.pop(leg, None)
        return away[1] if away else None

    def detach(self, leg: str, call: OutboundCall) -> None:
        """A socket is gone; what the leg does now, the control line tells."""
        caller = self.callers.get(leg)
        if caller is not None and caller.call is call:
            del self.callers[leg]
            caller.gone()

    def is_transfer(self, leg: str) -> bool:
        """Whether a leg is the other side of a transfer, ringing or talking."""
        return leg in self._transfers or leg in self._others

    # --- orders -------------------------------------------------------------------------------------------
    def carry_out(self, stream: str, order: Any) -> None:
        """Carry out one order; its result comes as a signal of `stream`."""
        caller = self.callers.get(getattr(order, "leg", ""))
        if caller is not None and caller.carry_out(order):
            return
        rule = self._rules.get(type(order))
        if rule:
            if self.line.is_up:
                rule(stream, order)
            else:
                self._no_line(stream, order)
        else:
            log.info("%s for a leg that is not in the socket: dropped", type(order).__name__)

    def _no_line(self, stream: str, order: Any) -> None:
        """The control line is down: what has a result fails now, the rest is the reconciler's."""
        log.warning("no control line for %s of %s", type(order).__name__, stream)
        if isinstance(order, o.CallAgent):
            self.end(order.leg, s.LegEnded(order.leg, "unreachable", "NO_CONTROL_LINE"))
        elif isinstance(order, o.Join):
            self._joins.pop(order.leg, None)
            self._take(stream, s.JoinFailed(order.ref, "no control line"))
        elif isinstance(order, o.TransferLeg):
            self._take(stream, s.TransferEnded(order.ref, "failed", "no control line"))

    def _play_nowhere(self, stream: str, order: o.Play) -> None:
        self._take(stream, s.PlayEnded(order.ref, "failed", "not in the socket"))

    def _record_nowhere(self, stream: str, order: o.RecordMessage) -> None:
        self._take(stream, s.RecordEnded(order.ref, "failed"))

    def _call_agent(self, stream: str, order: o.CallAgent) -> None:
        self.streams[order.leg] = stream
        given = {name: safe_text(value) for name, value in order.variables.items()}
        values = {
            "origination_uuid": order.leg,
            "interaction_id": order.interaction,
            "hotline_leg": "agent",
            "originate_timeout": str(max(1, round(order.ring_s))),
            "origination_caller_id_number": safe_number(order.ani),
            "origination_caller_id_name": safe_text(order.name) or safe_number(order.ani),
            "ignore_early_media": "true",
            **given,
        }
        target = f"user/{safe_number(order.contact)}" + (f"@{self._domain}" if self._domain else "")
        call = f"{variables(values)}{target} &park()"
        self.line.bgapi("originate", call, on_text=lambda text: self._called(order.leg, text))

    def _join(self, stream: str, order: o.Join) -> None:
        """Caller first; from here transfer_after_bridge brings the caller back (survival.md)."""
        self._joins[order.leg] = (stream, order)
        values = f"socket_resume=false;transfer_after_bridge={RECOVER}"
        if order.recording:
            values += ";RECORD_STEREO=true"
        self.line.command("uuid_setvar_multi", f"{order.leg} {values}")
        self.line.command("uuid_bridge", f"{order.leg} {order.other}", self._bridge_asked(order.leg))

    def _bridge_asked(self, leg: str) -> Callable[[str], None]:
        def answered(text: str) -> None:
            join = self._joins.get(leg)
            if join is None or text.startswith("+OK") or text in (GONE, LATE):
                return  # unknown is not failed: the reconciler asks whether the pair is bridged
            del self._joins[leg]
            stream, order = join
            self.line.command("uuid_setvar", f"{leg} socket_resume true")
            self._take(stream, s.JoinFailed(order.ref, text.strip()))

        return answered

    def _hang_up(self, stream: str, order: o.HangUp) -> None:
        self.line.command("uuid_kill", f"{order.leg} {cause_of(order.reason)}")

    def _start_recording(self, stream: str, order: o.Join) -> None:
        path = self._var / order.recording
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._take(stream, s.RecordingFailed(order.leg, order.recording, str(error)))
            return

        def answered(text: str) -> None:
            if not text.startswith("+OK"):
                self._take(stream, s.RecordingFailed(order.leg, order.recording, text.strip()))

        self.line.command("uuid_record", f"{order.leg} start {path}", answered)

    def _stop_recording(self, stream: str, order: o.StopRecording) -> None:
        path = self._var / order.path
        self.line.command("uuid_record", f"{order.leg} stop {path}")

    def _transfer(self, stream: str, order: o.TransferLeg) -> None:
        """Call the other side, then bridge: the caller keeps what it hears until the answer."""
        other = derived_uuid(stream, order.ref, "transfer")
        self.streams[other] = stream
        self._transfers[other] = (stream, order)
        values = {
            "origination_uuid": other,
            "hotline_leg": "transfer",
            "originate_timeout": str(max(1, round(order.ring_s))),
            "ignore_early_media": "true",
        }
        number = safe_number(order.to)
        to = f"sofia/gateway/{safe_number(order.trunk)}/{number}" if order.trunk else f"user/{number}"
        if not order.trunk and self._domain:
            to += f"@{self._domain}"
        call = f"{variables(values)}{to} &park()"
        self.line.bgapi("originate", call, on_text=lambda text: self._called(other, text))

    # --- events -------------------------------------------------------------------------------------------
    def heard(self, event: Event) -> None:
        """An event of the control line."""
        rule = self._HEARD.get(event.name)
        if rule:
            rule(self, event)

    def _called(self, leg: str, text: str) -> None:
        """The result of an originate. Unknown is not failed: the deadline and the reconciler decide.

        CHANNEL_ANSWER comes 20 ms earlier, but a uuid_bridge at that moment makes the originate itself end
        with ORIGINATOR_CANCEL (1.11.2), as the leg leaves its hands before `&park()`.
        """
        if text in (GONE, LATE):
            return
        failed = events.originate_failed(leg, text)
        if failed is not None:
            self.end(leg, failed)
        elif leg in self._transfers:
            stream, order = self._transfers[leg]
            self._join(stream, o.Join(f"transfer:{order.ref}", order.leg, leg))
        elif leg in self.streams:
            self._take(self.streams[leg], s.LegAnswered(leg))

    def _stream_of(self, event: Event) -> str:
        leg = event.get("Unique-ID", "")
        known = self.streams.get(leg)
        if known:
            return known
        interaction = event.get("variable_interaction_id", "")
        return f"interaction:{interaction}" if interaction else ""

    def _bridged(self, event: Event) -> None:
        """The pair hears each other: the old socket must let go, the recording begins."""
        names = ("Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "Unique-ID", "Other-Leg-Unique-ID")
        legs = [event.get(name, "") for name in names]
        leg = next((each for each in legs if each in self._joins), "")
        if not leg or self._joins[leg][1].other not in legs:
            return
        stream, order = self._joins.pop(leg)
        caller = self.callers.pop(leg, None)
        if caller is not None:
            caller.joined()
        if order.other in self._transfers:
            self._away[leg] = self._transfers.pop(order.other)
            transfer = self._away[leg][1]
            self._others.add(order.other)
            self._take(stream, s.TransferBegun(transfer.ref, transfer.to))
            return
        self._take(stream, s.Joined(order.ref, order.leg, order.other))
        if order.recording:
            self._start_recording(stream, order)

    def _hung_up(self, event: Event) -> None:
        ended = events.leg_ended(event)
        self.end(ended.leg, ended, self._stream_of(event))

    def end(self, leg: str, ended: s.LegEnded, stream: str = "") -> None:
        """Exactly one end for each leg, whoever tells it first: its originate, its hang-up, or a look."""
        if leg in self._ended:
            return
        self._ended.append(leg)
        known = self.streams.pop(leg, "") or stream
        caller = self.callers.get(leg)
        if caller is not None:
            caller.call.exit()
        self._joins.pop(leg, None)
        self._away.pop(leg, None)
        self._others.discard(leg)
        transfer = self._transfers.pop(leg, None)
        if transfer is not None:
            result = ended.reason if ended.reason in ("busy", "no_answer", "unreachable") else "failed"
            self._take(transfer[0], s.TransferEnded(transfer[1].ref, result, ended.cause))
        elif known:
            self._take(known, ended)

    def _recorded(self, event: Event) -> None:
        path = Path(event.get("Record-File-Path", ""))
        if self._messages.stopped(event):
            return
        stream = self._stream_of(event)
        folders = (self._var / CONVERSATIONS, self._var / FOLDER)
        if stream and any(path.is_relative_to(folder) for folder in folders):
            self._take(stream, events.recording_ended(event, str(path.relative_to(self._var))))

    def _contact_lost(self, event: Event) -> None:
        if event.get("Event-Subclass", "") in ("sofia::unregister", "sofia::expire"):
            contact = event.get("from-user", "") or event.get("user", "")
            if contact:
                self._take("floor", s.ContactLost(contact))

    _HEARD: dict[str, Callable[[VoiceSwitch, Event], None]] = {
        "CHANNEL_BRIDGE": _bridged,
        "CHANNEL_HANGUP": _hung_up,
        "RECORD_STOP": _recorded,
        "CUSTOM": _contact_lost,
    }

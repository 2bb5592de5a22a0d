"""The voice port: carries out orders for legs, by the caller's socket or by the control line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.esl.message import Event

from . import events
from .agent_calls import AgentCalls
from .caller import Caller
from .calls_out import RECOVER, to_agent, to_other_side
from .causes import cause_of
from .config import INSIDERS, OUTSIDERS
from .control_line import GONE, LATE, ControlLine
from .messages import FOLDER, Messages
from .player import Speak
from .recordings import Recordings
from .session import OutboundCall
from .transfers import Transfers

log = logging.getLogger(__name__)

Take = Callable[[str, Any], object]  # (stream, signal)
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
        self,
        line: ControlLine,
        take: Take,
        sounds_dir: Path,
        var_dir: Path,
        domain: str = "",
        speak: Speak | None = None,
    ) -> None:
        self.line, self._take, self._speak = line, take, speak
        self._sounds, self._var, self._domain = sounds_dir, var_dir, domain
        self._messages, self._recordings = Messages(line, var_dir), Recordings(line, var_dir)
        self.callers: dict[str, Caller] = {}
        self.streams: dict[str, str] = {}  # leg -> stream
        self._joins: dict[str, tuple[str, o.Join]] = {}  # caller's leg -> its join under way
        self._agent_calls = AgentCalls(
            lambda: line.is_up,
            lambda: self.streams,
            self._call_agent,
            lambda stream, ended: self.end(ended.leg, ended, stream),
        )
        self.transfers = Transfers()
        self._talks: dict[str, str] = {}  # caller's leg -> the leg that it is joined with
        self._ended: dict[str, s.LegEnded] = {}  # the last legs whose end was told
        self.on_stranger: Callable[[Event], object] = lambda event: None  # a leg's end that was never here
        self._rules: dict[type, Callable[[str, Any], None]] = {
            o.CallAgent: self._agent_calls.call,
            o.Join: self._join,
            o.HangUp: self._hang_up,
            o.StopRecording: lambda stream, order: self._recordings.stop(order),
            o.TransferLeg: self._transfer,
            o.Play: self._play_nowhere,
            o.RecordMessage: self._record_nowhere,
        }

    # --- callers ------------------------------------------------------------------------------------------
    def attach(self, arrived: s.CallArrived, stream: str, call: OutboundCall) -> s.TransferEnded | None:
        """A leg has entered the socket: its orders go there now. The end of the transfer it is back from."""
        leg = arrived.leg
        caller = Caller(
            call,
            arrived,
            self._sounds,
            self._messages,
            lambda signal: self._take(stream, signal),
            self._speak,
        )
        old, self.callers[leg] = self.callers.get(leg), caller
        self._talks.pop(leg, None)
        if old is not None:
            caller.follows(old)
        join = self._joins.get(leg)
        if join is not None and join[1].other not in self._ended:
            caller.joining(lambda: None)  # ordered while it was on the way back
        self.streams[leg] = stream
        call.on_event, call.on_refused = caller.heard, caller.refused
        return self.transfers.back(leg)

    def detach(self, leg: str, call: OutboundCall) -> None:
        """A socket is gone; what the leg does now, the control line tells."""
        caller = self.callers.get(leg)
        if caller is not None and caller.call is call:
            del self.callers[leg]
            caller.gone()

    def is_stale(self, arrived: s.CallArrived, state: str) -> bool:
        """Whether this connection is of before the join in which the leg is now: the join has found the
        caller on the way back, and this is no return from the talk. state: of the channel, as it says."""
        other = self._talks.get(arrived.leg)
        return other is not None and (other != arrived.talked_with or state not in ("", "CS_EXECUTE"))

    def ended(self, leg: str) -> s.LegEnded | None:
        """The end of a leg that was told before the leg arrived: it was over when its connection was read."""
        return self._ended.get(leg)

    # --- orders -------------------------------------------------------------------------------------------
    def carry_out(self, stream: str, order: Any) -> None:
        """Carry out one order; its result comes as a signal of `stream`."""
        caller = self.callers.get(getattr(order, "leg", ""))
        if caller is not None and caller.carry_out(order):
            return
        rule = self._rules.get(type(order))
        if rule is None:
            log.info("%s for a leg that is not in the socket: dropped", type(order).__name__)
        elif self.line.is_up or isinstance(order, o.CallAgent):  # which waits for the line
            rule(stream, order)
        else:
            self._no_line(stream, order)

    def _no_line(self, stream: str, order: Any) -> None:
        """The control line is down: what has a result fails now, the rest is the reconciler's."""
        log.warning("no control line for %s of %s", type(order).__name__, stream)
        if isinstance(order, o.HangUp):
            self._agent_calls.drop(order.leg)
            self._no_join_with(order.leg)
        elif isinstance(order, o.Join):
            self._joins.pop(order.leg, None)
            self._take(stream, s.JoinFailed(order.ref, "no control line"))
        elif isinstance(order, o.TransferLeg):
            self._take(stream, s.TransferEnded(order.ref, "failed", "no control line"))

    def line_up(self) -> None:
        """The line is up again, and what happened meanwhile is known."""
        self._agent_calls.line_up()

    def _play_nowhere(self, stream: str, order: o.Play) -> None:
        self._take(stream, s.PlayEnded(order.ref, "failed", "not in the socket"))

    def _record_nowhere(self, stream: str, order: o.RecordMessage) -> None:
        self._take(stream, s.RecordEnded(order.ref, "failed"))

    def _call_agent(self, stream: str, order: o.CallAgent) -> None:
        self.streams[order.leg] = stream
        self._originate(order.leg, to_agent(order, self._domain))

    def _originate(self, leg: str, call: str) -> None:
        self.line.bgapi("originate", call, on_text=lambda text: self._called(leg, text))

    def _join(self, stream: str, order: o.Join) -> None:
        """When the caller hears nothing any more: what the switch has yet to begin, it would play inside."""
        wanted = self._joins[order.leg] = (stream, order)
        caller = self.callers.get(order.leg)
        if caller is not None:
            caller.joining(partial(self._bridge, wanted))
        else:
            self._bridge(wanted)

    def _bridge(self, wanted: tuple[str, o.Join]) -> None:
        """Caller first; from here transfer_after_bridge brings the caller back (survival.md). Unless the join
        has come to nothing meanwhile.

        Should the other leg end before they meet, FreeSWITCH would hang the caller up with ORIGINATOR_CANCEL
        (switch_ivr_bridge.c, uuid_bridge_on_soft_execute): so it goes on in the dialplan, which recovers it.
        """
        order = wanted[1]
        if self._joins.get(order.leg) is not wanted:
            return
        values = "socket_resume=false;uuid_bridge_continue_on_cancel=true;hotline_talks=true"
        values += f";transfer_after_bridge={RECOVER}"
        leads_to = OUTSIDERS if self.transfers.is_outside(order.other) else INSIDERS
        values += f";force_transfer_context={leads_to}"
        if order.recording:
            values += ";RECORD_STEREO=true"
        self.line.command("uuid_setvar_multi", f"{order.leg} {values}")
        self.line.command("uuid_bridge", f"{order.leg} {order.other}", self._bridge_asked(order.leg))

    def _bridge_asked(self, leg: str) -> Callable[[str], None]:
        def answered(text: str) -> None:
            join = self._joins.get(leg)
            if join is None or text.startswith("+OK") or text in (GONE, LATE):
                return  # unknown is not failed: the reconciler asks whether the pair is bridged
            self.not_met(leg, *join, text.strip())

        return answered

    def not_met(self, leg: str, stream: str, order: o.Join, why: str) -> None:
        """There is no bridge, as the switch says or the reconciler sees."""
        self._joins.pop(leg, None)
        caller = self.callers.get(leg)
        if caller is not None:
            caller.not_joined()
        if order.other in self.transfers:  # its end is the transfer's
            self.line.command("uuid_kill", f"{order.other} {cause_of('cancelled')}")
        else:
            self._take(stream, s.JoinFailed(order.ref, why))

    def _release(self, other: str) -> list[str]:
        """This leg is gone, or to go: whoever was to be joined with it hears sounds again."""
        found = [leg for leg, (_, order) in self._joins.items() if order.other == other]
        for caller in filter(None, map(self.callers.get, found)):
            caller.not_joined()
        return found

    def _no_join_with(self, other: str) -> None:
        """Whatever comes of the join is of no interest any more."""
        for leg in self._release(other):
            del self._joins[leg]

    def _hang_up(self, stream: str, order: o.HangUp) -> None:
        self._no_join_with(order.leg)
        if not self._agent_calls.drop(order.leg):
            self.line.command("uuid_kill", f"{order.leg} {cause_of(order.reason)}")

    def _transfer(self, stream: str, order: o.TransferLeg) -> None:
        """Call the other side, then bridge: the caller keeps what it hears until the answer."""
        caller = self.callers.get(order.leg)
        if caller is None:
            self._take(stream, s.TransferEnded(order.ref, "failed", "not in the socket"))
            return
        other = self.transfers.begin(stream, order)
        self.streams[other] = stream
        self._originate(other, to_other_side(order, other, caller.ani, caller.name, self._domain))

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
        elif leg in self.transfers:
            self.other_side_answered(leg)
        elif leg in self.streams:
            self._take(self.streams[leg], s.LegAnswered(leg))

    def other_side_answered(self, other: str) -> None:
        """The other side of a transfer: join it with its caller."""
        join = self.transfers.answered(other)
        if join is not None:
            self._join(*join)

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
        if leg and self._joins[leg][1].other in legs:
            self.met(leg)

    def met(self, leg: str, found: tuple[str, o.Join] | None = None) -> None:
        """The caller's join has come true. `found`: the join that the reconciler sees done; this process
        knows it unless one before us ordered it."""
        known = self._joins.pop(leg, None) or found
        if known is None:
            return
        stream, order = known
        self._talks[leg] = order.other
        caller = self.callers.pop(leg, None)
        if caller is not None:
            caller.joined()
        begun = self.transfers.joined(leg, order.other)
        if begun is not None:
            self._take(stream, begun)
            return
        self._take(stream, s.Joined(order.ref, order.leg, order.other))
        if order.recording:
            self._recordings.start(order, partial(self._take, stream))

    def _hung_up(self, event: Event) -> None:
        ended = events.leg_ended(event)
        if ended.leg not in self.streams and ended.leg not in self._ended:
            self.on_stranger(event)
        self.end(ended.leg, ended, self._stream_of(event))

    def end(self, leg: str, ended: s.LegEnded, stream: str = "") -> None:
        """Exactly one end for each leg, whoever tells it first: its originate, its hang-up, or a look."""
        if leg in self._ended:
            return
        self._ended[leg] = ended
        while len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        self._talks = {one: other for one, other in self._talks.items() if leg not in (one, other)}
        self._agent_calls.ended(leg, ended.by == "agent")
        known = self.streams.pop(leg, "") or stream
        caller = self.callers.get(leg)
        if caller is not None:
            caller.let_go()
        self._joins.pop(leg, None)
        self._release(leg)
        for other in self.transfers.waiting_for(leg):
            self.line.command("uuid_kill", f"{other} {cause_of('cancelled')}")
        failed = self.transfers.ended(leg, ended)
        if failed is not None:
            self._take(*failed)
        elif known:
            self._take(known, ended)

    def forget(self) -> None:
        """The switch has died, and with it all that it held; who is in our socket came after that."""
        self.streams = {leg: stream for leg, stream in self.streams.items() if leg in self.callers}
        self._joins.clear()
        self._talks.clear()
        self.transfers = Transfers()
        self._messages.forget()

    def _held(self, event: Event) -> None:
        """The phone of this leg holds the other side, or has taken it back. A hold ends with its leg too
        (switch_channel_perform_hangup): of a phone that has hung up, that says nothing new."""
        leg, stream = event.get("Unique-ID", ""), self._stream_of(event)
        if stream and not event.get("variable_sip_term_cause", ""):
            self._take(stream, s.LegHeld(leg) if event.name == "CHANNEL_HOLD" else s.LegResumed(leg))

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
        "CHANNEL_HOLD": _held,
        "CHANNEL_UNHOLD": _held,
        "RECORD_STOP": _recorded,
        "CUSTOM": _contact_lost,
    }

"""The voice port over a simulated switch: takes the voice orders, gives their results, one each.

As switches.voice does it: a caller's own orders go by its socket, all others by the control line, whose
drop leaves the rest to the reconciler. A new one is made with each start of the application.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.switches.transfers import Transfers
from switch_app.switches.voice import ORDERS

from .faults import Faults
from .ledger import Ledger
from .simulated_caller import SimulatedCaller
from .simulated_switch import Leg, SimulatedSwitch

__all__ = ["ORDERS", "SimulatedVoice"]

Take = Callable[[str, Any], object]  # (stream, signal)
Numbers = Callable[[str, str], tuple[str, str, str]]  # (context, DNIS) -> (flow, version in force, language)


class SimulatedVoice:
    """`callers`, `streams`, `transfers`, `end` and `forget` are what the reconciler asks for."""

    def __init__(
        self,
        switch: SimulatedSwitch,
        take: Take,
        numbers: Numbers,
        faults: Faults,
        ledger: Ledger,
        random: Random,
    ) -> None:
        self.switch, self.clock = switch, switch.clock
        self.take, self._numbers, self.faults, self.ledger = take, numbers, faults, ledger
        self.random = random
        self.alive = True  # until the process dies
        self.callers: dict[str, SimulatedCaller] = {}
        self.streams: dict[str, str] = {}  # leg -> stream
        self.transfers = Transfers()
        self._joins: dict[str, tuple[str, o.Join]] = {}
        self._calls: dict[str, tuple[str, o.CallAgent]] = {}  # leg -> to be made when the line is up
        self._messages: dict[str, tuple[str, o.RecordMessage]] = {}  # path -> stream, order
        self._ended: set[str] = set()
        self._rules: dict[type, Callable[[str, Any], None]] = {
            o.CallAgent: self._call_agent,
            o.Join: self._join,
            o.HangUp: self._hang_up,
            o.StopRecording: self._stop_recording,
            o.TransferLeg: self._transfer,
            o.Play: lambda stream, order: self.tell(
                stream, s.PlayEnded(order.ref, "failed", "not in the socket")
            ),
            o.RecordMessage: lambda stream, order: self.tell(stream, s.RecordEnded(order.ref, "failed")),
        }

    # --- orders ------------------------------------------------------------------------------------------
    def carry_out(self, stream: str, order: Any) -> None:
        self.ledger.ordered(stream, order)
        caller = self.callers.get(getattr(order, "leg", ""))
        if caller is not None and caller.carry_out(order):
            return
        rule = self._rules.get(type(order))
        if rule is None:
            return  # Answer, StopPlay, ShieldDigits of a leg that is not in the socket
        if self.switch.line_up:
            rule(stream, order)
        else:
            self._no_line(stream, order)

    def _no_line(self, stream: str, order: Any) -> None:
        if isinstance(order, o.CallAgent):
            self._calls[order.leg] = (stream, order)
            self.clock.call_later(order.ring_s, self._not_called, order.leg)
        elif isinstance(order, o.HangUp):
            self._calls.pop(order.leg, None)
        elif isinstance(order, o.Join):
            self.tell(stream, s.JoinFailed(order.ref, "no control line"))
        elif isinstance(order, o.TransferLeg):
            self.tell(stream, s.TransferEnded(order.ref, "failed", "no control line"))

    def line_up(self) -> None:
        """The line is up again, and what happened meanwhile is known."""
        waiting, self._calls = self._calls, {}
        for stream, order in waiting.values():
            self._call_agent(stream, order)

    def _not_called(self, leg: str) -> None:
        found = self._calls.pop(leg, None)
        if found is not None:
            self.end(leg, s.LegEnded(leg, "switch_lost", "NO_CONTROL_LINE"), found[0])

    def _call_agent(self, stream: str, order: o.CallAgent) -> None:
        self.streams[order.leg] = stream
        self._originate(order.leg, order.interaction, "agent", order.contact, order.ring_s)

    def _originate(self, leg: str, interaction: str, party: str, number: str, ring_s: float) -> None:
        phone = self.switch.phones.get(number)
        person: Any = phone.person if phone else None
        called = Leg(leg, interaction, party, number, person)
        if not self.switch.stalled:
            self.switch.originate(called, ring_s, lambda failure: self._called(leg, failure))

    def _called(self, leg: str, failure: str) -> None:
        """The result of an originate."""
        if not self.alive:
            return
        if failure:
            self.end(leg, s.LegEnded(leg, failure, failure.upper()))
        elif leg in self.transfers:
            self.other_side_answered(leg)
        elif leg in self.streams:
            self.tell(self.streams[leg], s.LegAnswered(leg))

    def other_side_answered(self, other: str) -> None:
        """The other side of a transfer: join it with its caller."""
        join = self.transfers.answered(other)
        if join is not None:
            self._join(*join)

    def _join(self, stream: str, order: o.Join) -> None:
        self._joins[order.leg] = (stream, order)
        if self.switch.stalled:
            return
        leg, other = self.switch.legs.get(order.leg), self.switch.legs.get(order.other)
        if leg is not None:
            leg.resume = False
        fails = self.random.random() < self.faults.join_fails
        if fails or not self.switch.bridge(leg, other):
            self.switch.reply(self._not_joined, order)

    def _not_joined(self, order: o.Join) -> None:
        if self.alive and order.leg in self._joins:
            self.not_met(order.leg, self.streams.get(order.leg, ""), order, "-ERR")

    def not_met(self, name: str, stream: str, order: o.Join, why: str) -> None:
        """There is no bridge, as the switch says or the reconciler sees."""
        known = self._joins.pop(name, None)
        leg = self.switch.legs.get(name)
        if leg is not None:
            leg.resume = True
        if order.other in self.transfers:
            self._kill(order.other, "cancelled")
        else:  # a process before this one may have had this result
            (self.tell if known else self.take)(stream, s.JoinFailed(order.ref, why))

    def _hang_up(self, stream: str, order: o.HangUp) -> None:
        if self._calls.pop(order.leg, None) is None:
            self._kill(order.leg, order.reason)

    def _kill(self, leg: str, reason: str) -> None:
        found = self.switch.legs.get(leg)
        if found is not None and not self.switch.stalled:
            self.clock.call_later(self.switch.moment(), self.switch.end, found, reason)

    def _stop_recording(self, stream: str, order: o.StopRecording) -> None:
        leg = self.switch.legs.get(order.leg)
        if leg is not None and not self.switch.stalled:
            self.switch.stop_recording(leg, order.path)

    def _transfer(self, stream: str, order: o.TransferLeg) -> None:
        if order.leg not in self.callers:
            self.tell(stream, s.TransferEnded(order.ref, "failed", "not in the socket"))
            return
        other = self.transfers.begin(stream, order)
        self.streams[other] = stream
        self._originate(other, stream.partition(":")[2], "transfer", order.to, order.ring_s)

    # --- messages (of callers, by the control line) --------------------------------------------------------
    def record_message(self, stream: str, order: o.RecordMessage) -> None:
        leg = self.switch.legs.get(order.leg)
        if leg is None or not self.switch.line_up or self.random.random() < self.faults.message_fails:
            self.clock.call_later(self.switch.moment(), self.tell, stream, s.RecordEnded(order.ref, "failed"))
            return
        if self.switch.stalled:
            failed = s.RecordEnded(order.ref, "failed")
            self.switch.unanswered.append(lambda: self.tell(stream, failed))
            return
        self._messages[order.path] = (stream, order)
        self.switch.start_message(leg, order.path, order.max_s, order.silence_s)

    def stop_message(self, leg: str) -> None:
        found = self.switch.legs.get(leg)
        if found is not None and found.message and self.switch.line_up and not self.switch.stalled:
            self.switch.stop_recording(found, found.message)

    # --- the switch's Application --------------------------------------------------------------------------
    def attach(self, leg: Leg) -> None:
        """A leg has entered the socket."""
        stream = f"interaction:{leg.interaction}"
        old = self.callers.get(leg.id)
        if old is not None:
            old.gone()
        self.callers[leg.id] = SimulatedCaller(self, leg, stream)
        self.streams[leg.id] = stream
        flow, version, language = self._numbers(leg.context, leg.dnis)
        arrived = s.CallArrived(
            leg.interaction, leg.id, leg.number, "", leg.dnis, leg.context, flow, version, language
        )  # fmt: skip
        self.tell(stream, self.transfers.back(leg.id) or arrived)

    def detach(self, leg: Leg) -> None:
        caller = self.callers.get(leg.id)
        if caller is not None and leg.at != "socket":
            del self.callers[leg.id]
            caller.gone()

    def pressed(self, leg: Leg, digit: str) -> None:
        caller = self.callers.get(leg.id)
        if caller is not None:
            caller.pressed(digit)

    def hung_up(self, leg: Leg, reason: str, by: str) -> None:
        self.end(leg.id, s.LegEnded(leg.id, reason, reason.upper(), by), f"interaction:{leg.interaction}")

    def end(self, leg: str, ended: s.LegEnded, stream: str = "") -> None:
        """Exactly one end for each leg."""
        if leg in self._ended or not self.alive:
            return
        self._ended.add(leg)
        known = self.streams.pop(leg, "") or stream
        self._joins.pop(leg, None)
        for other in self.transfers.waiting_for(leg):
            self._kill(other, "cancelled")
        failed = self.transfers.ended(leg, ended)
        if failed is not None:
            self.tell(*failed)
        elif known:
            self.tell(known, ended)

    def bridged(self, leg: Leg, other: Leg) -> None:
        """CHANNEL_BRIDGE: the old socket lets go, the recording begins."""
        join = self._joins.get(leg.id)
        if join is not None and join[1].other == other.id:
            self.met(leg.id)

    def held(self, leg: Leg) -> None:
        self.tell(self.streams.get(leg.id, f"interaction:{leg.interaction}"), s.LegHeld(leg.id))

    def taken_back(self, leg: Leg) -> None:
        self.tell(self.streams.get(leg.id, f"interaction:{leg.interaction}"), s.LegResumed(leg.id))

    def met(self, name: str, found: tuple[str, o.Join] | None = None) -> None:
        """The caller's join has come true, by its event or a look; `found`: what the looker knows of it."""
        known = self._joins.pop(name, None)
        stream, order = known or found or ("", None)
        if order is None:
            return
        caller = self.callers.pop(name, None)
        if caller is not None:
            caller.taken()
        begun = self.transfers.joined(name, order.other)
        if begun is not None:
            self.tell(stream, begun)
            return
        tell = self.tell if known else self.take  # a process before this one may have had this result
        tell(stream, s.Joined(order.ref, order.leg, order.other))
        if order.recording:
            self._record_talk(stream, name, order.recording)

    def _record_talk(self, stream: str, name: str, path: str) -> None:
        leg = self.switch.legs.get(name)
        if leg is None or self.random.random() < self.faults.recording_fails:
            self.switch.reply(self.tell, stream, s.RecordingFailed(name, path, "-ERR"))
        else:
            self.switch.start_recording(leg, path)

    def recorded(self, leg: Leg, path: str, duration_s: float) -> None:
        """RECORD_STOP, of a message or of a talk."""
        message = self._messages.pop(path, None)
        if message is not None:
            stream, order = message
            caller = self.callers.get(leg.id)
            if caller is not None:
                caller.message = ""
            self.tell(stream, s.RecordEnded(order.ref, "done", path, duration_s))
        else:
            self.tell(f"interaction:{leg.interaction}", s.RecordingEnded(leg.id, path, duration_s))

    def contact_lost(self, contact: str) -> None:
        self.tell("floor", s.ContactLost(contact))

    def forget(self) -> None:
        """The switch has died, and with it all that it held."""
        self.streams.clear()
        self._joins.clear()
        self.transfers = Transfers()
        self._messages.clear()

    # --- signals -------------------------------------------------------------------------------------------
    def tell(self, stream: str, signal: Any) -> None:
        """A signal to a stream, if this process still lives. Results are booked."""
        if not self.alive or not stream:
            return
        ref = getattr(signal, "ref", "")
        if ref and not isinstance(signal, s.TransferBegun):
            self.ledger.result(stream, ref)
        self.take(stream, signal)

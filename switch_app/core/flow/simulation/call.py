"""One simulated call: carries out the orders of a flow in virtual time and hands the results back.

After each turn the session goes through JSON, so that every simulated call proves that it can.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ... import orders as o
from ... import signals as s
from ...world import LocalTime, QueueFigures, World
from .. import interpreter
from ..greetings import Greeting
from ..model import Flow
from ..prompts import Manifest
from ..requests import ChangePresence, EnterQueue, QueueEnded
from ..scenario import Answer, Scenario
from ..session import Session
from .voice import Heard, heard, spoken

LEG = "leg"
LATENCY_S = 0.05  # of a port


@dataclass(slots=True)
class Surroundings:
    """What a call meets besides its scenario: flows by version, prompts, calendars by name."""

    flows: Mapping[str, Flow] = field(default_factory=dict)
    manifest: Manifest = field(default_factory=Manifest)
    calendars: Mapping[str, Any] = field(default_factory=dict)


class SimulatedCall:
    """heard: all that began to be said; requests: EnterQueue, ChangePresence, TransferLeg ... in order."""

    def __init__(self, flow: Flow, scenario: Scenario, surroundings: Surroundings) -> None:
        self.scenario = scenario
        self.manifest = spoken(surroundings.manifest)
        self.surroundings = surroundings
        self.voices = frozenset(each for known in surroundings.flows.values() for each in known.languages)
        self.start = self.now = datetime.fromisoformat(f"{scenario.at}+00:00").timestamp()
        self.heard: list[Heard] = []
        self.facts: list[Any] = []
        self.requests: list[Any] = []
        self.ended: str | None = None
        self.hung_up = False
        self._due: list[tuple[float, int, Any]] = []
        self._order = itertools.count()
        self._refs = itertools.count(1)
        self._playing = ""
        self._timers: dict[str, int] = {}
        self._http = list(scenario.http)
        call = {"interaction": "simulated", "ani": scenario.caller, "dnis": scenario.called, "name": ""}
        if scenario.language:
            call["language"] = scenario.language
        self._took(interpreter.begin(flow.version, LEG, call, self._world(), self.now, self._ref))

    # --- what a caller can do -----------------------------------------------------------------------
    def press(self, digit: str) -> None:
        queue = self.waiting_queue()
        if queue and digit in queue.leave_keys:
            self.tell(QueueEnded("left", digit))
        else:
            self.tell(s.DigitPressed(LEG, digit))

    def hang_up(self) -> None:
        self.hung_up = True
        self.tell(s.LegEnded(LEG, "normal", by="caller"))
        self.run(lambda: False, 60.0)

    def end_queue(self, outcome: str) -> None:
        self.tell(QueueEnded(outcome))

    def waiting_queue(self) -> EnterQueue | None:
        """The queue that the caller waits in now."""
        waits = self.ended is None and self.session.wait.get("for") == "queue"
        return next(r for r in reversed(self.requests) if isinstance(r, EnterQueue)) if waits else None

    # --- time -------------------------------------------------------------------------------------------
    def run(self, until: Callable[[], bool], most_s: float) -> bool:
        """Let time pass until the condition holds, at most most_s; whether it does."""
        end = self.now + most_s
        while not until():
            self._drop_stopped()
            if self.ended is not None or not self._due or self._due[0][0] > end:
                self.now = max(self.now, end) if self.ended is None and self._due else self.now
                return until()
            self.now, _, result = heapq.heappop(self._due)
            self.tell(result)
        return True

    def _drop_stopped(self) -> None:
        """Timers that were stopped or moved make no time pass."""
        while self._due:
            _, number, result = self._due[0]
            if not isinstance(result, s.TimerFired) or self._timers.get(result.timer) == number:
                return
            heapq.heappop(self._due)

    def tell(self, signal: Any) -> None:
        """Hand a signal to the flow."""
        if isinstance(signal, s.PlayEnded) and signal.ref == self._playing:
            self._playing = ""
        if self.ended is None:
            session = Session.from_plain(json.loads(json.dumps(self.session.to_plain(reveal=True))))
            self._took(interpreter.resume(session, signal, self._world(), self.now, self._ref))

    # --- orders -----------------------------------------------------------------------------------------
    def _took(self, turnout: interpreter.Turnout) -> None:
        self.session, self.ended = turnout.session, turnout.ended
        self.facts += turnout.facts
        for order in turnout.orders:
            _CARRY_OUT.get(type(order), SimulatedCall._note)(self, order)

    def _note(self, order: Any) -> None:
        self.requests.append(order)

    def _enter_queue(self, order: EnterQueue) -> None:
        """The words of the wait; after them music, which says nothing."""
        self.requests.append(order)
        if order.words:
            self._play(o.Play(self._ref(), LEG, order.words))

    def _later(self, after_s: float, signal: Any) -> int:
        number = next(self._order)
        heapq.heappush(self._due, (self.now + after_s, number, signal))
        return number

    def _play(self, order: o.Play) -> None:
        self._stop_play(order)
        self._playing = order.ref
        said = [heard(self.manifest, sound) for sound in order.sounds]
        self.heard += said
        self._later(sum(each.seconds for each in said), s.PlayEnded(order.ref, "done"))

    def _stop_play(self, order: Any) -> None:
        if self._playing:
            self._later(0.0, s.PlayEnded(self._playing, "stopped"))
            self._playing = ""

    def _start_timer(self, order: o.StartTimer) -> None:
        self._timers[order.timer] = self._later(order.due_at - self.now, s.TimerFired(order.timer))

    def _stop_timer(self, order: o.StopTimer) -> None:
        self._timers.pop(order.timer, None)

    def _look_up(self, order: o.LookUpCustomer) -> None:
        known = self.scenario.customers if order.by == "number" else self.scenario.accounts
        customer = known.get(order.value)
        result = "found" if customer else "unknown"
        self._later(LATENCY_S, s.CustomerLookedUp(order.ref, result, customer))

    def _call_http(self, order: o.CallHttp) -> None:
        self.requests.append(order)
        answer = self._http.pop(0) if self._http else Answer()
        result = answer.result or ("done" if answer.status else "failed")
        self._later(LATENCY_S, s.HttpReturned(order.ref, result, answer.status, answer.body))

    def _check_pin(self, order: o.CheckPin) -> None:
        right = self.scenario.agents.get(order.agent) == order.pin
        self._later(LATENCY_S, s.PinChecked(order.ref, right, order.agent if right else ""))

    def _change_presence(self, order: ChangePresence) -> None:
        self.requests.append(order)
        refused = order.state in self.scenario.refuse
        self._later(LATENCY_S, s.PresenceAnswered(order.ref, not refused, order.state))

    def _record(self, order: o.RecordMessage) -> None:
        self.requests.append(order)
        seconds = self.scenario.message_s
        self._later(seconds, s.RecordEnded(order.ref, "done", order.path, seconds))

    def _transfer(self, order: o.TransferLeg) -> None:
        self.requests.append(order)
        self._later(3.0, s.TransferEnded(order.ref, self.scenario.transfer))

    # --- the world --------------------------------------------------------------------------------------
    def _ref(self) -> str:
        return f"r{next(self._refs)}"

    def _world(self) -> World:
        figures = {name: QueueFigures(**dict(given)) for name, given in self.scenario.queues.items()}
        greetings = {
            slot: Greeting(put_up.prompt, put_up.text, spoken=frozenset(put_up.text))
            for slot, put_up in self.scenario.greetings.items()
        }
        here = self.surroundings
        return World(
            local=local_time(self.now, self.scenario),
            queues=figures,
            flows=here.flows,
            greetings=greetings,
            prompts=self.manifest,
            calendars=here.calendars,
            voices=self.voices,
        )


def local_time(now: float, scenario: Scenario) -> LocalTime:
    """The scenario's clock is local time, counted as if it were UTC."""
    moment = datetime.fromtimestamp(now, tz=UTC)
    return LocalTime(
        iso=moment.replace(tzinfo=None).isoformat(timespec="seconds"),
        date=moment.date().isoformat(),
        weekday=moment.isoweekday(),
        minute=moment.hour * 60 + moment.minute,
        holiday=scenario.holiday,
        make_up_day=scenario.make_up_day,
    )


def _nothing(call: SimulatedCall, order: Any) -> None:
    pass


_CARRY_OUT: Mapping[type, Callable[[SimulatedCall, Any], None]] = {
    o.Answer: _nothing,
    o.ShieldDigits: _nothing,
    o.Play: SimulatedCall._play,
    o.StopPlay: SimulatedCall._stop_play,
    o.StartTimer: SimulatedCall._start_timer,
    o.StopTimer: SimulatedCall._stop_timer,
    o.LookUpCustomer: SimulatedCall._look_up,
    o.CallHttp: SimulatedCall._call_http,
    o.CheckPin: SimulatedCall._check_pin,
    o.RecordMessage: SimulatedCall._record,
    o.TransferLeg: SimulatedCall._transfer,
    ChangePresence: SimulatedCall._change_presence,
    EnterQueue: SimulatedCall._enter_queue,
}

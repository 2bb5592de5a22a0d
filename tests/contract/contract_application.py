"""The application's side of a switch, and nothing more: it records every signal and issues orders.

Its parts are the product's own: VoiceSwitch, ControlLine, CallServer, CallListener, Reconciler.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import gevent
from contract_hub import HubThread
from gevent.queue import Queue

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Interaction
from switch_app.switches.call_server import CallServer
from switch_app.switches.control_line import ControlLine
from switch_app.switches.events import SUBSCRIBED
from switch_app.switches.listener import CallListener
from switch_app.switches.missed_calls import MissedCalls
from switch_app.switches.reconciler import Reconciler
from switch_app.switches.recording_ends import recorded_s
from switch_app.switches.voice import VoiceSwitch

T = TypeVar("T")
WAIT_S = 6.0
LAG_S = 0.25  # of `show channels`
QUIET_S = 0.1  # nothing more came for so long: both connections have been read
FLOW = ("test", "v1", "zh")


@dataclass(frozen=True)
class Address:
    """Where a switch is, and what it wants."""

    event_socket: tuple[str, int]
    password: str
    call_server: tuple[str, int]
    domain: str


@dataclass(frozen=True)
class Heard:
    at: float  # monotonic
    stream: str
    signal: Any


class Application:
    """`heard`: all signals; `given`: all orders with their moments. Use from one test thread."""

    def __init__(self, address: Address, sounds: Path, var: Path, quiet_s: float = QUIET_S, lag_s: float = LAG_S) -> None:
        self.address, self.var, self.sounds = address, var, sounds
        self._quiet_s, self._lag_s = quiet_s, lag_s
        self.heard: list[Heard] = []
        self.given: list[tuple[float, Any]] = []
        self.interactions: dict[str, Interaction] = {}
        self.changed = threading.Condition()
        self._rules: list[tuple[type, Callable[[Any], object]]] = []
        self._read = 0
        self._hub = HubThread("application")
        self._hub.run(self._build)

    def _build(self) -> None:
        host, port = self.address.event_socket
        self.line = ControlLine(host, port, self.address.password, events=SUBSCRIBED)
        self.voice = VoiceSwitch(self.line, self._take, self.sounds, self.var, self.address.domain)
        self.reconciler = Reconciler(
            self.line, self.voice, self._take, self.interactions, self._lag_s,
            recorded_s=lambda path: recorded_s(self.var / path),
        )  # fmt: skip
        self.missed = MissedCalls(self.line, self.voice.callers, self._take, lambda context, dnis: FLOW)
        self.voice.on_stranger = self.missed.gone
        self.line.on_event = self.voice.heard
        self.line.on_up = self.voice.line_up
        self._deeds: Queue[Callable[[], object]] = Queue()
        self._doer = gevent.spawn(self._do)
        self.line.start()
        self._listen()

    def _listen(self) -> None:
        server = CallServer(self.voice, self._take, lambda context, dnis: FLOW)
        self.listener = CallListener(self.address.call_server, server.serve)
        self.listener.start()

    # --- life -------------------------------------------------------------------------------------------
    def wait_up(self, timeout_s: float = WAIT_S) -> None:
        """Until the control line is up."""
        self.until(lambda: self.line.is_up, "the control line is up", timeout_s)

    def die(self) -> None:
        """What kill -9 does to the switch's side of it: every socket ends at once, orders are gone."""

        def dead() -> None:
            self.listener.stop(timeout=0)
            for call in list(self.listener.calls):
                call.close()
            self.line.stop()
            self._doer.kill()

        self._hub.run(dead)

    def rise(self) -> None:
        """A new process: nothing is known but what the journal would tell (here: nothing)."""
        self._hub.run(self._build)
        self.wait_up()

    def deaf(self) -> None:
        """The listener and all callers' sockets end; the control line stays."""

        def stop() -> None:
            self.listener.stop(timeout=0)
            for call in list(self.listener.calls):
                call.close()

        self._hub.run(stop)

    def listen_again(self) -> None:
        self._hub.run(self._listen)

    def stop(self) -> None:
        def stopped() -> None:
            self._doer.kill()
            self.listener.stop(timeout=0.2)
            self.listener.stop_calls()
            self.line.stop()

        self._hub.run(stopped)
        self._hub.stop()

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Nothing runs in the application's thread meanwhile."""
        begun, over = threading.Event(), threading.Event()
        self._hub.post(lambda: (begun.set(), over.wait(WAIT_S)))
        assert begun.wait(WAIT_S)
        try:
            yield
        finally:
            over.set()

    def run(self, work: Callable[[], T], timeout_s: float = 10.0) -> T:
        """In the application's own thread."""
        return self._hub.run(work, timeout_s)

    def slow_road(self, leg: str, by_s: float) -> None:
        """What is written to this caller's socket reaches the switch so much later."""

        def slow() -> None:
            outbox = self.voice.callers[leg].call._outbox
            outbox.write = partial(gevent.spawn_later, by_s, outbox.write)  # type: ignore[method-assign]

        self._hub.run(slow)

    # --- orders -----------------------------------------------------------------------------------------
    def order(self, *orders: Any, stream: str = "") -> None:
        """In this order; each is of the interaction that arrived last, unless `stream` says otherwise."""
        self._hub.post(partial(self._give, orders, stream))

    def on(self, kind: type, script: Callable[[Any], Any]) -> None:
        """script(signal) -> orders, at once when a signal of this kind comes, in the application's thread."""
        self._rules.append((kind, script))

    def _give(self, orders: Any, stream: str = "") -> None:
        where = stream or self.stream
        for order in orders:
            with self.changed:
                self.given.append((time.monotonic(), order))
            self.voice.carry_out(where, order)

    @property
    def stream(self) -> str:
        """The interaction of the caller who came last."""
        arrived = [each.stream for each in self.heard if isinstance(each.signal, s.CallArrived)]
        return arrived[-1] if arrived else "interaction:none"

    # --- signals ----------------------------------------------------------------------------------------
    def _take(self, stream: str, signal: Any) -> None:
        """As in the product, orders follow after the turn, not inside it."""
        with self.changed:
            self.heard.append(Heard(time.monotonic(), stream, signal))
            self.changed.notify_all()
        for kind, script in self._rules:
            if isinstance(signal, kind):
                self._deeds.put(partial(self._answer, script, stream, signal))

    def _answer(self, script: Callable[[Any], Any], stream: str, signal: Any) -> None:
        found = script(signal)
        if found is not None:
            self._give(found if isinstance(found, list | tuple) else [found], stream)

    def _do(self) -> None:
        while True:
            self._deeds.get()()

    def wait(self, kind: type[T], timeout_s: float = WAIT_S, **fields: Any) -> T:
        """The next signal of this kind with these fields; what came before it counts as read."""
        deadline = time.monotonic() + timeout_s
        with self.changed:
            while True:
                for place in range(self._read, len(self.heard)):
                    signal = self.heard[place].signal
                    same = isinstance(signal, kind)
                    if same and all(getattr(signal, name) == value for name, value in fields.items()):
                        self._read = place + 1
                        return signal  # type: ignore[return-value]
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise AssertionError(f"no {kind.__name__} {fields or ''} within {timeout_s:g} s\n{self.log()}")

    def seen(self, kind: type[T], **fields: Any) -> list[T]:
        """All of this kind so far."""
        return [
            each.signal
            for each in list(self.heard)
            if isinstance(each.signal, kind)
            and all(getattr(each.signal, name) == value for name, value in fields.items())
        ]

    def quiet(self, for_s: float = 0.0, timeout_s: float = WAIT_S) -> None:
        """Until nothing has come for a while."""
        deadline = time.monotonic() + timeout_s
        with self.changed:
            while self.changed.wait(for_s or self._quiet_s):
                assert time.monotonic() < deadline, f"signals without end\n{self.log()}"

    def until(self, holds: Callable[[], Any], what: str, timeout_s: float = WAIT_S) -> Any:
        deadline = time.monotonic() + timeout_s
        while not (value := holds()):
            assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}\n{self.log()}"
            time.sleep(0.005)
        return value

    # --- moments ----------------------------------------------------------------------------------------
    def at(self, kind: type, **fields: Any) -> float:
        """When the last such signal came, or the last such order was given."""
        moments = [(each.at, each.signal) for each in list(self.heard)] + list(self.given)
        found = [
            at
            for at, what in moments
            if isinstance(what, kind) and all(getattr(what, name) == value for name, value in fields.items())
        ]
        assert found, f"no {kind.__name__} {fields}\n{self.log()}"
        return max(found)

    def log(self) -> str:
        """Signals and orders with their moments, for a failure's message."""
        lines = [(each.at, f"<- {each.stream[:24]} {each.signal}") for each in list(self.heard)]
        lines += [(at, f"-> {order}") for at, order in list(self.given)]
        start = min((at for at, _ in lines), default=0.0)
        return "\n".join(f"  {at - start:7.3f} {text}" for at, text in sorted(lines, key=lambda line: line[0]))

    # --- what it asks ---------------------------------------------------------------------------------
    def api(self, name: str, args: str = "") -> str:
        return self._hub.run(lambda: self.line.api(name, args)).strip()

    def look(self, times: int = 1) -> None:
        """Looks of the reconciler, so far apart that each counts."""
        for _ in range(times):
            self.quiet(self._lag_s)
            self._hub.run(self.reconciler.look)

    def look_for_missed(self) -> None:
        self._hub.run(self.missed.look)

    def back(self) -> None:
        """Until the last talk's other leg has ended and the caller has entered the socket again."""
        talks = self.seen(s.Joined)
        self.until(lambda: self.seen(s.LegEnded, leg=talks[-1].other), "the other leg's end")
        self.until(lambda: len(self.seen(s.CallArrived)) > len(talks), "the caller is back")

    # --- moves ------------------------------------------------------------------------------------------
    def arrived(self, answer: bool = True, timeout_s: float = WAIT_S) -> str:
        """The next caller's leg, answered unless told not to."""
        leg = self.wait(s.CallArrived, timeout_s).leg
        if answer:
            self.order(o.Answer(leg))
        return leg

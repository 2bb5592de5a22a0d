"""CPU of a whole outbound session of 23 events: our transport against greenswitch 0.0.19's own classes.

Both serve the same synthetic switch (another process) in turn, in this process; only this process's
CPU counts. Both run the same six applications, each after the end of the one before, and read the digits.
Ours is measured a second time without the rests that a busy one takes (switches/pace.py): what a session
costs in a quiet hour. A last one writes the same commands and looks for the end of each in what it reads, and
nothing else: what gevent and the kernel take, whoever parses.
"""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
from collections.abc import Callable
from math import inf
from time import process_time
from typing import Any

import gevent
from gevent.server import StreamServer
from gevent.subprocess import Popen

from ..esl import commands
from ..esl.wire import FrameReader
from ..switches.in_turn import in_turn
from ..switches.listener import CallListener
from ..switches.pace import Pace
from ..switches.session import OutboundCall
from . import synthetic_switch
from .synthetic_switch import DIGITS, EVENTS, LEG

CALLS, AT_ONCE, ROUNDS = 400, 10, 5
APPS = (
    ("answer", ""),
    ("set", "language=zh"),
    ("playback", "welcome.wav"),
    ("playback", "menu.wav"),
    ("playback", "goodbye.wav"),
    ("hangup", "NORMAL_CLEARING"),
)


class Tally:
    """What the applications saw, to be sure that both did the whole work."""

    def __init__(self) -> None:
        self.events = self.calls = 0
        self.digits = ""


def _rested(tally: Tally) -> Any:
    in_turn(gevent.get_hub()).pace = Pace()
    return _ours(tally)


def _ours(tally: Tally) -> Any:
    """Driven by events, as the call server is."""

    def on_call(call: OutboundCall) -> None:
        left = iter(APPS)

        def go_on() -> None:
            app = next(left, None)
            if app:
                call.execute(*app, event_uuid=app[1] or app[0])

        def on_event(event: Any) -> None:
            tally.events += event.get("Unique-ID") == LEG
            if event.name == "DTMF":
                tally.digits += event.get("DTMF-Digit")
            elif event.name == "CHANNEL_EXECUTE_COMPLETE" and event.get("Application-UUID"):
                go_on()

        def on_gone(reason: str) -> None:
            tally.calls += 1

        call.on_event, call.on_gone = on_event, on_gone
        call.handshake()
        go_on()

    return CallListener(("127.0.0.1", 0), on_call)


def _restless(tally: Tally) -> Any:
    """The same, each event read as soon as it is there."""
    in_turn(gevent.get_hub()).pace = Pace(burst_s=inf)
    return _ours(tally)


def _greenswitch(tally: Tally) -> Any:
    from greenswitch.esl import OutboundSession

    def on_any(event: Any) -> None:
        tally.events += event.headers.get("Unique-ID") == LEG
        if event.headers.get("Event-Name") == "DTMF":
            tally.digits += event.headers["DTMF-Digit"]

    def on_call(sock: Any, address: object) -> None:
        session = OutboundSession(address, sock)
        session.register_handle("*", on_any)
        session.register_handle("CHANNEL_HANGUP", on_any)
        session.connect()
        session.linger()
        session.myevents()
        for app, arg in APPS:
            session.call_command(app, arg, block=True)
        session._receive_events_greenlet.join()
        while not session._esl_event_queue.empty():
            gevent.sleep(0.001)
        session._run = False
        session._process_events_greenlet.kill()
        tally.calls += 1

    return StreamServer(("127.0.0.1", 0), on_call)


def _bare(tally: Tally) -> Any:
    """The same bytes to and fro in a greenlet for each call; it parses nothing."""

    def on_call(sock: Any, address: object) -> None:
        def read_until(mark: bytes) -> None:
            held = b""
            while mark not in held:
                data = sock.recv(1 << 16)
                if not data:
                    raise ConnectionError("the switch ended the session")
                held += data

        sock.sendall(commands.connect())
        read_until(b"\n\n")
        sock.sendall(commands.linger() + commands.filter("Unique-ID", LEG) + commands.events(["DTMF"]))
        for app, arg in APPS:
            sock.sendall(commands.execute(app, arg, event_uuid=arg or app))
            read_until(b"disconnect-notice" if app == "hangup" else b"Event-Name: CHANNEL_EXECUTE_COMPLETE")
        sock.close()
        tally.calls += 1
        tally.events += EVENTS
        tally.digits += DIGITS

    return StreamServer(("127.0.0.1", 0), on_call)


def _round(make: Callable[[Tally], Any]) -> float:
    """CPU ms per session."""
    tally = Tally()
    server = make(tally)
    server.start()
    arguments = [str(number) for number in (server.server_port, CALLS, AT_ONCE)]
    switch = Popen([sys.executable, "-m", synthetic_switch.__name__, *arguments], stdin=subprocess.PIPE)
    began = process_time()  # its start is no part of a session
    try:
        switch.communicate(b"go\n", 60)
        with gevent.Timeout(10):
            while tally.calls < CALLS:
                gevent.sleep(0.01)
    finally:
        switch.kill()
        server.stop(0)
    spent = process_time() - began
    seen = (tally.calls, tally.events, len(tally.digits))
    if seen != (CALLS, CALLS * EVENTS, CALLS * len(DIGITS)):
        raise RuntimeError(f"the work was not done as a whole: {seen}")
    return spent * 1000 / CALLS


def _parsing() -> tuple[float, float]:
    """CPU ms to read the events of one session and look at three headers of each, without any I/O."""
    from greenswitch.esl import ESLEvent

    raw = synthetic_switch.session(APPS)
    bodies = [frame.body.decode() for frame in FrameReader().feed(raw) if frame.is_event]
    wanted = ("Event-Name", "Unique-ID", "Application-UUID")

    def ours() -> None:
        for frame in FrameReader().feed(raw):
            if frame.is_event:
                event = frame.event()
                for header in wanted:
                    event.get(header)

    def theirs() -> None:
        for body in bodies:
            event = ESLEvent(body)
            for header in wanted:
                event.headers.get(header)

    return _best(ours), _best(theirs)


def _best(work: Callable[[], None], times: int = 100) -> float:
    spent = []
    for _ in range(5):
        began = process_time()
        for _ in range(times):
            work()
        spent.append((process_time() - began) * 1000 / times)
    return min(spent)


def run() -> dict[str, Any]:
    """CPU per session, kernel and event loop included, and of reading the events alone.

    {"events", "ours_ms", "greenswitch_ms", "ratio": ours / greenswitch, "restless_ms" and "restless_ratio":
    ours without rests, "bare_ms" and "bare_ratio": of one that parses nothing, and the same of `parsing_`}.
    """
    logging.getLogger().setLevel(logging.WARNING)  # greenswitch logs each call
    gc.collect()
    gc.freeze()  # what the program loaded is no part of a session
    makes = (_rested, _restless, _greenswitch, _bare)
    rounds = [[_round(make) for make in makes] for _ in range(ROUNDS)]
    ours, restless, theirs, bare = (min(column) for column in zip(*rounds, strict=True))  # least disturbed
    parsing, their_parsing = _parsing()
    return {
        "events": EVENTS,
        "ours_ms": round(ours, 3),
        "greenswitch_ms": round(theirs, 3),
        "ratio": round(ours / theirs, 3),
        "restless_ms": round(restless, 3),
        "restless_ratio": round(restless / theirs, 3),
        "bare_ms": round(bare, 3),
        "bare_ratio": round(bare / theirs, 3),
        "parsing_ours_ms": round(parsing, 3),
        "parsing_greenswitch_ms": round(their_parsing, 3),
        "parsing_ratio": round(parsing / their_parsing, 3),
    }

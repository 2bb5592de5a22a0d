"""Phones as a test or the demo uses them: plain blocking Python, each wait with a deadline.

    with Phones() as phones:
        agent = phones.phone("1001", "secret", "127.0.0.1:5060")
        agent.register()
        caller = phones.caller("13800000001", "127.0.0.1:5060")
        caller.call("4000")
        caller.wait_for("confirmed", 5)

Events of a phone, each a dict with `at` (monotonic seconds): registered, unregistered,
register_failed(code), calling, ringing(code: 180 or 183), incoming(from, to, message), audio(state:
active, held, held_by_peer), confirmed, digit(digit), digits_sent, played, recorded(path), transfer(code),
refused(code), disconnected(code, reason), error(detail), lost (its process died).
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .running import Event, PhoneError, RunningPhones

__all__ = ["MISSING", "Event", "Phone", "PhoneError", "Phones", "available"]

MISSING = "the phones need pjsua2: pip install 'hotline[phones]' (CPython 3.9-3.12 on x86-64 Linux)"
_APART_FROM_CALLS = {
    "registered", "unregistered", "register_failed", "incoming", "disconnected", "refused", "recorded",
}


def available() -> bool:
    """Whether pjsua2 is installed."""
    return importlib.util.find_spec("pjsua2") is not None


class Phone:
    """One line. Events are read in order: each `wait_for` goes on where the last one stopped."""

    def __init__(self, process: RunningPhones, line: str, server: str) -> None:
        self.line, self.server = line, server
        self.events = process.lines[line]
        self._read = 0
        self._process = process

    # --- registration -------------------------------------------------------------------------------
    def register(self, timeout_s: float = 5.0) -> None:
        """Raises PhoneError when refused or unanswered."""
        self._do("register")
        event = self.wait_for(("registered", "register_failed"), timeout_s)
        if event["event"] != "registered":
            raise self._error(f"registration refused: {event['code']} {event['reason']}")

    def unregister(self, timeout_s: float = 5.0) -> None:
        self._do("register", on=False)
        self.wait_for("unregistered", timeout_s)

    # --- calls ----------------------------------------------------------------------------------------
    def call(
        self, target: str, number: str = "", name: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Dial an extension of the server, or a whole SIP URI; number, name: the caller id to show."""
        self._do("dial", target=target, number=number, name=name, headers=headers or {})

    def answer(self, code: int = 200) -> None:
        """180, 183 (early audio) or 200."""
        self._do("answer", code=code)

    def reject(self, code: int = 486) -> None:
        self._do("hang_up", code=code)

    def hangup(self) -> None:
        self._do("hang_up")

    def behave(self, answer_after_s: float | None = None, reject_with: int = 0, ring: bool = True) -> None:
        """What it does with every coming call by itself: answer it, refuse it, send 180 or stay mute."""
        self._do("behave", answer_after_s=answer_after_s, reject_with=reject_with, ring=ring)

    def hold(self) -> None:
        self._do("hold")

    def resume(self) -> None:
        self._do("resume")

    def transfer(self, target: str) -> None:
        """Blind transfer (REFER)."""
        self._do("transfer", target=target)

    def digits(self, digits: str, method: str = "rfc4733") -> None:
        """Press keys, 180 ms each; method: rfc4733 | info. Returns at once; the event is digits_sent."""
        self._do("press", digits=digits, method=method)

    # --- audio ----------------------------------------------------------------------------------------
    def play_tone(self, hz: int, on_ms: int = 1000, off_ms: int = 0) -> None:
        self._do("tone", hz=hz, on_ms=on_ms, off_ms=off_ms)

    def play(self, path: str | Path, loop: bool = False) -> None:
        """Say a WAV file (8 kHz mono); the event `played` comes at its end."""
        self._do("play", path=str(path), loop=loop)

    def hush(self) -> None:
        """Say nothing (silence goes on as packets)."""
        self._do("hush")

    def record_to(self, path: str | Path) -> None:
        """Write what is heard to a WAV file until the call ends or stop_recording()."""
        self._do("record", path=str(path))

    def stop_recording(self) -> None:
        """Raises PhoneError when the file is not whole within a second."""
        self._do("stop_recording")
        self.wait_for("recorded", 1)

    def listen(self, path: str | Path, seconds: float) -> None:
        """Record so much of what is heard, and wait for it (less when the call ends before)."""
        self._do("record", path=str(path), for_s=seconds)
        self.wait_for("recorded", seconds + 2)

    # --- what happened ----------------------------------------------------------------------------------
    @property
    def address(self) -> str:
        """host:port on which this phone's process listens."""
        return self._process.address

    @property
    def in_call(self) -> bool:
        """Whether the line has a call, in any state."""
        for event in reversed(self.events):
            if event["event"] in ("disconnected", "lost"):
                return False
            if event["event"] in ("incoming", "calling"):
                return True
        return False

    @property
    def rings(self) -> bool:
        """Whether a call has come that was neither answered nor ended."""
        for event in reversed(self.events):
            if event["event"] in ("disconnected", "confirmed", "calling", "lost"):
                return False
            if event["event"] == "incoming":
                return True
        return False

    def wait_for(self, kind: str | tuple[str, ...], timeout_s: float = 5.0) -> Event:
        """The next event of the kind(s), which may have come already.

        Raises PhoneError after timeout_s; at once when the phone's process dies, or when the call has
        ended, no other has begun, and something of a call is waited for.
        """
        kinds = (kind,) if isinstance(kind, str) else kind
        deadline = time.monotonic() + timeout_s
        with self._process.changed:
            while True:
                event = self._next(kinds)
                if event is not None:
                    return event
                left = deadline - time.monotonic()
                if left <= 0 or not self._process.changed.wait(left):
                    raise self._error(f"no {' or '.join(kinds)} within {timeout_s:g} s")

    def seen(self, kind: str) -> list[Event]:
        """All events of a kind so far, read or not."""
        return [event for event in self.events if event["event"] == kind]

    def skip(self) -> None:
        """Forget what came until now: the next wait_for looks at later events only."""
        with self._process.changed:
            self._read = len(self.events)

    def wait_until(self, holds: Callable[[Phone], bool], timeout_s: float = 5.0, what: str = "") -> None:
        """Until a condition on this phone's events holds, e.g. `lambda p: len(p.seen("digit")) == 4`."""
        with self._process.changed:
            if not self._process.changed.wait_for(lambda: holds(self), timeout_s):
                raise self._error(f"not within {timeout_s:g} s: {what or 'the condition'}")

    def unplug(self) -> None:
        """Kill the phone's process, as when the cable is pulled: no BYE, no unregistration.

        All lines of the process go; use phone(..., alone=True) for a phone that shall be unplugged.
        """
        self._process.kill()

    def freeze(self) -> None:
        """Stop the phone's process: it is there and does nothing at all, like a machine that hangs."""
        self._process.freeze()

    # --- inside -----------------------------------------------------------------------------------------
    def _next(self, kinds: tuple[str, ...]) -> Event | None:
        while self._read < len(self.events):
            event = self.events[self._read]
            self._read += 1
            if event["event"] in kinds:
                return event
            if event["event"] == "lost":
                raise self._error("the phone's process died")
            if event["event"] == "disconnected" and not _APART_FROM_CALLS & set(kinds) and not self.in_call:
                ended = f"the call ended ({event['code']} {event['reason']})"
                raise self._error(f"{ended} before {' or '.join(kinds)}")
        return None

    def _do(self, verb: str, **args: Any) -> Any:
        reply = self._process.ask({"do": verb, "line": self.line, **args})
        if not reply["ok"]:
            raise self._error(f"{verb}: {reply['error']}")
        return reply["result"]

    def _error(self, text: str) -> PhoneError:
        events = "\n".join(f"  {_brief(event)}" for event in self.events[-12:])
        log = self._process.log_tail()
        return PhoneError(f"phone {self.line}: {text}\nevents:\n{events or '  none'}\nlog:\n{log}")


def _brief(event: Event) -> str:
    shown = {k: v for k, v in event.items() if k not in ("event", "line", "at", "message")}
    return f"{event['at']:.3f} {event['event']} {shown or ''}".rstrip()


class Phones:
    """All phones of a test; ends their processes when left."""

    def __init__(
        self, codecs: tuple[str, ...] = (), watch: Callable[[str, Event], None] | None = None
    ) -> None:
        """codecs: e.g. ("PCMA/8000/1",); watch(line, event) is called on the reading thread."""
        if not available():
            raise PhoneError(MISSING)
        self._codecs, self._watch = codecs, watch
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-phones-"))
        self._processes: list[RunningPhones] = []

    def __enter__(self) -> Phones:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for process in self._processes:
            process.begin_to_end()
        for process in self._processes:
            process.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def phone(self, user: str, password: str, server: str, name: str = "", alone: bool = False,
              codecs: tuple[str, ...] = (), expires_s: int = 300) -> Phone:
        """A phone with an account; `alone`: in a process of its own, so that it can be unplugged."""
        process = self._process(server, alone, codecs)
        line = process.add(user, server, password=password, name=name, expires_s=expires_s)
        return Phone(process, line, server)

    def caller(self, number: str, server: str, name: str = "", alone: bool = False,
               codecs: tuple[str, ...] = ()) -> Phone:
        """A phone without an account, with any caller id: somebody out there in the world."""
        process = self._process(server, alone, codecs)
        return Phone(process, process.add(number, server, name=name), server)

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def _process(self, server: str, alone: bool, codecs: tuple[str, ...]) -> RunningPhones:
        address, codecs = _own_address(server), codecs or self._codecs
        if not alone:
            for process in self._processes:
                if process.free and (process.address_asked, process.codecs) == (address, codecs):
                    return process
        number = len(self._processes)
        process = RunningPhones(self._folder, number, address, codecs, _rtp_base())
        process.watch = self._watch
        self._processes.append(process)
        if alone:
            process.address_asked = ""  # never shared
        return process


def _own_address(server: str) -> str:
    """The address of this machine that the server sees."""
    host, _, port = server.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, int(port or 5060)))
        return str(probe.getsockname()[0])


def _rtp_base() -> int:
    """An even port; pjsua2 goes on to the next ones when it is taken."""
    return random.Random(os.urandom(8)).randrange(40000, 60000, 32)

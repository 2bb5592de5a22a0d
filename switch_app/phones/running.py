"""A running phone process, seen from its parent: asks it, and sorts what it tells to its lines."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Event = dict[str, Any]

LINES_PER_PROCESS = 4
START_S = 15.0
REPLY_S = 10.0
PARTING_S = 3.0


class PhoneError(Exception):
    """A phone did not do in time what was asked; carries its events and the end of its SIP log."""


class RunningPhones:
    """Up to four lines, by name, each with the list of its events. A thread reads the process."""

    def __init__(
        self, folder: Path, number: int, address: str, codecs: tuple[str, ...], rtp_port: int
    ) -> None:
        self.changed = threading.Condition()
        self.lines: dict[str, list[Event]] = {}
        self.address = ""
        self.address_asked, self.codecs = address, codecs
        self.watch: Callable[[str, Event], None] | None = None  # (line, event), on the reading thread
        self._rtp_port = rtp_port
        self._log = folder / f"phones-{number}.log"
        self._errors = folder / f"phones-{number}.err"
        self._replies: dict[int, dict[str, Any]] = {}
        self._number = 0
        self._alive, self._frozen = True, False
        settings = json.dumps({"address": address, "codecs": codecs, "log_path": str(self._log)})
        with self._errors.open("wb") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "switch_app.phones", settings], env=_environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read_all, daemon=True)
        self._reader.start()
        self._wait(lambda: bool(self.address), START_S, "the phone process did not start")

    @property
    def free(self) -> int:
        return LINES_PER_PROCESS - len(self.lines) if self._alive else 0

    @property
    def pid(self) -> int:
        return self._child.pid

    def add(self, user: str, server: str, **settings: Any) -> str:
        """A new line; returns its name."""
        line = f"{user}/{len(self.lines)}" if user in self.lines else user
        self.lines[line] = []
        port = self._rtp_port + 2 * LINES_PER_PROCESS * (len(self.lines) - 1)
        account = {"user": user, "server": server, "rtp_port": port, **settings}
        reply = self.ask({"do": "line", "line": line, **account})
        if not reply["ok"]:
            raise PhoneError(f"phone {user}: {reply['error']}\n{self.log_tail()}")
        return line

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        with self.changed:
            self._number += 1
            number = self._number
            assert self._child.stdin is not None
            try:
                self._child.stdin.write(json.dumps({"id": number, **command}).encode() + b"\n")
                self._child.stdin.flush()
            except OSError as error:
                raise PhoneError(f"the phone's process is gone ({error})\n{self.log_tail()}") from None
        self._wait(lambda: number in self._replies, REPLY_S, f"no reply to {command['do']}")
        return self._replies.pop(number)

    def begin_to_end(self) -> None:
        """It hangs up and unregisters, then ends; follow with close()."""
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.close()

    def close(self) -> None:
        """End it politely, by force after PARTING_S."""
        self.begin_to_end()
        try:
            self._child.wait(0.0 if self._frozen else PARTING_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self._child.wait()
        self._reader.join(PARTING_S)

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()
        self._wait(lambda: not self._alive, 3, "the phone process does not die")

    def freeze(self) -> None:
        """Stop it where it is; it can only be killed then."""
        self._child.send_signal(signal.SIGSTOP)
        self._frozen = True

    def log_tail(self, lines: int = 60) -> str:
        """The end of the SIP log and of whatever was printed."""
        found = []
        for path in (self._errors, self._log):
            if path.exists():
                found += path.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"  {line}" for line in found)

    def _wait(self, holds: Callable[[], bool], timeout_s: float, otherwise: str) -> None:
        with self.changed:
            self.changed.wait_for(lambda: holds() or not self._alive, timeout_s)
            if not holds():
                raise PhoneError(f"{otherwise}\n{self.log_tail()}")

    def _read_all(self) -> None:
        assert self._child.stdout is not None
        for text in self._child.stdout:
            self._take(json.loads(text))
        with self.changed:
            self._alive = False
            for line in self.lines:
                self._add({"event": "lost", "line": line, "at": time.monotonic()})
            self.changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self.changed:
            if "reply" in message:
                self._replies[message["reply"]] = message
            elif message["event"] == "started":
                self.address = message["address"]
            else:
                self._add(message)
            self.changed.notify_all()

    def _add(self, event: Event) -> None:
        self.lines[event["line"]].append(event)
        if self.watch is not None:
            self.watch(event["line"], event)


def _environment() -> dict[str, str]:
    """Ours, with this very package on the path, installed or not."""
    here = str(Path(__file__).resolve().parents[2])
    there = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{there}" if there else here}

"""One supervised process: started, read, restarted with back-off, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import lifeline
from .rotating_log import RotatingLog

FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 30.0
STEADY_S = 10.0  # alive and ready that long: the next death counts as a first one again
LONGEST_LINE = 65536


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. A child is `ready` when it has printed a line `ready` (more may follow).

    last: it is started when all others are ready, because it uses them from its first moment.
    ends: in this turn of the end, from 0; the next turn follows when those of this one are gone.
    hung_s: one that has beaten (lifeline.beat) and then does not for so long is killed.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    last: bool = False
    ends: int = 0
    hung_s: float = 30.0


class Child:
    """A process and what is known about it. All methods are called by the supervisor's one thread.

    It must be the main thread: the kernel's parent-death signal is about the thread that forked.
    """

    def __init__(self, program: Program, log: RotatingLog) -> None:
        self.program = program
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.ever_ready = False
        self.restarts = 0
        self.exit_code: int | None = None
        self.started_at = 0.0  # epoch seconds
        self.start_due: float | None = 0.0  # monotonic; None: running, or not wanted any more
        self._deaths = 0  # in a row
        self._started = 0.0  # monotonic
        self._partial = b""
        self._pulse: int | None = None
        self._felt: float | None = None  # monotonic: the last beat

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Fork and exec; its output is then read from `output()`."""
        self._pulse, beaten = os.pipe()
        tie = {lifeline.VARIABLE: str(os.getpid()), lifeline.PULSE: str(beaten)}
        try:
            self.process = subprocess.Popen(
                self.program.command,
                env={**self.program.environment, **tie},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(beaten,),
            )
        finally:
            os.close(beaten)
        os.set_blocking(self.output(), False)
        os.set_blocking(self._pulse, False)
        self.start_due, self._started, self.started_at = None, time.monotonic(), time.time()
        self.note(f"started, pid {self.pid}")

    def output(self) -> int:
        assert self.process and self.process.stdout
        return self.process.stdout.fileno()

    def pulse(self) -> int:
        """The descriptor on which its beats come, to be read by `feel`."""
        assert self._pulse is not None
        return self._pulse

    def feel(self) -> bool:
        """Take the beats. False when no more can come."""
        with contextlib.suppress(BlockingIOError):
            if not os.read(self.pulse(), 4096):
                return False
        self._felt = time.monotonic()
        return True

    def forgive(self) -> None:
        """We ourselves have slept: its silence is not its own."""
        if self._felt is not None:
            self._felt = time.monotonic()

    def kill_if_hung(self) -> None:
        """It may have its reasons, but it serves nobody: what it held is kept, and a new one goes on."""
        if self.process and self._felt is not None and time.monotonic() - self._felt > self.program.hung_s:
            self.note(f"has not moved for {self.program.hung_s:g} s: killed")
            self._felt = None
            self.kill()

    def read(self) -> bool:
        """Take what it printed into the log. False when its output has ended."""
        while True:
            try:
                chunk = os.read(self.output(), 65536)
            except BlockingIOError:
                return True
            if not chunk:
                self._take(b"\n" if self._partial else b"")
                return False
            self._take(chunk)

    def _take(self, chunk: bytes) -> None:
        whole, newline, rest = (self._partial + chunk).rpartition(b"\n")
        if not newline and len(rest) > LONGEST_LINE:
            whole, newline, rest = rest, b"\n", b""
        self._partial = rest
        if not newline:
            return
        if not self.ready and any(line.split(b" ")[0] == b"ready" for line in whole.split(b"\n")):
            self.ready = self.ever_ready = True
        self.log.write(whole + newline)

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def collect(self) -> None:
        """What a process that has ended leaves: its last words, its exit code, its own children."""
        assert self.process and self.process.stdin and self.process.stdout
        self.kill()
        with contextlib.suppress(OSError):
            self.read()
        self.exit_code = self.process.returncode
        self._deaths = 0 if self.ready and time.monotonic() - self._started >= STEADY_S else self._deaths
        self.process.stdin.close()
        self.process.stdout.close()
        os.close(self.pulse())
        self.process, self.ready, self._partial, self._pulse, self._felt = None, False, b"", None, None

    def plan_restart(self) -> None:
        """At once the first time, later and later when it goes on dying."""
        delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**self._deaths)
        self._deaths += 1
        self.start_due = time.monotonic() + delay
        self.restarts += 1
        self.note(f"ended with {self.exit_code}; to be started again in {delay:.1f} s")

    def tell_to_end(self) -> None:
        self.start_due = None
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """The process and whatever it started in its own session."""
        if self.process:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def note(self, text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.log.write(f"{stamp} supervisor: {self.program.name} {text}\n".encode())

    def _signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.process.send_signal(number)

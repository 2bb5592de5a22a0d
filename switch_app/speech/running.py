"""Run the speaking process, with a deadline: what is late is killed, with all that it has started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 10.0  # of one text; it is for the next caller if this one has not waited
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "HOTLINE_TTS_PYTHON")


@dataclass(frozen=True, slots=True)
class Task:
    """Clean text (words.clean) to speak into `out`, by the first of the voices that can."""

    language: str
    text: str
    out: Path
    voices: Sequence[str]
    lexicon: Mapping[str, str] = field(default_factory=dict)


class Runner:
    """`run` blocks and belongs into a thread; `stop` ends all from any other."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._stopped = False

    def run(self, task: Task) -> str:
        """Why it failed, "" when the file is there."""
        request = {
            "voices": list(task.voices),
            "language": task.language,
            "text": task.text,
            "lexicon": dict(task.lexicon),
            "out": str(task.out),
            "limit_s": self.limit_s,
        }
        try:
            with tempfile.TemporaryDirectory(prefix="hotline-voice-", ignore_cleanup_errors=True) as scratch:
                return self._speak(request, scratch) or _left(task.out)
        except OSError as error:
            return f"no voice could be started: {error}"

    def _speak(self, request: Mapping[str, Any], scratch: str) -> str:
        process = self._start(scratch)
        try:
            _, said = process.communicate(json.dumps(request).encode(), self.limit_s)
        except subprocess.TimeoutExpired:
            _kill(process)
            return f"the voice took more than {self.limit_s:g} s"
        except (OSError, ValueError) as error:
            _kill(process)
            return f"the voice broke off: {error}"
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode == 0:
            return ""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else f"the voice ended with {process.returncode}"

    def stop(self) -> None:
        """Kill what speaks, and start no more."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _kill(process)

    def _start(self, scratch: str) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise OSError("this process ends")
            process = subprocess.Popen(
                [sys.executable, "-m", "switch_app.speech.child"],
                cwd=ROOT,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                | {"TMPDIR": scratch},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self._running.add(process)
            return process


def _left(out: Path) -> str:
    return "" if out.is_file() else "the voice left no file"


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        process.communicate(timeout=1)

"""A FreeSWITCH of the machine, started with the configuration that the product renders.

Found by HOTLINE_FREESWITCH (the program), PATH, or the usual prefixes.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

PREFIXES = ("/usr/local/freeswitch", "/opt/freeswitch", "/usr")
START_S = 30.0
MISSING = "no FreeSWITCH here (set HOTLINE_FREESWITCH to its program)"


def program() -> str | None:
    """The path of the `freeswitch` program, or None."""
    named = os.environ.get("HOTLINE_FREESWITCH")
    if named:
        return named if os.access(named, os.X_OK) else None
    usual = (f"{prefix}/bin/freeswitch" for prefix in PREFIXES)
    return shutil.which("freeswitch") or next((path for path in usual if os.access(path, os.X_OK)), None)


class FreeSwitch:
    """In the foreground, with folders of its own, without real-time priority."""

    def __init__(self, folder: Path) -> None:
        self.conf = folder / "conf"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, event_socket_port: int) -> None:
        """Until its event socket answers. Raises RuntimeError with the end of its log."""
        found = program()
        assert found, MISSING
        folders = {name: self._folder / name for name in ("log", "db", "run", "recordings", "cache", "storage")}
        for path in folders.values():
            path.mkdir(parents=True, exist_ok=True)
        options = [part for name, path in folders.items() for part in (f"-{name}", str(path))]
        with (self._folder / "console.txt").open("wb") as console:
            self._process = subprocess.Popen(
                [found, "-nf", "-nc", "-np", "-nonat", "-conf", str(self.conf), *options],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not _answers(event_socket_port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"FreeSWITCH did not start\n{self.log_tail()}")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def log_tail(self, lines: int = 60) -> str:
        text = ""
        for path in (self._folder / "console.txt", self._folder / "log" / "freeswitch.log"):
            if path.exists():
                text += "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) + "\n"
        return text


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            return b"auth/request" in line.recv(200)
    except OSError:
        return False

"""The client of the call server's control socket: JSON lines over a local unix socket."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from switch_app.core.errors import Refused

LIMIT = 16 * 1024 * 1024  # an answer is never longer


class ControlClient:
    """`ask` opens one connection a question: commands are rare, and a dead server is seen at once."""

    def __init__(self, path: str | Path, timeout_s: float = 2.0) -> None:
        self.path = str(path)
        self.timeout_s = timeout_s

    def ask(self, command: str, **args: Any) -> dict[str, Any]:
        """The answer's data. Raises Refused (the server says no), ConnectionError (nobody answers)."""
        line = json.dumps({"id": 1, "command": command, "args": args}).encode() + b"\n"
        try:
            answer = json.loads(self._exchange(line))
        except (OSError, ValueError) as error:
            raise ConnectionError(
                f"the call server does not answer at {self.path}: {error}; is `hotline run` running?"
            ) from error
        if answer.get("ok"):
            data: dict[str, Any] = answer.get("data") or {}
            return data
        refusal = answer.get("error") or {}
        raise Refused(refusal.get("id", "unknown_error"), refusal.get("message", ""))

    def _exchange(self, line: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(self.timeout_s)
            sock.connect(self.path)
            sock.sendall(line)
            answer = bytearray()
            while not answer.endswith(b"\n"):
                chunk = sock.recv(65536)
                if not chunk or len(answer) > LIMIT:
                    raise ValueError("the answer broke off")
                answer += chunk
            return bytes(answer)

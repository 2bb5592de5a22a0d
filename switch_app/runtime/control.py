"""The control socket: JSON lines on a local unix socket, for the admin and the console.

A command is answered by its data or by a refusal with a stable id. Arguments are of the types that its
signature names, or it is not called: what it makes of them stays in the journal.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from gevent import socket
from gevent.server import StreamServer
from pydantic import ConfigDict, ValidationError, validate_call

from switch_app.core.errors import Refused

log = logging.getLogger(__name__)

LIMIT = 1024 * 1024
IDLE_S = 60.0
TYPES = ConfigDict(strict=True, str_max_length=20_000, allow_inf_nan=False)
Command = Callable[..., Any]


class ControlServer:
    """Serves `commands`: name -> function of typed keyword arguments that gives JSON-able data."""

    def __init__(self, path: Path, commands: Mapping[str, Command]) -> None:
        self.path = path
        self.commands = {name: validate_call(config=TYPES)(command) for name, command in commands.items()}
        self._server: StreamServer | None = None

    def start(self) -> None:
        """Listen, readable for the owner alone. A socket file of a dead server is replaced."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o077)
        try:
            listener.bind(str(self.path))
        finally:
            os.umask(mask)
        listener.listen(128)
        listener.setblocking(False)
        self._server = StreamServer(listener, self._serve)
        self._server.start()

    def stop(self) -> None:
        if self._server:
            self._server.stop(timeout=0.5)
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()

    def _serve(self, sock: socket.socket, _address: object) -> None:
        sock.settimeout(IDLE_S)
        buffer = b""
        with contextlib.closing(sock), contextlib.suppress(OSError):
            while chunk := sock.recv(65536):
                buffer += chunk
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    sock.sendall(self.answer(line) + b"\n")
                if len(buffer) > LIMIT:
                    return

    def answer(self, line: bytes) -> bytes:
        """The answer to one request line."""
        number: Any = None
        try:
            request = json.loads(line)
            number = request.get("id")
            command = self.commands.get(request.get("command", ""))
            if command is None:
                raise Refused("unknown_command", f"there is no command {request.get('command')!r}")
            data = command(**(request.get("args") or {}))
            return _written({"id": number, "ok": True, "data": data})
        except Refused as refusal:
            error = {"id": refusal.id, "message": refusal.message}
        except ValidationError as mistake:
            error = {"id": "bad_request", "message": _said(mistake)}
        except (ValueError, TypeError, AttributeError, RecursionError) as mistake:
            error = {"id": "bad_request", "message": str(mistake)}
        except Exception:
            log.exception("a control command failed")
            error = {"id": "internal_error", "message": "the call server's log tells more"}
        return json.dumps({"id": number, "ok": False, "error": error}).encode()


def _said(mistake: ValidationError) -> str:
    first = mistake.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200]


def _written(answer: dict[str, Any]) -> bytes:
    """One line of JSON: the whole floor is megabytes in a big centre, and no call is served meanwhile."""
    try:
        return orjson.dumps(answer)
    except TypeError:  # json can say more: half of a pair of surrogates, numbers of more than 64 bits
        return json.dumps(answer).encode()

"""The switch's event socket, as an operator of the machine would use it beside the application."""

from __future__ import annotations

import re
import socket
from types import TracebackType

from centre import Centre

from switch_app.esl import commands
from switch_app.esl.message import Frame
from switch_app.esl.wire import FrameReader


class EventSocket:
    """Inbound ESL with `api` only."""

    def __init__(self, centre: Centre, timeout_s: float = 10.0) -> None:
        addresses = centre.status()["addresses"]
        host, _, port = str(addresses.get("event_socket") or addresses["freeswitch_address"]).partition(":")
        self._sock = socket.create_connection((host, int(port)), timeout_s)
        self._reader = FrameReader()
        self._frames: list[Frame] = []
        self._next("auth/request")
        self._sock.sendall(commands.auth(centre.secrets()["esl_password"]))
        assert self._next("command/reply").get("Reply-Text", "").startswith("+OK")

    def __enter__(self) -> EventSocket:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._sock.close()

    def api(self, command: str, args: str = "") -> str:
        """The command's answer: +OK ..., -ERR ... or text."""
        self._sock.sendall(commands.api(command, args))
        return self._next("api/response").body.decode(errors="replace")

    def legs(self) -> int:
        """How many there are, as the switch itself counts: `show channels` reads a database that follows it."""
        found = re.search(r"^(\d+) session\(s\) - peak", self.api("status"), re.M)
        assert found
        return int(found[1])

    def _next(self, content_type: str) -> Frame:
        while True:
            while self._frames:
                frame = self._frames.pop(0)
                if frame.content_type == content_type:
                    return frame
            data = self._sock.recv(65536)
            if not data:
                raise ConnectionError("the event socket was closed")
            self._frames += self._reader.feed(data)

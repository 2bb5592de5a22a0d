"""The Event Socket's listening side: password first, then commands."""

from __future__ import annotations

import hmac
import logging
import socket
from typing import TYPE_CHECKING

from ...esl import replies
from ...esl.message import Command
from .connection import Connection
from .listener import Listener

if TYPE_CHECKING:
    from ..switch import Switch

log = logging.getLogger("softswitch.esl")
_AUTH_S = 25.0
_MAX_CONNECTIONS = 64
_MAX_STRANGERS = 16
"""Connections without password; one more closes the oldest."""


class InboundListener(Listener):
    """Nothing but `auth` and `exit` is understood before the password."""

    def __init__(self, switch: Switch, connection: Connection) -> None:
        super().__init__(switch, connection)
        self._authorised = False
        connection.send(replies.auth_request())
        self._deadline = switch.loop.later(_AUTH_S, self._too_late)

    @property
    def is_stranger(self) -> bool:
        return not self._authorised and not self.over

    def _too_late(self) -> None:
        if not self._authorised:
            self.connection.close()

    def command(self, command: Command) -> None:
        if self._authorised:
            super().command(command)
            return
        given, wanted = command.line[5:].strip().encode(), self.switch.config.esl_password.encode()
        if command.verb == "auth" and wanted and hmac.compare_digest(given, wanted):
            self._authorised = True
            self._deadline.cancel()
            self.reply("+OK accepted")
        elif command.verb == "exit":
            self.reply("+OK bye")
            self.goodbye()
        elif command.verb == "auth":
            log.warning("Event Socket: wrong password")
            self.reply("-ERR invalid")
            self.goodbye()
        else:
            self.reply("-ERR command not found")


class Server:
    """Accepts Event Socket connections. Raises OSError when the port is taken."""

    def __init__(self, switch: Switch, host: str, port: int) -> None:
        self._switch = switch
        self._socket = socket.create_server((host, port), backlog=64)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._open = 0
        self._strangers: list[InboundListener] = []
        switch.loop.read(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(16):
            try:
                sock, _peer = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                log.error("Event Socket: %s", error)
                return
            if self._open >= _MAX_CONNECTIONS:
                sock.close()
                continue
            self._open += 1
            connection = Connection(self._switch.loop, sock)
            listener = InboundListener(self._switch, connection)
            listener.ended = self._one_less  # type: ignore[method-assign]
            self._strangers = [each for each in self._strangers if each.is_stranger]
            if len(self._strangers) >= _MAX_STRANGERS:
                self._strangers.pop(0).connection.close()
            self._strangers.append(listener)

    def _one_less(self) -> None:
        self._open -= 1

    def close(self) -> None:
        self._switch.loop.forget(self._socket.fileno())
        self._socket.close()

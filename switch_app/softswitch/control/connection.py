"""One TCP connection on the loop: bytes out with a bound, bytes in to a callback."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

from ..loop import Loop

log = logging.getLogger("softswitch.esl")
_READ = 65_536
MAX_UNSENT = 16 << 20
"""A peer that reads too slowly is cut off rather than kept in memory."""


def _unheard(_: bytes) -> None:
    """Nobody listens."""


def _untold() -> None:
    """Nobody waits for the end."""


class Connection:
    """`on_data(bytes)` while it lives, `on_close()` once at its end, whoever ended it."""

    def __init__(self, loop: Loop, sock: socket.socket) -> None:
        self._loop, self._socket = loop, sock
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._out = bytearray()
        self._closing = False
        self.closed = False
        self.on_data: Callable[[bytes], None] = _unheard
        self.on_close: Callable[[], None] = _untold
        loop.read(sock.fileno(), self._readable)

    def send(self, data: bytes) -> None:
        if self.closed or self._closing:
            return
        if self._out:
            self._out += data
        else:
            try:
                sent = self._socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.close()
                return
            if sent == len(data):
                return
            self._out += data[sent:]
            self._loop.write(self._socket.fileno(), self._writable)
        if len(self._out) > MAX_UNSENT:
            log.error("a peer does not read: connection closed")
            self.close()

    def finish(self) -> None:
        """Close as soon as everything is sent (at the latest in 2 s)."""
        if self.closed or self._closing:
            return
        self._closing = True
        if self._out:
            self._loop.later(2.0, self.close)
        else:
            self.close()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._loop.forget(self._socket.fileno())
        self._socket.close()
        told, self.on_data, self.on_close = self.on_close, _unheard, _untold  # no circle: see Switch.forget
        told()

    def _writable(self) -> None:
        if self.closed:
            return
        try:
            sent = self._socket.send(self._out)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        del self._out[:sent]
        if not self._out:
            self._loop.write(self._socket.fileno(), None)
            if self._closing:
                self.close()

    def _readable(self) -> None:
        if self.closed:
            return
        try:
            data = self._socket.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        else:
            self.on_data(data)

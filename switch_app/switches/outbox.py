"""What is to be written: at once where the kernel takes it, otherwise kept within a bound."""

from __future__ import annotations

from collections.abc import Callable
from errno import EAGAIN, EWOULDBLOCK

import gevent
from gevent import socket


class Outbox:
    """Writes in order and never blocks the caller.

    A peer that reads nothing for `stall_s` seconds, or leaves more than `limit` bytes unread, is
    lost: `on_failure(reason)` is called, from whichever greenlet finds it.
    """

    def __init__(
        self,
        sock: socket.socket,
        on_failure: Callable[[str], None],
        limit: int = 1 << 20,
        stall_s: float = 10.0,
    ) -> None:
        self._sock = sock
        self._on_failure = on_failure
        self._limit = limit
        self._stall_s = stall_s
        self._rest = bytearray()
        self._writer: gevent.Greenlet | None = None
        self._open = True

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return len(self._rest)

    def write(self, data: bytes) -> None:
        if not self._open:
            return
        sent = 0 if self._rest else self._send(data)
        if sent == len(data):
            return
        self._rest += data[sent:]
        if len(self._rest) > self._limit:
            self._fail("stalled")
        elif self._open and not self._writer:
            self._writer = gevent.spawn(self._drain)

    def close(self) -> None:
        self._open = False
        self._rest.clear()

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return int(self._sock.send(data, 0, 0.0))  # a time-out of 0: never wait here
        except OSError as error:
            if error.errno not in (EAGAIN, EWOULDBLOCK):
                self._fail("reset")
            return 0

    def _drain(self) -> None:
        try:
            while self._open and self._rest:
                socket.wait_write(self._sock.fileno(), timeout=self._stall_s)
                sent = self._send(self._rest)
                del self._rest[:sent]
        except TimeoutError:
            self._fail("stalled")
        except OSError:
            self._fail("reset")
        finally:
            self._writer = None

    def _fail(self, reason: str) -> None:
        if self._open:
            self.close()
            self._on_failure(reason)

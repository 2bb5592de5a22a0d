"""A small loop for the benches' phones: sockets that can be read, and moments that come."""

from __future__ import annotations

import heapq
import selectors
import socket
from collections.abc import Callable
from itertools import count
from time import monotonic


class Loop:
    """One thread. `run` until a moment or a condition."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def udp(
        self, host: str, receive_bytes: int, on_packet: Callable[[bytes], None] | None = None
    ) -> socket.socket:
        """A bound, non-blocking socket; without `on_packet` nobody reads it."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        sock.bind((host, 0))
        sock.setblocking(False)
        if on_packet:
            self.watch(sock, on_packet)
        return sock

    def watch(self, sock: socket.socket, on_packet: Callable[[bytes], None]) -> None:
        self._selector.register(sock, selectors.EVENT_READ, on_packet)

    def forget(self, sock: socket.socket) -> None:
        if sock.fileno() in self._selector.get_map():
            self._selector.unregister(sock)

    def at(self, moment: float, call: Callable[[], None]) -> None:
        """Call at a moment of time.monotonic()."""
        heapq.heappush(self._timers, (moment, next(self._numbers), call))

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        self.at(monotonic() + seconds, call)

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Work for so long, or until the condition holds; whether it held."""
        deadline = monotonic() + seconds
        while (now := monotonic()) < deadline:
            if until and until():
                return True
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()
            wake = min(deadline, self._timers[0][0] if self._timers else deadline)
            for key, _ in self._selector.select(max(0.0, min(0.05, wake - monotonic()))):
                _read(key.fileobj, key.data)  # type: ignore[arg-type]
        return bool(until and until())

    def close(self) -> None:
        self._selector.close()


def _read(sock: socket.socket, on_packet: Callable[[bytes], None]) -> None:
    for _ in range(64):
        try:
            packet = sock.recv(65536)
        except (BlockingIOError, ConnectionRefusedError):
            return
        on_packet(packet)

"""Options of a TCP connection to a switch."""

from __future__ import annotations

import socket

_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),  # s
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),  # s
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000),  # ms without an acknowledgement
)


def tune(sock: socket.socket) -> None:
    """Small writes at once; a peer that vanished without a word is noticed within half a minute.

    On Linux an accepted connection inherits all of these from its listening socket.
    """
    for level, option, value in _OPTIONS:
        try:
            sock.setsockopt(level, option, value)
        except OSError:
            pass  # not a TCP socket

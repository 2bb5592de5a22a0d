"""RTCP (RFC 3550, 6), of which we send none: a phone that reports is there, muted as it may be."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

from ..loop import Loop

_SENDER, _RECEIVER, _BYE = 200, 201, 203
_READS = 20


class Reports:
    """Listens beside the sound, at the next port (RFC 3550, 11). Raises OSError when it is taken.

    heard(host): a report came from there.
    """

    def __init__(self, loop: Loop, address: tuple[str, int], heard: Callable[[str], None]) -> None:
        self._loop, self._heard = loop, heard
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        loop.read(self._socket.fileno(), self._readable)

    def close(self) -> None:
        self._loop.forget(self._socket.fileno())
        self._socket.close()

    def _readable(self) -> None:
        for _ in range(_READS):
            try:
                data, source = self._socket.recvfrom(2048)
            except OSError:
                return
            if is_report(data):
                self._heard(source[0])


def is_report(data: bytes) -> bool:
    """A packet of several begins with a report; one that says goodbye is no sign of life."""
    start, kinds = 0, list[int]()
    while len(data) - start >= 4:
        first, kind, words = struct.unpack_from("!BBH", data, start)
        if first >> 6 != 2:
            return False
        kinds.append(kind)
        start += 4 * (words + 1)
    return bool(kinds) and kinds[0] in (_SENDER, _RECEIVER) and _BYE not in kinds

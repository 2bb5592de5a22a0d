"""Our own UDP socket in place of sippy's Udp_server (three datagrams with a Via port above 65535
silence that one), read from the loop."""

from __future__ import annotations

import errno
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from sippy.Network_server import Remote_address
from sippy.Time.MonoTime import MonoTime

from ..log import Throttled
from ..loop import Loop
from .guard import Refuse, numeric, to_text

Address = tuple[str, int]

_READS_PER_TURN = 8  # a datagram costs up to a millisecond; the media tick must not wait for a flood
_ICMP = (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EPROTO)
_IP_RECVERR = 11  # <linux/in.h>; not in the socket module
log = logging.getLogger("softswitch.sip")
_noisy = Throttled(log)


class Options:
    """What sippy asks of a server's options (Network_server_opts)."""

    ploss_out_rate = pdelay_out_max = 0.0
    flags = 1

    def __init__(self, laddress: Address, data_callback: Callable[..., Any]) -> None:
        self.laddress, self.data_callback = laddress, data_callback

    def isWildCard(self) -> bool:  # noqa: N802 (sippy's name)
        return False


class UdpTransport:
    """One UDP socket. `unreachable` is called with the peer's address on ICMP port unreachable."""

    transport = "udp"

    def __init__(self, loop: Loop, listen: Address, advertised: str) -> None:
        self._loop = loop
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.setsockopt(socket.SOL_IP, _IP_RECVERR, 1)
        self._socket.bind(listen)
        self.port: int = self._socket.getsockname()[1]
        self.address: Address = (advertised, self.port)
        self.uopts = Options(self.address, lambda *_: None)
        self.unreachable: Callable[[Address], None] = lambda _: None
        self.refused = 0
        loop.read(self._socket.fileno(), self._readable)

    # -- what sippy calls ---------------------------------------------------------------------
    def getSIPaddr(self) -> tuple[Address, str]:  # noqa: N802
        return self.address, self.transport

    def addr2str(self, address: Address) -> str:
        return f"udp:{address[0]}:{address[1]}"

    def send_to(self, data: str | bytes, address: Address) -> None:
        host, port = str(address[0]), int(address[1])
        if not numeric(host) or not 1 <= port <= 65535:
            _noisy.warning("not sent: %s:%s is no numeric address", host[:80], port)
            return
        raw = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
        for _ in range(4):
            try:
                self._socket.sendto(raw, (host, port))
                return
            except BlockingIOError:
                return  # SIP retransmits
            except OSError as error:
                # With IP_RECVERR the next sendto gets an earlier packet's ICMP error and sends nothing.
                if error.errno not in _ICMP:
                    _noisy.warning("not sent to %s:%s: %s", host, port, error)
                    return
                self._loop.soon(self._read_errors)

    def shutdown(self) -> None:
        self._loop.forget(self._socket.fileno())
        self._socket.close()

    # -- reading ------------------------------------------------------------------------------
    def _readable(self) -> None:
        for _ in range(_READS_PER_TURN):
            try:
                data, source = self._socket.recvfrom(65535)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno not in _ICMP:
                    raise
                continue
            self._receive(data, source)
        self._read_errors()

    def _receive(self, data: bytes, source: Address) -> None:
        if not data.strip(b"\r\n\0 "):
            return  # a keep-alive
        try:
            self.uopts.data_callback(to_text(data), Remote_address(source, "udp"), self, MonoTime())
        except Refuse as reason:
            self.refused += 1
            _noisy.warning("datagram from %s:%s dropped: %s", *source, reason)
        except Exception as error:
            self.refused += 1
            _noisy.warning(
                "datagram from %s:%s failed: %s: %s", *source, type(error).__name__, str(error)[:200]
            )
            log.debug("datagram that failed", exc_info=True)

    def _read_errors(self) -> None:
        for _ in range(_READS_PER_TURN):
            try:
                _, ancillary, _, peer = self._socket.recvmsg(512, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for level, kind, data in ancillary:
                if level == socket.SOL_IP and kind == _IP_RECVERR and len(data) >= 16:
                    code = struct.unpack("=I", data[:4])[0]
                    if code == errno.ECONNREFUSED and peer and peer[1]:
                        self.unreachable((peer[0], peer[1]))

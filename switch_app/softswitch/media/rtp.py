"""An RTP endpoint (RFC 3550/3551): one UDP socket, G.711 in and out, peers that sit behind NAT."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Callable
from time import monotonic

from ..loop import Loop
from . import g711
from .dtmf import DigitReader
from .g711 import Law
from .reports import Reports

Address = tuple[str, int]
_HEADER = struct.Struct("!BBHII")
_READS = 20
_RELATCH_AFTER_S = 1.0
_RELATCH_PACKETS = 5
_MOST_LOST = 3  # of a stream in a row


def _deaf(*_: object) -> None:
    return None


class NoPort(Exception):
    """Every port of the RTP range is taken."""


class Ports:
    """Even ports low..high, handed out in turn, so that one that was just used rests."""

    def __init__(self, host: str, low: int, high: int) -> None:
        self._host = host
        self._ports = list(range(low + low % 2, high, 2))
        self._next = secrets.randbelow(len(self._ports))

    def bind(self) -> socket.socket:
        """Raises NoPort."""
        for _ in self._ports:
            port = self._ports[self._next]
            self._next = (self._next + 1) % len(self._ports)
            endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            endpoint.setblocking(False)
            try:
                endpoint.bind((self._host, port))
            except OSError:
                endpoint.close()
                continue
            return endpoint
        raise NoPort("no free RTP port")


class Endpoint:
    """Audio and digits of one leg.

    on_audio(payload, law): each packet of G.711 as it comes. on_digit(digit, samples).
    The peer is where the SDP says until a stream shows where it really is (NAT); another source is taken
    only when the known one has been silent for a second.
    """

    def __init__(self, loop: Loop, ports: Ports) -> None:
        self._loop = loop
        self._socket = ports.bind()
        self._host, self.port = self._socket.getsockname()
        self.remote: Address | None = None
        self.law: Law = "PCMU"
        self.event_type: int | None = 101  # the peer's number for telephone events, which we send
        self.event_types: frozenset[int] = frozenset({101})  # what comes as one: the peer's number, or ours
        self.may_send = True
        self.on_audio: Callable[[bytes, Law], None] = _deaf
        self.on_digit: Callable[[str, int], None] = _deaf
        self._digits = DigitReader(loop, lambda digit, samples: self.on_digit(digit, samples))
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._sent_at = 0.0
        self._event_at = 0
        self._latched: Address | None = None
        self.heard_at = monotonic()  # the last sign of the peer, or the begin of waiting for one
        self.signals_from = ""  # the host of the peer's SIP: its side of a NAT, before a stream shows it
        self._reports: Reports | None = None
        self._stranger: tuple[Address, bytes] | None = None  # with its SSRC
        self._stranger_packets = self._stranger_sequence = 0
        self.packets_in = self.packets_out = self.packets_bad = 0
        loop.read(self._socket.fileno(), self._readable)

    def close(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._digits.close()
            if self._reports:
                self._reports.close()
            self.on_audio, self.on_digit = _deaf, _deaf

    def set_remote(self, address: Address) -> None:
        """The SDP names a new place: what was learned before is forgotten."""
        if address != self.remote:
            self.remote, self._latched = address, None

    def wait_anew(self) -> None:
        """From now on a packet is expected."""
        self.heard_at = monotonic()

    def mind_reports(self) -> None:
        """The phone is silent: from now on its RTCP, beside the sound, counts as a sign too."""
        if self._reports is None and self._socket.fileno() >= 0:
            try:
                self._reports = Reports(self._loop, (self._host, self.port + 1), self._reported)
            except OSError:
                pass  # the port is somebody else's: sound alone counts

    def _reported(self, host: str) -> None:
        if host == self.signals_from or host in [each[0] for each in (self._latched, self.remote) if each]:
            self.wait_anew()

    # -- out ----------------------------------------------------------------------------------
    def send(self, payload: bytes, now: float) -> None:
        """One frame in this endpoint's law; after a pause the timestamp jumps and the marker is set."""
        pause = now - self._sent_at
        marker = 0
        if pause > 0.2:
            self._timestamp += (int(min(pause, 3600.0) * 50) * 160) or 160
            marker = 0x80
        self._packet(marker | g711.PAYLOAD_TYPE[self.law], self._timestamp & 0xFFFFFFFF, payload)
        self._timestamp += len(payload)
        self._sent_at = now

    def send_event(self, first: bool, payload: bytes, now: float) -> None:
        """One telephone-event packet; all of one event carry the timestamp of its begin."""
        if first:
            self._event_at = self._timestamp
        if self.event_type is not None:
            marker = 0x80 if first else 0
            self._packet(marker | self.event_type, self._event_at & 0xFFFFFFFF, payload)
        self._timestamp += 160
        self._sent_at = now

    def _packet(self, kind: int, timestamp: int, payload: bytes) -> None:
        to = self._latched or self.remote
        if to is None or not self.may_send:
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        try:
            self._socket.sendto(_HEADER.pack(0x80, kind, self._sequence, timestamp, self._ssrc) + payload, to)
            self.packets_out += 1
        except OSError:
            pass  # a full buffer or no route: audio is lost, the call is not

    # -- in -----------------------------------------------------------------------------------
    def _readable(self) -> None:
        for _ in range(_READS):
            try:
                data, source = self._socket.recvfrom(2048)
            except OSError:
                return
            self._receive(data, source)

    def _receive(self, data: bytes, source: Address) -> None:
        known = source[0] == self.signals_from if self._latched is None else source == self._latched
        if known or source == self.remote:
            self.heard_at = monotonic()  # whatever it is: what keeps a way through a NAT open too (RFC 6263)
        if len(data) < 13 or data[0] >> 6 != 2:
            self.packets_bad += 1
            return
        if source != self._latched and not self._latch(source, data):
            self.packets_bad += 1
            return
        self.heard_at = monotonic()
        self.packets_in += 1
        start = 12 + 4 * (data[0] & 0x0F)
        if data[0] & 0x10 and len(data) >= start + 4:
            start += 4 + 4 * struct.unpack_from("!H", data, start + 2)[0]
        end = len(data)
        if data[0] & 0x20:
            end -= data[-1]
        if start >= end:
            return
        kind = data[1] & 0x7F
        law = g711.LAW_OF.get(kind)
        if law is not None:
            self.on_audio(data[start:end], law)
        elif kind in self.event_types:
            self._digits.packet(struct.unpack_from("!I", data, 4)[0], data[start:end])

    def _latch(self, source: Address, data: bytes) -> bool:
        """Whether this is the peer from now on. A source other than the SDP's has to show a stream first:
        packets in a row, of one sender (RFC 3550, A.1), or any stray packet could take the sound away."""
        now = monotonic()
        if self._latched is None and (self.remote is None or source == self.remote):
            self._latched = source
            return True
        sequence, sender = struct.unpack_from("!H", data, 2)[0], data[8:12]
        step = (sequence - self._stranger_sequence) & 0xFFFF
        if (source, sender) != self._stranger or not 0 < step <= _MOST_LOST:
            self._stranger, self._stranger_packets = (source, sender), 0
        self._stranger_packets += 1
        self._stranger_sequence = sequence
        silent = not self.packets_in or now - self.heard_at > _RELATCH_AFTER_S
        same_host = self.remote is not None and source[0] == self.remote[0]
        free = silent or (self._latched is None and same_host)
        if free and self._stranger_packets >= _RELATCH_PACKETS:
            self._latched, self._stranger_packets = source, 0
            return True
        return False

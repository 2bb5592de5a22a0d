"""A caller made of plain UDP sockets: sends what a phone's library would refuse to send.

Enough SIP (RFC 3261) for one call out: INVITE, ACK, digits, CANCEL, BYE, and answers to requests.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from collections.abc import Callable
from math import inf

_STATUS = re.compile(rb"SIP/2\.0 (\d{3})")
_CSEQ = re.compile(rb"\r\nCSeq:\s*(\d+)\s+(\w+)", re.IGNORECASE)
_TO = re.compile(rb"\r\n(?:To|t):\s*([^\r]*)", re.IGNORECASE)
_CONTACT = re.compile(rb"\r\n(?:Contact|m):\s*[^\r]*?<([^>\r]*)>", re.IGNORECASE)
_MEDIA = re.compile(rb"\r\nc=IN IP4 ([\d.]+)\r\n.*?m=audio (\d+) ", re.DOTALL)
_VIA_ETC = re.compile(rb"\r\n((?:Via|v|From|f|To|t|Call-ID|i|CSeq):[^\r]*)", re.IGNORECASE)


class RawCaller:
    """One call. `identity` is the raw value of From without its tag; it may be any bytes."""

    def __init__(
        self, server: str, identity: bytes, target: str = "4000", max_forwards: int = 70, headers: bytes = b""
    ) -> None:
        host, _, port = server.partition(":")
        self._server = (host, int(port))
        self._target, self._identity = target.encode(), identity
        self._max_forwards, self._headers = max_forwards, headers
        self._sip, self._rtp = _udp(), _udp()
        self._local = b"127.0.0.1:%d" % self._sip.getsockname()[1]
        self._call_id, self._tag, self._branch = (os.urandom(8).hex().encode() for _ in range(3))
        self._cseq = 0
        self._to = b"<sip:%s@%s>" % (self._target, server.encode())
        self._remote = b"sip:%s@%s" % (self._target, server.encode())
        self._media: tuple[str, int] | None = None  # where the other side takes RTP
        self._packets, self._stamp = 0, 1000
        self.code = 0  # the last status of the INVITE
        self.gone = False  # the other side sent BYE

    def __enter__(self) -> RawCaller:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if 200 <= self.code < 300 and not self.gone:
            self._send(b"BYE", self._next())
        elif 0 < self.code < 200:
            self.cancel()
        self._sip.close()
        self._rtp.close()

    # --- what a caller does -------------------------------------------------------------------------------
    def invite(self) -> None:
        sdp = (
            b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            b"m=audio %d RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        ) % self._rtp.getsockname()[1]
        self._send(b"INVITE", self._next(), sdp, b"Content-Type: application/sdp\r\n" + self._headers)

    def wait_answer(self, timeout_s: float = 10.0) -> int:
        """The final status of the INVITE; 0 when there is none in time."""
        self._until(lambda: self.code >= 200, timeout_s)
        return self.code if self.code >= 200 else 0

    def cancel(self) -> None:
        self._send(b"CANCEL", self._cseq)

    def press(self, digit: str, pause_s: float = 0.06) -> None:
        """A telephone event (RFC 4733): the key's packets, its end three times, then a pause."""
        event = b"0123456789*#ABCD".index(digit.encode())
        for n in range(6):
            ended, duration = n >= 3, 160 * (min(n, 3) + 1)
            payload = struct.pack("!BBH", event, 0x8A if ended else 0x0A, duration)
            self._rtp_send(101, payload, marker=n == 0)
        self._stamp += 1600
        self.heard(pause_s)

    def press_by_info(self, digit: str) -> None:
        body = b"Signal=%s\r\nDuration=100\r\n" % digit.encode()
        self._send(b"INFO", self._next(), body, b"Content-Type: application/dtmf-relay\r\n")

    def wait_gone(self, timeout_s: float = 10.0) -> bool:
        return self._until(lambda: self.gone, timeout_s)

    def hears(self, enough: int = 2000, within_s: float = 10.0) -> bool:
        """Whether so many bytes of sound come (8000 a second)."""
        return len(self.heard(within_s, enough)) >= enough

    def heard(self, seconds: float, enough: float = inf) -> bytes:
        """The mu-law bytes that come in so long a time, or until they are enough (keeps answering requests
        meanwhile)."""
        found = bytearray()
        deadline = time.monotonic() + seconds
        while len(found) < enough and (left := deadline - time.monotonic()) > 0:
            self._until(lambda: False, min(left, 0.02))
            found += self._rtp_bytes()
        return bytes(found)

    # --- inside -------------------------------------------------------------------------------------------
    def _next(self) -> int:
        self._cseq += 1
        return self._cseq

    def _send(self, method: bytes, cseq: int, body: bytes = b"", headers: bytes = b"") -> None:
        branch = self._branch if method in (b"INVITE", b"CANCEL") else os.urandom(8).hex().encode()
        self._sip.sendto(
            b"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s\r\nMax-Forwards: %d\r\n"
            b"From: %s;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:raw@%s>\r\n"
            b"%sContent-Length: %d\r\n\r\n%s"
            % (method, self._remote, self._local, branch, self._max_forwards, self._identity, self._tag, self._to,
               self._call_id, cseq, method, self._local, headers, len(body), body),
            self._server,
        )  # fmt: skip

    def _until(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while not holds():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._sip.settimeout(left)
            try:
                message = self._sip.recv(65536)
            except (TimeoutError, BlockingIOError):
                continue
            self._take(message)
        return True

    def _take(self, message: bytes) -> None:
        status = _STATUS.match(message)
        if status is None:
            self._answer(message)
        elif (cseq := _CSEQ.search(message)) and cseq[2] == b"INVITE":
            self.code = int(status[1])
            if to := _TO.search(message):
                self._to = to[1]
            if media := _MEDIA.search(message):
                self._media = (media[1].decode(), int(media[2]))
            if self.code >= 200:
                if contact := _CONTACT.search(message):
                    self._remote = contact[1]
                self._send(b"ACK", int(cseq[1]))

    def _answer(self, request: bytes) -> None:
        method = request.split(b" ", 1)[0]
        if method == b"ACK":
            return
        self.gone = self.gone or method == b"BYE"
        kept = b"\r\n".join(_VIA_ETC.findall(request))
        self._sip.sendto(b"SIP/2.0 200 OK\r\n%s\r\nContent-Length: 0\r\n\r\n" % kept, self._server)

    def _rtp_send(self, payload_type: int, payload: bytes, marker: bool) -> None:
        if self._media is None:
            return
        self._packets += 1
        kind = payload_type | (0x80 if marker else 0)
        header = struct.pack("!BBHII", 0x80, kind, self._packets & 0xFFFF, self._stamp, 0x52415721)
        self._rtp.sendto(header + payload, self._media)

    def _rtp_bytes(self) -> bytes:
        found = bytearray()
        self._rtp.setblocking(False)
        while True:
            try:
                packet = self._rtp.recv(2048)
            except BlockingIOError:
                return bytes(found)
            if len(packet) > 12 and packet[1] & 0x7F == 0:
                found += packet[12:]


def _udp() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock

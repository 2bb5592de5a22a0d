"""A caller whose keys are as quick or slow as wanted: RFC 4733 events, packet by packet."""

from __future__ import annotations

import math
import random
import re
import struct
import time
from array import array

from rawsip import RawCaller

from switch_app.softswitch.media import g711

EVENTS = "0123456789*#ABCD"
_MEDIA = re.compile(rb"\r\nm=audio (\d+) ")
TICK_S = 0.02
PAYLOAD = 101


class RtpCaller(RawCaller):
    """`press_for` sends a key of so many milliseconds, after which nothing is sent for a gap."""

    def __init__(self, server: str, identity: bytes, **options: object) -> None:
        super().__init__(server, identity, **options)  # type: ignore[arg-type]
        self._media: tuple[str, int] | None = None
        self._sequence, self._samples = 100, 1000
        self._started = False

    def _take(self, message: bytes) -> None:
        if found := _MEDIA.search(message):
            self._media = ("127.0.0.1", int(found[1]))
        super()._take(message)

    def press_for(self, digit: str, tone_ms: int, gap_ms: int) -> None:
        """Events every 20 ms with their growing duration; the last one is sent three times (RFC 4733, 2.5.1.4)."""
        assert self._media is not None, "no answer with SDP yet"
        stamp, ticks = self._samples, max(1, tone_ms // 20)
        due = time.monotonic()
        for tick in range(ticks):
            self._event(digit, stamp, 160 * (tick + 1), first=tick == 0, end=False)
            due += TICK_S
            self._wait(due)
        for _ in range(3):
            self._event(digit, stamp, 8 * tone_ms, first=False, end=True)
        self._samples += 8 * (tone_ms + gap_ms)
        self._wait(due + gap_ms / 1000)

    def _wait(self, due: float) -> None:
        """Requests are answered meanwhile."""
        self._until(lambda: False, max(0.0, due - time.monotonic()) or 0.0001)

    def _event(self, digit: str, stamp: int, duration: int, first: bool, end: bool) -> None:
        marker = 0x80 if first else 0
        head = struct.pack(">BBHII", 0x80, PAYLOAD | marker, self._sequence & 0xFFFF, stamp, 0x0BADCAFE)
        self._sequence += 1
        data = head + struct.pack(">BBH", EVENTS.index(digit), (0x80 if end else 0) | 10, min(duration, 0xFFFF))
        assert self._media is not None
        self._rtp.sendto(data, self._media)




class BadLineCaller(RtpCaller):
    """Its packets get lost, come twice, late or in the wrong order, by a seed."""

    def __init__(self, server: str, identity: bytes, seed: int, loss: float = 0.1, **options: object) -> None:
        super().__init__(server, identity, **options)
        self._chance, self._loss = random.Random(seed), loss
        self._held: bytes | None = None

    def speak(self, hz: int, seconds: float) -> None:
        """A tone in mu-law, a packet every 20 ms or so."""
        assert self._media is not None
        due = time.monotonic()
        for frame in range(round(seconds / TICK_S)):
            samples = (round(8000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(160 * frame, 160 * frame + 160))
            head = struct.pack(">BBHII", 0x80, 0, self._sequence & 0xFFFF, self._samples, 0x0BADCAFE)
            self._sequence += 1
            self._samples += 160
            self._transmit(head + g711.encode(array("h", samples).tobytes(), "PCMU"))
            due += TICK_S
            self._wait(due + self._chance.uniform(-0.015, 0.015))
        self._flush()

    def _transmit(self, data: bytes) -> None:
        assert self._media is not None
        fate = self._chance.random()
        if fate < self._loss:
            return
        if fate < self._loss + 0.05 and self._held is None:
            self._held = data  # comes after the next one
            return
        for _ in range(2 if fate > 0.95 else 1):
            self._rtp.sendto(data, self._media)
        self._flush()

    def _flush(self) -> None:
        if self._held is not None and self._media is not None:
            self._rtp.sendto(self._held, self._media)
            self._held = None

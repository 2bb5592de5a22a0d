"""The audio of one leg: what is played to it, which leg it hears, who records it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..loop import Loop
from ..tasks import Future
from . import g711
from .clock import Clock
from .dtmf import DigitWriter
from .g711 import Law
from .rtp import Endpoint, Ports
from .sources import Source


class Tap(Protocol):
    """Hears both sides of a stream: `heard` is what the phone says, `spoken` what it is given."""

    def heard(self, codes: bytes, law: Law) -> None: ...
    def spoken(self, codes: bytes, law: Law) -> None: ...


class Stream:
    """A player has precedence over the other leg's audio, digits have precedence over both."""

    def __init__(self, loop: Loop, clock: Clock, ports: Ports) -> None:
        self._loop, self._clock = loop, clock
        self.rtp = Endpoint(loop, ports)
        self.rtp.on_audio = self._heard
        self.peer: Stream | None = None
        self.taps: list[Tap] = []
        self._source: Source | None = None
        self._ended: Future[bool] = Future()
        self._digits = DigitWriter()
        self.without_events: Callable[[str, int], object] = lambda _digit, _samples: None

    # -- playing ------------------------------------------------------------------------------
    def play(self, source: Source) -> Future[bool]:
        """Play from the next tick on, in place of what plays; set to True at its end, False when stopped."""
        self.stop()
        self._source, self._ended = source, Future()
        self._clock.join(self)
        return self._ended

    def stop(self) -> None:
        ended, self._source = self._ended, None
        ended.set(False)

    def suspend(self) -> tuple[Source, Future[bool]] | None:
        """Take the running playback away without ending it; `resume` gives it back."""
        if self._source is None:
            return None
        state, self._source = (self._source, self._ended), None
        return state

    def resume(self, state: tuple[Source, Future[bool]] | None) -> None:
        if state is not None:
            self._source, self._ended = state
            self._clock.join(self)

    @property
    def playing(self) -> bool:
        return self._source is not None

    def send_digit(self, digit: str, samples: int = 1600) -> None:
        """To a phone that knows no telephone events in another way (`without_events`)."""
        if self.rtp.event_type is None:
            self.without_events(digit, samples)
            return
        self._digits.queue(digit, samples)
        self._clock.join(self)

    def tick(self, now: float) -> None:
        if self._digits.busy:
            event = self._digits.next()
            if event is not None:
                self.rtp.send_event(*event, now)
                return
        if self._source is None:
            if not self._digits.busy:
                self._clock.leave(self)
            return
        codes = self._source.next(self.rtp.law)
        if codes is None:
            self._source = None
            self._ended.set(True)
            return
        self.rtp.send(codes, now)
        for tap in self.taps:
            tap.spoken(codes, self.rtp.law)

    # -- the other leg ------------------------------------------------------------------------
    def _heard(self, codes: bytes, law: Law) -> None:
        for tap in self.taps:
            tap.heard(codes, law)
        if self.peer is not None:
            self.peer.relay(codes, law)

    def relay(self, codes: bytes, law: Law) -> None:
        """Audio of the other leg, sent on as it comes: no jitter buffer, no added delay."""
        if self._source is not None or self._digits.busy:
            return
        if law != self.rtp.law:
            codes = g711.convert(codes, law, self.rtp.law)
        self.rtp.send(codes, self._loop.now())
        for tap in self.taps:
            tap.spoken(codes, self.rtp.law)

    def close(self) -> None:
        self.stop()
        self._clock.leave(self)
        if self.peer is not None and self.peer.peer is self:
            self.peer.peer = None
        self.peer = None
        self.without_events = lambda _digit, _samples: None
        self.rtp.close()


def connect(one: Stream, other: Stream) -> None:
    """Each hears the other."""
    one.peer, other.peer = other, one


def disconnect(one: Stream, other: Stream) -> None:
    if one.peer is other:
        one.peer = None
    if other.peer is one:
        other.peer = None

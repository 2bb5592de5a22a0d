"""Recording to a WAV file of 16-bit PCM: both sides of a stream on one time line."""

from __future__ import annotations

import errno
import logging
import os
import random
import struct
from pathlib import Path
from typing import Literal

from ..loop import Loop
from . import g711
from .g711 import Law

log = logging.getLogger("softswitch.recording")

Sides = Literal["stereo", "mixed", "heard"]

_RATE = 8000
_GAP = 800  # samples (100 ms): more than jitter, so somebody was silent
_AHEAD = 1600  # a sender faster than our clock may not push the sides apart


class Recorder:
    """A Tap. Left is what the phone says (heard), right what it is given (spoken).

    Both sides are kept on the clock's time line: what did not come is silence, so that the file is as
    long as the call. Raises OSError when the file cannot be opened; a disk that fills up later ends
    the recording (`failed`), not the call.
    """

    def __init__(self, loop: Loop, path: Path, sides: Sides, law: Law) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.sides, self.law = path, sides, law
        self._loop = loop
        self._file = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
        self._channels = 2 if sides == "stereo" else 1
        self._buffers = (bytearray(), bytearray())
        self._origin = loop.now()
        self._paused_at = 0.0
        self.samples = 0
        self.masked = self.closed = self.failed = False
        try:
            self._write_header()
        except OSError:
            os.close(self._file)
            raise
        # Spread over the second: a hundred recordings begun together must not all write at once.
        self._timer = loop.later(0.5 + random.random(), self._every_second)

    # -- what is heard ------------------------------------------------------------------------
    def heard(self, codes: bytes, law: Law) -> None:
        self._add(0, codes, law)

    def spoken(self, codes: bytes, law: Law) -> None:
        if self.sides != "heard":
            self._add(1, codes, law)

    def _add(self, side: int, codes: bytes, law: Law) -> None:
        if self.closed or self._paused_at:
            return
        buffer = self._buffers[side]
        lag = self._expected() - self.samples - len(buffer)
        if lag > _GAP:
            buffer += g711.SILENCE[self.law][:1] * (lag - len(codes))
        elif lag < -_AHEAD:
            return
        if self.masked:
            codes = g711.SILENCE[self.law][:1] * len(codes)
        elif law != self.law:
            codes = g711.convert(codes, law, self.law)
        buffer += codes

    def _expected(self) -> int:
        return int((self._loop.now() - self._origin) * _RATE)

    # -- control ------------------------------------------------------------------------------
    def pause(self) -> None:
        """Leave out what comes until `resume`; the file gets shorter."""
        if not self._paused_at:
            self._flush(0)
            self._paused_at = self._loop.now()

    def resume(self) -> None:
        if self._paused_at:
            self._origin += self._loop.now() - self._paused_at
            self._paused_at = 0.0

    def close(self) -> None:
        if self.closed:
            return
        self._timer.cancel()
        self.resume()
        self._flush(0)
        self.closed = True
        os.close(self._file)

    # -- writing ------------------------------------------------------------------------------
    def _every_second(self) -> None:
        if self.closed:
            return
        if not self._paused_at:
            self._flush(_GAP)
        self._timer = self._loop.later(1.0, self._every_second)

    def _flush(self, margin: int) -> None:
        """Write what both sides have, a silent side filled up to `margin` samples before now."""
        due = self._expected() - self.samples - margin
        silence = g711.SILENCE[self.law][:1]
        for buffer in self._buffers:
            if len(buffer) < due:
                buffer += silence * (due - len(buffer))
        count = min(len(buffer) for buffer in self._buffers)
        left, right = (bytes(buffer[:count]) for buffer in self._buffers)
        for buffer in self._buffers:
            del buffer[:count]
        try:
            self._append(self._linear(left, right))
        except OSError as error:
            log.error("the recording %s is cut off after %d s: %s", self.path, self.samples // _RATE, error)
            self.failed = True
            self._timer.cancel()
            self.closed = True
            os.close(self._file)

    def _append(self, data: bytes) -> None:
        """A disk that has some room left takes a part and raises nothing."""
        written = os.write(self._file, data)
        self.samples += written // (2 * self._channels)
        self._write_header()
        if written < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _linear(self, left: bytes, right: bytes) -> bytes:
        if self.sides == "stereo":
            return g711.stereo(left, right, self.law)
        if self.sides == "mixed":
            return g711.mix(g711.decode(left, self.law), g711.decode(right, self.law))
        return g711.decode(left, self.law)

    def _write_header(self) -> None:
        """Kept right all the time: a recording survives the death of the switch."""
        block = 2 * self._channels
        size = self.samples * block
        header = struct.pack(
            "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, self._channels,
            _RATE, _RATE * block, block, 16, b"data", size,
        )  # fmt: skip
        os.pwrite(self._file, header, 0)
        os.lseek(self._file, 0, os.SEEK_END)

"""Audio that can be played, cut in 20 ms frames of G.711, encoded once for all calls."""

from __future__ import annotations

import wave
from collections import OrderedDict
from pathlib import Path

from . import g711
from .g711 import Law

FRAME = 160
"""Samples (and G.711 bytes) in 20 ms at 8 kHz."""

_BLOCK = 50 * FRAME


class BadAudio(Exception):
    """This file cannot be played; the message says why."""


class Clip:
    """Linear audio with its encoded blocks of one second, made on demand."""

    def __init__(self, linear: bytes) -> None:
        self._linear = linear
        self.samples = len(linear) // 2
        self.frames = -(-self.samples // FRAME)
        self._blocks: dict[tuple[Law, int], bytes] = {}

    def frame(self, index: int, law: Law) -> bytes:
        """Frame `index` of `frames`; the last is filled up with silence."""
        number, place = divmod(index * FRAME, _BLOCK)
        block = self._blocks.get((law, number))
        if block is None:
            start = 2 * number * _BLOCK
            block = g711.encode(self._linear[start : start + 2 * _BLOCK], law)
            self._blocks[law, number] = block
        codes = block[place : place + FRAME]
        return codes if len(codes) == FRAME else codes + g711.SILENCE[law][len(codes) :]


class Clips:
    """Files by path, the least used dropped above `limit_bytes` of linear audio; read again when changed."""

    def __init__(self, limit_bytes: int = 64 << 20) -> None:
        self._limit = limit_bytes
        self._held = 0
        self._known: OrderedDict[Path, tuple[tuple[int, int], Clip]] = OrderedDict()

    def load(self, path: Path) -> Clip:
        """Raises BadAudio: no such file, not a WAV of 16-bit 8 kHz audio, or longer than 20 minutes."""
        try:
            stat = path.stat()
        except (OSError, ValueError) as error:
            raise BadAudio(f"{path}: {error}") from error
        mark = (stat.st_mtime_ns, stat.st_size)
        known = self._known.get(path)
        if known is not None and known[0] == mark:
            self._known.move_to_end(path)
            return known[1]
        if stat.st_size > 40 << 20:
            raise BadAudio(f"{path}: too large")
        clip = Clip(read_wav(path))
        if known is not None:
            self._held -= 2 * known[1].samples
        self._known[path] = (mark, clip)
        self._held += 2 * clip.samples
        while self._held > self._limit and len(self._known) > 1:
            self._held -= 2 * self._known.popitem(last=False)[1][1].samples
        return clip


def read_wav(path: Path) -> bytes:
    """Linear mono audio of a WAV file at 8 kHz; of a stereo file the mix. Raises BadAudio."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error, ValueError) as error:
        raise BadAudio(f"{path}: {error}") from error
    if (rate, width) != (8000, 2) or channels not in (1, 2):
        raise BadAudio(f"{path}: {rate} Hz, {8 * width} bit, {channels} channels; want 8000 Hz, 16 bit")
    if channels == 1:
        return data
    pairs = memoryview(data[: len(data) & ~3]).cast("h")
    return g711.mix(_halved(pairs[0::2]), _halved(pairs[1::2]))


def _halved(samples: memoryview) -> bytes:
    from array import array

    return array("h", [sample // 2 for sample in samples]).tobytes()

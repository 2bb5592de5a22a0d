"""What is heard in a recording: level, tones, start of sound. Standard library only.

Samples are 16-bit integers; full scale is 32768. A share is a part of the whole energy, 0..1.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FULL_SCALE = 32768.0
SILENCE_DBFS = -50.0
FRAME_S = 0.02
COMMON_TONES_HZ = (350, 425, 440, 480, 500, 600, 620, 700, 800, 880, 900, 1000, 1100, 1200, 1300, 1400)

Samples = Sequence[int]


@dataclass(frozen=True)
class Audio:
    """A WAV file: one sequence of samples per channel."""

    rate_hz: int
    channels: tuple[Samples, ...]

    @property
    def mono(self) -> Samples:
        assert len(self.channels) == 1, f"{len(self.channels)} channels"
        return self.channels[0]

    @property
    def duration_s(self) -> float:
        return len(self.channels[0]) / self.rate_hz


def read(path: str | Path) -> Audio:
    """Raises wave.Error, or ValueError for other than 16-bit samples."""
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path}: {8 * file.getsampwidth()} bits a sample, 16 wanted")
        samples = array("h", file.readframes(file.getnframes()))
        channels, rate_hz = file.getnchannels(), file.getframerate()
    if sys.byteorder == "big":
        samples.byteswap()
    return Audio(rate_hz, tuple(samples[i::channels] for i in range(channels)))


def level_dbfs(samples: Samples) -> float:
    """RMS level; a full-scale sine has -3.01, digital silence -inf."""
    energy = sum(s * s for s in samples)
    if not energy:
        return -math.inf
    return 10 * math.log10(energy / len(samples) / FULL_SCALE**2)


def is_silent(samples: Samples, threshold_dbfs: float = SILENCE_DBFS) -> bool:
    """True also for no samples at all."""
    return level_dbfs(samples) < threshold_dbfs


def tone_share(samples: Samples, hz: float, rate_hz: int = 8000) -> float:
    """The part of the energy that is a sine of this frequency (Goertzel): 1.0 for nothing but it.

    Measured over blocks of 0.1 s (10 Hz wide), so that a jump of the phase costs one block only.
    """
    size = max(1, rate_hz // 10)
    whole = found = 0.0
    for start in range(0, len(samples) - size + 1, size):
        block = samples[start : start + size]
        whole += sum(s * s for s in block)
        found += _tone_energy(block, hz, rate_hz)
    return found / whole if whole else 0.0


def loudest_tone(samples: Samples, candidates: Sequence[float] = COMMON_TONES_HZ, rate_hz: int = 8000) -> float:
    """Which of the candidates has the greatest share; 0.0 when none has more than a twentieth."""
    share, hz = max((tone_share(samples, hz, rate_hz), hz) for hz in candidates)
    return hz if share > 0.05 else 0.0


def sound_start_s(samples: Samples, rate_hz: int = 8000, threshold_dbfs: float = SILENCE_DBFS) -> float | None:
    """When the first frame of 20 ms that is not silent begins; None in silence."""
    for start, level in frames_dbfs(samples, rate_hz):
        if level >= threshold_dbfs:
            return start
    return None


def sounding_s(samples: Samples, rate_hz: int = 8000, threshold_dbfs: float = SILENCE_DBFS) -> float:
    """How many seconds are not silent, by frames of 20 ms."""
    return FRAME_S * sum(level >= threshold_dbfs for _, level in frames_dbfs(samples, rate_hz))


def frames_dbfs(samples: Samples, rate_hz: int = 8000) -> list[tuple[float, float]]:
    """(start in seconds, level) of each whole frame of 20 ms."""
    size = int(rate_hz * FRAME_S)
    starts = range(0, len(samples) - size + 1, size)
    return [(start / rate_hz, level_dbfs(samples[start : start + size])) for start in starts]


def part(samples: Samples, from_s: float, to_s: float | None = None, rate_hz: int = 8000) -> Samples:
    """Between two moments; negative ones count from the end."""
    return samples[_index(from_s, rate_hz) : None if to_s is None else _index(to_s, rate_hz)]


def _index(moment_s: float, rate_hz: int) -> int:
    return round(moment_s * rate_hz)


def _tone_energy(block: Samples, hz: float, rate_hz: int) -> float:
    """Energy of the sine at hz within the block, in the unit of sum(s * s)."""
    turn = 2 * math.pi * hz / rate_hz
    factor = 2 * math.cos(turn)
    one = two = 0.0
    for sample in block:
        one, two = sample + factor * one - two, one
    power = one * one + two * two - factor * one * two  # |X|^2; a sine of amplitude A has (A N / 2)^2
    return 2 * power / len(block)

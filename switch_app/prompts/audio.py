"""Raw speech to a telephone prompt: 8 kHz, trimmed, levelled, faded. Levels are dBFS (full scale 1.0).

Resampling is sox's; the rest is simple arithmetic on 16-bit samples.
"""

from __future__ import annotations

import math
import subprocess
import sys
import wave
from array import array
from pathlib import Path

from switch_app.core.errors import Refused

RATE_HZ = 8000
FULL = 32768.0
TARGET_RMS_DB = -20.0
PEAK_LIMIT_DB = -3.5
MARGIN_S = 0.04  # kept before the first and after the last sound: room for the fades
FADE_S = 0.03
_FRAME = RATE_HZ // 100  # 10 ms
_SILENCE_BELOW_PEAK_DB = 40.0
_ACTIVE_BELOW_PEAK_DB = 25.0

Samples = array  # of "h"


def telephone(raw: Path, treble_db: int = 0) -> Samples:
    """The recording at 8 kHz mono, without what a telephone can't carry. treble_db: lift above 2.5 kHz,
    for a voice with weak s and f. Raises Refused (sox_failed)."""
    command = ["sox", "-D", str(raw), "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-L", "-"]
    effects = ["gain", "-9", "highpass", "120", "rate", "-v", str(RATE_HZ)]
    if treble_db:
        effects[2:2] = ["treble", str(treble_db), "2500"]
    try:
        done = subprocess.run([*command, *effects], capture_output=True, check=True, timeout=60)
    except FileNotFoundError as error:
        raise Refused("sox_failed", "no sox here: apt-get install sox") from error
    except (subprocess.SubprocessError, OSError) as error:
        raise Refused("sox_failed", f"sox: {error}") from error
    return from_bytes(done.stdout)


def polish(samples: Samples) -> Samples:
    """Trim, level and fade."""
    return faded(levelled(trimmed(samples)))


def trimmed(samples: Samples) -> Samples:
    """Without the silence at both ends, but for MARGIN_S (added where there was less)."""
    levels = frame_levels(samples)
    floor = max(levels, default=-120.0) - _SILENCE_BELOW_PEAK_DB
    over = [level > floor for level in levels]
    # three of five neighbours: a click in the last frame of a file is no sound
    loud = [i for i in range(len(over)) if over[i] and sum(over[max(i - 2, 0) : i + 3]) >= 3]
    if not loud:
        return samples
    margin = int(MARGIN_S * RATE_HZ)
    padded = array("h", [0]) * margin + samples + array("h", [0]) * (margin + _FRAME)
    return padded[loud[0] * _FRAME : (loud[-1] + 1) * _FRAME + 2 * margin]


def levelled(samples: Samples) -> Samples:
    """At TARGET_RMS_DB of active level, or as near as the peak limit lets it: peaks up to 6 dB over
    the limit are rounded, not the whole turned down."""
    wanted = 10 ** ((TARGET_RMS_DB - active_level(samples)) / 20)
    ceiling = 10 ** (PEAK_LIMIT_DB / 20) * FULL
    gain = min(wanted, 2 * ceiling / max(peak(samples), 1.0))
    return array("h", (_rounded(s * gain, ceiling) for s in samples))


def faded(samples: Samples) -> Samples:
    """Raised-cosine fades of FADE_S at both ends, so that fragments join without a click."""
    out = array("h", samples)
    n = min(int(FADE_S * RATE_HZ), len(out) // 2)
    for i in range(n):
        factor = 0.5 - 0.5 * math.cos(math.pi * i / n)
        out[i] = int(out[i] * factor)
        out[-1 - i] = int(out[-1 - i] * factor)
    return out


def active_level(samples: Samples) -> float:
    """RMS of the frames that carry sound (within 25 dB of the loudest)."""
    levels = frame_levels(samples)
    floor = max(levels, default=-120.0) - _ACTIVE_BELOW_PEAK_DB
    active = [10 ** (level / 10) for level in levels if level > floor]
    return 10 * math.log10(sum(active) / len(active)) if active else -120.0


def frame_levels(samples: Samples) -> list[float]:
    """RMS of each 10 ms."""
    return [_rms_db(samples[i : i + _FRAME]) for i in range(0, len(samples), _FRAME)]


def peak(samples: Samples) -> float:
    """The largest sample, 0 .. 32768."""
    return float(max(max(samples, default=0), -min(samples, default=0)))


def db(amplitude: float) -> float:
    """Of a sample value."""
    return 20 * math.log10(max(amplitude, 1e-3) / FULL)


def load(path: Path) -> tuple[Samples, int]:
    """Samples and rate of a 16-bit mono WAV."""
    with wave.open(str(path), "rb") as wav:
        return from_bytes(wav.readframes(wav.getnframes())), wav.getframerate()


def save(path: Path, samples: Samples) -> None:
    """Write whole or not at all."""
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(_little_endian(samples).tobytes())
    part.replace(path)


def from_bytes(data: bytes) -> Samples:
    """16-bit little-endian PCM."""
    return _little_endian(array("h", data[: len(data) // 2 * 2]))


def silence(seconds: float) -> Samples:
    return array("h", [0]) * int(seconds * RATE_HZ)


def _little_endian(samples: Samples) -> Samples:
    if sys.byteorder == "big":
        samples = array("h", samples)
        samples.byteswap()
    return samples


def _rms_db(frame: Samples) -> float:
    mean = sum(s * s for s in frame) / max(len(frame), 1)
    return 10 * math.log10(max(mean, 1e-6) / FULL**2)


def _rounded(value: float, ceiling: float) -> int:
    """Linear up to 60 % of the ceiling, then bent (tanh) so that it is never passed."""
    knee = 0.6 * ceiling
    size = abs(value)
    if size > knee:
        size = knee + (ceiling - knee) * math.tanh((size - knee) / (ceiling - knee))
    return int(math.copysign(size, value))

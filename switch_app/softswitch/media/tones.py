"""Tones from FreeSWITCH's tone_stream syntax: `%(on_ms,off_ms,hz[,hz...])`, `L=2`, `v=-7`, `loops=10`."""

from __future__ import annotations

import math
import re
from array import array
from functools import lru_cache

from .clip import BadAudio, Clip

RATE = 8000
_MAX_S = 60
_ELEMENT = re.compile(r"%\(([0-9.,\s]+)\)|([a-zA-Z>]+)=(-?[0-9.]+)|([0-9*#A-D])", re.I)
_DTMF = {
    digit: (row, column)
    for row, digits in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for digit, column in zip(digits, (1209, 1336, 1477, 1633), strict=True)
}


@lru_cache(maxsize=64)
def render(spec: str) -> tuple[Clip, int]:
    """The clip and how often it is played (-1: for ever). Raises BadAudio."""
    samples = array("h")
    amplitude, repeat, loops = _level(-7.0), 1, 1
    for element in filter(None, spec.split(";")):
        found = _ELEMENT.fullmatch(element.strip())
        if found is None:
            raise BadAudio(f"tone not understood: {element[:60]!r}")
        tone, name, value, digit = found.groups()
        if name and name.lower() == "loops":
            loops = int(float(value))
        elif name and name.lower() == "v":
            amplitude = _level(float(value))
        elif name and name.lower() == "l":
            repeat = max(1, min(1000, int(float(value))))
        elif digit:
            samples += _wave(100, 100, _DTMF[digit.upper()], amplitude)
        elif tone:
            samples += _element(tone, amplitude) * repeat
            repeat = 1
        if len(samples) > _MAX_S * RATE:
            raise BadAudio("tone longer than a minute")
    if not samples:
        raise BadAudio("empty tone")
    return Clip(samples.tobytes()), loops


def _element(tone: str, amplitude: float) -> array[int]:
    try:
        on_ms, off_ms, *hertz = (float(part) for part in tone.split(","))
    except ValueError:
        raise BadAudio(f"tone not understood: {tone[:60]!r}") from None
    if on_ms + off_ms > 1000 * _MAX_S or len(hertz) > 8:
        raise BadAudio("tone longer than a minute")
    return _wave(on_ms, off_ms, tuple(hertz), amplitude)


def _wave(on_ms: float, off_ms: float, hertz: tuple[float, ...], amplitude: float) -> array[int]:
    steps = [2 * math.pi * round(f) / RATE for f in hertz]
    each = amplitude / max(1, len(hertz))
    wanted = int(on_ms * 8)
    # Whole hertz repeat after one second: a minute of tone must not hold up the loop for half a second.
    period = array("h", (int(sum(math.sin(s * n) for s in steps) * each) for n in range(min(wanted, RATE))))
    sound = (period * (wanted // RATE + 1))[:wanted]
    return sound + array("h", bytes(2 * int(off_ms * 8)))


def _level(decibel: float) -> float:
    """Amplitude of a tone of `decibel` below full scale."""
    return 32767 * 10 ** (min(0.0, max(-60.0, decibel)) / 20)

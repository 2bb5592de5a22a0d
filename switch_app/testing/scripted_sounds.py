"""How long a sound lasts, in FreeSWITCH's notation for playback."""

from __future__ import annotations

import re
import wave

LEAD_S = 0.25  # of silence before a file_string (mod_dptools.c, next_file)
_TONE = re.compile(r"%\((\d+),(\d+)")


def length_s(sound: str) -> float | None:
    """Seconds; None when there is nothing to play. Missing pieces of a file_string are left out."""
    if not sound.startswith("file_string://"):
        return _one(sound)
    pieces = [_one(piece) for piece in sound.removeprefix("file_string://").split("!")]
    found = [piece for piece in pieces if piece is not None]
    return LEAD_S + sum(found) if found else None


def _one(sound: str) -> float | None:
    if sound.startswith("silence_stream://"):
        return int(sound.removeprefix("silence_stream://").split(",")[0]) / 1000
    if sound.startswith("tone_stream://"):
        return sum(int(on) + int(off) for on, off in _TONE.findall(sound)) / 1000
    try:
        with wave.open(sound) as file:
            return float(file.getnframes() / file.getframerate())
    except (OSError, wave.Error, EOFError):
        return None

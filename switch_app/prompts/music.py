"""Music on hold, composed here: nobody's rights are touched, and it can be made again bit by bit.

A soft electric piano over a pad: 16 bars of 3.2 s in F major, 8 kHz. The whole is circular (what
rings over the end rings into the beginning), so that it repeats without a seam.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from switch_app.prompts import audio

BAR_S = 3.2
BEAT_S = BAR_S / 4
LEVEL_DB = -24.0  # under the voice's -20: it is heard for minutes
SEED = 2026
INTERLUDE_S = 4.0

# Fmaj7 Am7 Dm7 Bbmaj9 | Fmaj7 Dm7 Gm7 C7sus | Bbmaj7 Am7 Gm7 C | Dm7 Bbmaj7 Gm7 Csus-C
CHORDS: Sequence[Sequence[int]] = (
    (53, 60, 64, 69), (57, 60, 64, 67), (50, 57, 60, 65), (46, 57, 60, 62),
    (53, 57, 60, 64), (50, 57, 60, 65), (55, 58, 62, 65), (48, 58, 60, 65),
    (46, 57, 62, 65), (57, 60, 64, 67), (55, 58, 62, 65), (48, 55, 60, 64),
    (50, 57, 60, 65), (46, 57, 60, 65), (55, 58, 62, 69), (48, 58, 60, 64),
)  # fmt: skip
PENTATONIC = (65, 67, 69, 72, 74, 77, 79, 81)  # F major's, where a melody can't go wrong
RHYTHMS = ((0.0, 1.0, 2.0), (0.0, 1.5, 2.0), (0.0, 2.0), (0.5, 1.5, 2.5), (0.0, 1.0, 1.5, 3.0), (0.0,))

Partials = Sequence[tuple[float, float, float]]  # frequency ratio, amplitude, seconds to decay to 1/e
PIANO: Partials = ((1.0, 1.0, 1.3), (2.0, 0.35, 0.8), (3.0, 0.12, 0.45), (4.0, 0.06, 0.3))
BASS: Partials = ((1.0, 1.0, 1.6), (2.0, 0.5, 1.2), (3.0, 0.2, 0.7))
PAD: Partials = ((0.997, 0.5, 9.0), (1.003, 0.5, 9.0), (2.0, 0.12, 9.0))


def compose(seed: int = SEED) -> audio.Samples:
    """The loop, 51.2 s. The same seed gives the same samples."""
    rng = random.Random(seed)
    mix = [0.0] * int(len(CHORDS) * BAR_S * audio.RATE_HZ)
    for bar, chord in enumerate(CHORDS):
        start = bar * BAR_S
        _add(mix, start, chord[0] - 12 if chord[0] > 52 else chord[0], 0.5, 3.0, BASS, _struck)
        for note in chord[1:]:
            _add(mix, start, note, 0.11, BAR_S + 0.8, PAD, _swelled)
        for i, note in enumerate((*chord[1:], chord[2])):  # a broken chord, a touch uneven as hands are
            at = start + i * BEAT_S + rng.uniform(0.0, 0.02)
            _add(mix, at, note, rng.uniform(0.24, 0.3), 2.6, PIANO, _struck)
    for at, note in _melody(rng):
        _add(mix, at, note, rng.uniform(0.34, 0.44), 3.0, PIANO, _struck)
    return _levelled(mix)


def interlude(music: audio.Samples) -> audio.Samples:
    """The music's beginning, with an end: while the switch tries again to reach the application."""
    part = music[: int(INTERLUDE_S * audio.RATE_HZ)]
    down = audio.RATE_HZ  # one second
    for i in range(down):
        part[-1 - i] = int(part[-1 - i] * i / down)
    return audio.faded(part)


def build_music(sounds_dir: Path) -> tuple[str, ...]:
    """Write sounds/music/; the files, relative to sounds/."""
    folder = Path(sounds_dir) / "music"
    folder.mkdir(exist_ok=True)
    music = compose()
    audio.save(folder / "music.wav", music)
    audio.save(folder / "interlude.wav", interlude(music))
    return "music/music.wav", "music/interlude.wav"


def _melody(rng: random.Random) -> list[tuple[float, int]]:
    """Small steps over the pentatonic scale; each phrase of four bars ends on a note of its chord."""
    notes, place = [], 3
    for bar, chord in enumerate(CHORDS):
        last_of_phrase = bar % 4 == 3
        for beat in (0.0,) if last_of_phrase else rng.choice(RHYTHMS):
            place = min(max(place + rng.choice((-2, -1, -1, 1, 1, 2)), 0), len(PENTATONIC) - 1)
            if beat == 0.0:
                place = _nearest_of_chord(place, chord)
            notes.append((bar * BAR_S + beat * BEAT_S, PENTATONIC[place]))
    return notes


def _nearest_of_chord(place: int, chord: Sequence[int]) -> int:
    tones = {note % 12 for note in chord}
    fitting = [i for i, note in enumerate(PENTATONIC) if note % 12 in tones]
    return min(fitting, key=lambda i: (abs(i - place), i))


def _add(
    mix: list[float], at_s: float, midi: int, gain: float, length_s: float, partials: Partials,
    envelope: Callable[[float, float], float],
) -> None:  # fmt: skip
    """Mix a note in, round the end of the loop."""
    rate, size = audio.RATE_HZ, len(mix)
    start, count = int(at_s * rate), int(length_s * rate)
    base = 440.0 * 2 ** ((midi - 69) / 12)
    note = [0.0] * count
    for ratio, amplitude, decay_s in partials:
        step = 2 * math.pi * base * ratio / rate
        if step > 0.85 * math.pi:
            continue
        fall, level = math.exp(-1 / (decay_s * rate)), amplitude * gain
        for i in range(count):
            note[i] += level * math.sin(step * i)
            level *= fall
    for i, value in enumerate(note):
        mix[(start + i) % size] += value * envelope(i / rate, length_s)


def _struck(t: float, length_s: float) -> float:
    """5 ms to the top, and no click at the end."""
    return min(t / 0.005, 1.0) * min((length_s - t) / 0.2, 1.0)


def _swelled(t: float, length_s: float) -> float:
    """Comes and goes in 0.8 s, so that neighbouring chords melt."""
    return min(t / 0.8, 1.0, (length_s - t) / 0.8)


def _levelled(mix: list[float]) -> audio.Samples:
    rms = math.sqrt(sum(v * v for v in mix) / len(mix))
    gain = 10 ** (LEVEL_DB / 20) * audio.FULL / rms
    ceiling = 10 ** (audio.PEAK_LIMIT_DB / 20) * audio.FULL
    return array("h", (int(max(-ceiling, min(ceiling, v * gain))) for v in mix))

"""Speech-like sound for the demo: syllables, hisses and pauses, made from a seed. Nobody's voice."""

from __future__ import annotations

import math
import random
import wave
from array import array
from pathlib import Path

RATE_HZ = 8000
AMPLITUDE = 9000
VOWELS_HZ = ((700, 1200), (300, 2200), (350, 800), (500, 1800), (450, 1000))  # first two formants


def write(path: Path, seed: int, pitch_hz: float, seconds: float = 12.0) -> Path:
    """A WAV file of somebody talking nonsense, to be looped."""
    rng = random.Random(seed)
    samples = array("h")
    while len(samples) < seconds * RATE_HZ:
        for _ in range(rng.randint(3, 9)):
            samples.extend(_syllable(rng, pitch_hz))
        samples.extend([0] * int(RATE_HZ * rng.uniform(0.25, 0.9)))  # breath
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def _syllable(rng: random.Random, pitch_hz: float) -> list[int]:
    count = int(RATE_HZ * rng.uniform(0.1, 0.22))
    pitch = pitch_hz * rng.uniform(0.85, 1.2)
    formants = rng.choice(VOWELS_HZ)
    partials = [(n * pitch, _strength(n * pitch, formants)) for n in range(1, int(3000 / pitch))]
    loudest = sum(strength for _, strength in partials)
    consonant = int(RATE_HZ * 0.03) if rng.random() < 0.5 else 0
    noise = [rng.randint(-AMPLITUDE // 6, AMPLITUDE // 6) for _ in range(consonant)]
    turns = [(2 * math.pi * hz / RATE_HZ, strength / loudest) for hz, strength in partials if strength > 0.05]
    return noise + [
        int(AMPLITUDE * math.sin(math.pi * i / count) * sum(a * math.sin(w * i) for w, a in turns))
        for i in range(count)
    ]


def _strength(hz: float, formants: tuple[int, int]) -> float:
    return sum(1 / (1 + ((hz - formant) / 120) ** 2) for formant in formants)

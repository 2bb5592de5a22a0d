"""The measures that the acceptance tests rest on, tested on sound whose content is known."""

from __future__ import annotations

import math
import random
import wave
from array import array
from pathlib import Path

import audio
import pytest

RATE_HZ = 8000


def sine(hz: float, seconds: float = 1.0, amplitude: float = 10000) -> list[int]:
    return [round(amplitude * math.sin(2 * math.pi * hz * i / RATE_HZ)) for i in range(int(seconds * RATE_HZ))]


def noise(seconds: float = 1.0, amplitude: int = 8000) -> list[int]:
    rng = random.Random(1)
    return [rng.randint(-amplitude, amplitude) for _ in range(int(seconds * RATE_HZ))]


def mixed(*parts: list[int]) -> list[int]:
    return [sum(samples) for samples in zip(*parts, strict=True)]


def write(path: Path, *channels: list[int]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(array("h", [s for frame in zip(*channels, strict=True) for s in frame]).tobytes())
    return path


def test_a_full_scale_sine_has_minus_3_dbfs() -> None:
    assert audio.level_dbfs(sine(1000, amplitude=32767)) == pytest.approx(-3.01, abs=0.01)


def test_silence() -> None:
    assert audio.level_dbfs([0] * 800) == -math.inf
    assert audio.is_silent([]) and audio.is_silent([0, 1, -1] * 300)
    assert not audio.is_silent(sine(440, amplitude=300))


@pytest.mark.parametrize("hz", [440, 600, 1004, 3333])
def test_a_pure_tone_is_all_of_the_energy(hz: float) -> None:
    assert audio.tone_share(sine(hz), hz) == pytest.approx(1.0, abs=0.02)
    assert audio.tone_share(sine(hz), hz + 100) < 0.01


def test_two_equal_tones_share_the_energy() -> None:
    both = mixed(sine(440), sine(600))
    assert audio.tone_share(both, 440) == pytest.approx(0.5, abs=0.02)
    assert audio.tone_share(both, 600) == pytest.approx(0.5, abs=0.02)
    assert audio.tone_share(both, 500) < 0.01


def test_noise_and_silence_hold_no_tone() -> None:
    assert audio.tone_share(noise(), 440) < 0.05
    assert audio.tone_share([0] * RATE_HZ, 440) == 0.0
    assert audio.loudest_tone(noise()) == 0.0
    assert audio.loudest_tone([0] * RATE_HZ) == 0.0


def test_the_loudest_of_two() -> None:
    assert audio.loudest_tone(mixed(sine(440, amplitude=3000), sine(620, amplitude=9000))) == 620


def test_start_and_length_of_a_sound() -> None:
    samples = [0] * 4000 + sine(440, 0.5) + [0] * 4000
    assert audio.sound_start_s(samples) == pytest.approx(0.5, abs=0.021)
    assert audio.sounding_s(samples) == pytest.approx(0.5, abs=0.041)
    assert audio.sound_start_s([0] * 8000) is None


def test_a_part() -> None:
    samples = sine(440, 1) + sine(600, 1)
    assert audio.tone_share(audio.part(samples, 0, 1), 440) > 0.95
    assert audio.tone_share(audio.part(samples, -1), 600) > 0.95


def test_a_stereo_file_comes_apart(tmp_path: Path) -> None:
    read = audio.read(write(tmp_path / "both.wav", sine(440), sine(600)))
    assert read.duration_s == pytest.approx(1.0)
    left, right = read.channels
    assert audio.tone_share(left, 440) > 0.95 > 0.01 > audio.tone_share(right, 440)
    assert audio.tone_share(right, 600) > 0.95


def test_other_than_16_bits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "eight.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE_HZ)
        file.writeframes(b"\x80" * 100)
    with pytest.raises(ValueError, match="8 bits"):
        audio.read(path)

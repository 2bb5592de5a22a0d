from __future__ import annotations

from pathlib import Path

from switch_app.flowfiles.manifest import wav_defect
from switch_app.prompts import audio
from switch_app.prompts.music import compose, interlude

MUSIC = Path(__file__).parents[2] / "sounds" / "music"


def test_the_committed_music_is_what_the_composer_writes():
    for name, samples in (("music", compose()), ("interlude", interlude(compose()))):
        assert wav_defect(MUSIC / f"{name}.wav") == ""
        committed, _ = audio.load(MUSIC / f"{name}.wav")
        # a sine may differ in its last bit from one C library to another
        assert len(committed) == len(samples)
        assert max(abs(a - b) for a, b in zip(committed, samples, strict=True)) <= 2


def test_it_is_of_a_pleasant_length_and_level():
    samples, _ = audio.load(MUSIC / "music.wav")
    assert 40 <= len(samples) / audio.RATE_HZ <= 60
    assert -27 <= audio.active_level(samples) <= -21
    assert audio.db(audio.peak(samples)) < -3
    assert min(audio.frame_levels(samples)) > -50  # no hole


def test_the_loop_has_no_seam():
    samples, _ = audio.load(MUSIC / "music.wav")
    steps = [abs(b - a) for a, b in zip(samples, samples[1:], strict=False)]
    assert abs(samples[0] - samples[-1]) <= max(steps) / 2


def test_another_seed_is_another_melody():
    assert compose(1) != compose(2)


def test_the_interlude_ends_softly():
    samples, _ = audio.load(MUSIC / "interlude.wav")
    assert 2 <= len(samples) / audio.RATE_HZ <= 10
    assert abs(samples[-1]) < 10 > abs(samples[0])

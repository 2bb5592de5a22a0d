"""Every committed recording, measured: what a caller hears is there, at the right level, and whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from switch_app.core.flow.prompts import ANY_LANGUAGE, fragments
from switch_app.flowfiles.manifest import built_file, load_manifest, read_entries, wav_defect
from switch_app.prompts import audio
from switch_app.prompts.build import split_languages, stale

SOUNDS = Path(__file__).parents[2] / "sounds"
MANIFEST, PROBLEMS = load_manifest(SOUNDS)
ENTRIES = [entry for entry in read_entries(SOUNDS)[0] if entry.language != ANY_LANGUAGE]
BUILT = {built_file(e.language, e.name, e.value): e for e in ENTRIES}
HEARD_DB = -55.0


def seconds_of(frames: int) -> float:
    return frames / 100


def test_the_list_is_well_formed_and_everything_is_recorded():
    assert [str(problem) for problem in PROBLEMS] == []
    assert len(MANIFEST.sounds) > 100


def test_every_prompt_is_in_both_languages():
    of_values = fragments("zh") | fragments("en")
    lacking = [
        (name, language)
        for name, texts in MANIFEST.sounds.items()
        for language in ("zh", "en")
        if name not in of_values and MANIFEST.find(name, language) is None
    ]
    assert lacking == []


def test_no_recording_is_stale():
    assert stale(SOUNDS, BUILT) == []
    known = {*BUILT, "music/music.wav", "music/interlude.wav"}
    all_files = {path.relative_to(SOUNDS).as_posix() for path in SOUNDS.rglob("*.wav")}
    assert {file for file in all_files if not file.startswith("own/")} == known


def test_the_whole_is_small_enough_for_a_repository():
    assert sum(path.stat().st_size for path in SOUNDS.rglob("*") if path.is_file()) < 25_000_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_speech_is_level_whole_and_trimmed(language):
    wrong = []
    for file, entry in BUILT.items():
        if entry.language == language:
            wrong += [f"{file}: {fault}" for fault in faults(SOUNDS / file, entry.value, language)]
    assert wrong == []


def faults(path: Path, text: str, language: str):
    """What is wrong with a recording of the text."""
    if defect := wav_defect(path):
        yield defect
        return
    samples, _ = audio.load(path)
    level, peak_db = audio.active_level(samples), audio.db(audio.peak(samples))
    if not -23.0 <= level <= -17.0:
        yield f"level {level:.1f} dBFS"
    if peak_db > -3.0:
        yield f"peak {peak_db:.1f} dBFS"
    heard = [i for i, frame in enumerate(audio.frame_levels(samples)) if frame > HEARD_DB]
    before, after = seconds_of(heard[0]), len(samples) / audio.RATE_HZ - seconds_of(heard[-1] + 1)
    if before >= 0.15 or after >= 0.15:
        yield f"silence {before:.2f} s before, {after:.2f} s after"
    shortest, longest = plausible_seconds(text, language)
    if not shortest <= seconds_of(heard[-1] + 1 - heard[0]) <= longest:
        yield f"{seconds_of(heard[-1] + 1 - heard[0]):.2f} s for {text!r}, {shortest:.2f} .. {longest:.2f} expected"


def plausible_seconds(text: str, language: str) -> tuple[float, float]:
    """Speech takes 0.12 to 0.36 s a Chinese character, 0.035 to 0.13 s an English letter, and pauses."""
    shortest = longest = 0.0
    for spoken_in, stretch in split_languages(text, language):
        characters = len(re.findall(r"[\u4e00-\u9fff0-9]", stretch))
        letters = len(re.findall(r"[A-Za-z]", stretch)) + 4 * len(re.findall(r"[0-9]", stretch))
        low, high = (0.12 * characters, 0.36 * characters) if spoken_in == "zh" else (0.035 * letters, 0.13 * letters)
        shortest, longest = shortest + low, longest + high + 0.3
        longest += 0.6 * len(re.findall(r"[，、；：。！？,.;:!?]", stretch))
    return shortest, longest


def test_fades_leave_no_click_at_the_ends():
    loud = [file for file in BUILT if ends(SOUNDS / file) > 40]
    assert loud == []


def ends(path: Path) -> int:
    samples, _ = audio.load(path)
    return max(abs(samples[0]), abs(samples[-1]))


def test_what_the_texts_promise_to_press_is_a_digit_or_star_or_pound():
    for entry in ENTRIES:
        assert not re.search(r"[#*&%$\\{}<>]", entry.value), entry

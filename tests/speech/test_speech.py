"""The port, with a scripted voice: callers wait for it a bounded time, and each is told once."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import gevent
import pytest

from switch_app.core.flow.prompts import MISSING_TONE
from switch_app.speech import speech as port
from switch_app.speech.files import IN_USE_S, LONGEST_UNUSED_S, SpokenFiles
from switch_app.speech.running import Runner, Task
from switch_app.speech.speech import Speech
from switch_app.speech.voices import Voices


class ScriptedVoice(Runner):
    """Speaks at once, or when `go` is set; fails on `unspeakable`, breaks on `bug`."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.tasks = Event(), []
        self.go.set()

    def run(self, task: Task) -> str:
        self.tasks.append(task)
        assert self.go.wait(5)
        if "bug" in task.text:
            raise RuntimeError("bug")
        if "unspeakable" in task.text:
            return "can't say that"
        task.out.parent.mkdir(parents=True, exist_ok=True)
        task.out.write_bytes(task.text.encode())
        return ""


class Everywhere(Voices):
    """Each language but fr has a voice."""

    def __init__(self) -> None:
        super().__init__({})

    def of(self, language: str) -> tuple[str, ...]:
        return () if language == "fr" else ("robot",)


@pytest.fixture
def voice() -> ScriptedVoice:
    return ScriptedVoice()


@pytest.fixture
def speech(tmp_path: Path, voice: ScriptedVoice) -> Speech:
    return Speech(tmp_path, Everywhere(), runner=voice, wait_s=2.0)


def until(holds: Callable[[], object]) -> None:
    with gevent.Timeout(5):
        while not holds():
            gevent.sleep(0.002)


def heard(speech: Speech, *sounds: str) -> list[str]:
    """What a Play of the sounds becomes; files by what is in them."""
    told: list[list[str]] = []
    speech.speak(sounds, told.append)
    assert told == [], "told before it returned"
    until(lambda: told)
    return [Path(each).read_text() if each.endswith(".wav") and each[0] == "/" else each for each in told[0]]


def test_words_become_files_and_the_rest_stays(speech: Speech, voice: ScriptedVoice, tmp_path: Path) -> None:
    sounds = ("zh/hello.wav", "text:zh:王先生", "tone:x", "text:en:Smith", "text:zh:王先生")
    assert heard(speech, *sounds) == ["zh/hello.wav", "王先生", "tone:x", "Smith", "王先生"]
    assert heard(speech, *sounds) == ["zh/hello.wav", "王先生", "tone:x", "Smith", "王先生"]
    assert sorted(task.text for task in voice.tasks) == ["Smith", "王先生"]
    assert {path.parent.parent for path in tmp_path.rglob("*.wav")} == {tmp_path / "spoken"}


def test_the_same_text_of_several_callers_is_spoken_once(speech: Speech, voice: ScriptedVoice) -> None:
    voice.go.clear()
    told: list[list[str]] = []
    for _ in range(5):
        speech.speak(["text:zh:好"], told.append)
    until(lambda: voice.tasks)
    voice.go.set()
    until(lambda: len(told) == 5)
    assert len(voice.tasks) == 1 and len({each[0] for each in told}) == 1


def test_texts_one_after_the_other_need_one_thread(speech: Speech) -> None:
    before = set(sys._current_frames())
    for number in range(10):
        assert heard(speech, f"text:en:number {number}") == [f"number {number}"]
    assert len(set(sys._current_frames()) - before) == 1


@pytest.mark.parametrize("text", ["text:zh:unspeakable", "text:zh:bug", "text:fr:bonjour", "text:zh:…", "text:zh:"])
def test_what_is_not_spoken_is_the_tone_and_logged(speech: Speech, text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert heard(speech, "a.wav", text, "text:zh:好") == ["a.wav", MISSING_TONE if text != "text:zh:" else text, "好"]
    assert "a tone is heard" in caplog.text or text == "text:zh:"
    assert "unspeakable" not in caplog.text, "a caller's words are in no log"


def test_a_late_voice_is_the_tone_and_serves_the_next_caller(
    tmp_path: Path, voice: ScriptedVoice, caplog: pytest.LogCaptureFixture
) -> None:
    speech = Speech(tmp_path, Everywhere(), runner=voice, wait_s=0.1)
    voice.go.clear()
    begun = time.monotonic()
    assert heard(speech, "text:zh:好", "text:zh:坏") == [MISSING_TONE] * 2  # one deadline for all of them
    assert time.monotonic() - begun < 1 and "late" in caplog.text
    voice.go.set()
    until(lambda: len(list(tmp_path.rglob("*.wav"))) == 2)
    assert heard(speech, "text:zh:好") == ["好"]


def test_what_is_forgotten_is_not_told_and_not_begun(speech: Speech, voice: ScriptedVoice) -> None:
    voice.go.clear()
    told: list[list[str]] = []
    forget = [speech.speak([f"text:zh:{n}"], told.append) for n in range(6)]
    until(lambda: len(voice.tasks) == port.AT_A_TIME)
    for each in forget:
        each()
        each()
    voice.go.set()
    assert heard(speech, "text:zh:last") == ["last"]
    assert told == [] and sorted(task.text for task in voice.tasks) == ["0", "1", "last"]


def test_no_more_than_so_many_wait(speech: Speech, voice: ScriptedVoice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "MOST_CALLERS", 3)
    voice.go.clear()
    told: list[list[str]] = []
    for n in range(10):
        speech.speak([f"text:zh:{n}"], told.append)
    until(lambda: len(told) >= 5)
    assert all(each == [MISSING_TONE] for each in told)
    voice.go.set()
    until(lambda: len(told) == 10)


def test_callers_go_before_what_is_spoken_ahead(
    speech: Speech, voice: ScriptedVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "AT_A_TIME", 1)
    voice.go.clear()
    problems: dict[str, str] = {}
    for text in ("a", "b", "c", "unspeakable"):
        speech.ahead("zh", text, lambda problem, text=text: problems.update({text: problem}))
    until(lambda: voice.tasks)
    told: list[list[str]] = []
    speech.speak(["text:zh:caller"], told.append)
    speech.speak(["text:zh:unspeakable"], told.append)  # somebody waits for it now
    gevent.sleep(0)
    voice.go.set()
    until(lambda: len(problems) == 4 and len(told) == 2)
    assert [task.text for task in voice.tasks] == ["a", "caller", "unspeakable", "b", "c"]
    assert problems == {"a": "", "b": "", "c": "", "unspeakable": "can't say that"}
    speech.ahead("zh", "a", lambda problem: problems.update(again=problem))
    assert problems["again"] == "" and speech.file("zh", " a ") is not None and speech.file("zh", "d") is None


def test_the_hub_goes_on_while_a_voice_speaks(speech: Speech, voice: ScriptedVoice) -> None:
    voice.go.clear()
    speech.speak(["text:zh:好"], lambda files: None)
    until(lambda: voice.tasks)
    turns = 0
    begun = time.monotonic()
    while time.monotonic() - begun < 0.05:
        gevent.sleep(0)
        turns += 1
    voice.go.set()
    assert turns > 20


def test_an_uploaded_recording_is_found_or_the_tone(speech: Speech, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    name = "ab" * 16
    assert heard(speech, f"greeting:{name}") == [MISSING_TONE] and "is gone" in caplog.text
    (tmp_path / "greetings").mkdir()
    (tmp_path / "greetings" / f"{name}.wav").write_text("own")
    assert heard(speech, f"greeting:{name}", "greeting:../secrets") == ["own", "greeting:../secrets"]


def test_another_voice_or_reading_makes_another_file(tmp_path: Path) -> None:
    files = SpokenFiles(tmp_path)
    paths = {
        files.path(language, text, voices, lexicon)
        for language, text, voices, lexicon in (
            ("zh", "行长", ("a",), {}), ("zh", "行长", ("b",), {}), ("zh", "行长", ("a",), {"行": "hang2"}),
            ("en", "行长", ("a",), {}), ("zh", "行", ("a",), {}),
        )  # fmt: skip
    }
    assert len(paths) == 5
    assert files.path("zh", "行长", ("a",), {"别": "bie2"}) in paths


def test_the_least_used_go_first_and_what_may_play_stays(tmp_path: Path) -> None:
    files = SpokenFiles(tmp_path, most_bytes=1000)
    now = time.time()
    ages = {"used": 10.0, "older": IN_USE_S + 20, "oldest": IN_USE_S + 30, "stale": LONGEST_UNUSED_S + 1}
    folder = tmp_path / "spoken" / "zh"
    folder.mkdir(parents=True)
    for name, age in ages.items():
        (folder / f"{name}.wav").write_bytes(bytes(400))
        os.utime(folder / f"{name}.wav", (now - age, now - age))
    (folder / "broken.part").write_bytes(bytes(5000))
    os.utime(folder / "broken.part", (0, 0))
    assert files.tidy()
    assert sorted(path.stem for path in folder.iterdir()) == ["older", "used"]
    (folder / "more.wav").write_bytes(bytes(900))
    assert not files.tidy() and sorted(path.stem for path in folder.iterdir()) == ["more", "used"]


def test_a_full_folder_is_a_tone(tmp_path: Path, voice: ScriptedVoice, caplog: pytest.LogCaptureFixture) -> None:
    speech = Speech(tmp_path, Everywhere(), runner=voice)
    speech._files = SpokenFiles(tmp_path, most_bytes=3)
    assert heard(speech, "text:zh:好吗") == ["好吗"]
    caplog.set_level(logging.ERROR)
    assert heard(speech, "text:zh:坏") == [MISSING_TONE] and "full" in caplog.text

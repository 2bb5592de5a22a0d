"""Greetings in force: spoken when they are put up, kept over a restart, their uploads removed after them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from switch_app.core.errors import Refused
from switch_app.core.flow.prompts import Manifest, Sound
from switch_app.core.flow.spoken import greeting_sound
from switch_app.runtime import greetings as module
from switch_app.runtime.greetings import Greetings
from switch_app.runtime.journal import Batch, Journal

PROMPTS = Manifest({"emergency_greeting": {"zh": Sound("zh/e.wav", "紧急情况"), "en": Sound("en/e.wav", "Emergency")}})
NAME = "0a" * 16


class ScriptedSpeech:
    """Speaks when it is told to: `spoken` and `failed` end what waits."""

    def __init__(self, var: Path, at_once: bool = True) -> None:
        self.var, self.at_once = var, at_once
        self.asked: list[tuple[str, str]] = []
        self._waiting: list[Callable[[str], None]] = []

    def ahead(self, language: str, text: str, told: Callable[[str], None]) -> None:
        self.asked.append((language, text))
        self._waiting.append(told)
        if self.at_once:
            self.end()

    def end(self, problem: str = "") -> None:
        waiting, self._waiting = self._waiting, []
        for told in waiting:
            told(problem)

    def file(self, language: str, text: str) -> Path | None:
        return self.var / "spoken" / language / f"{len(text):032x}.wav"

    def voice_of(self, language: str) -> str:
        return "robot" if language == "zh" else ""


class House:
    def __init__(self, var: Path, at_once: bool = True) -> None:
        self.now = 1000.0
        self.journal = Journal(var / "journal.db")
        self.journal.start()
        self.speech = ScriptedSpeech(var, at_once)
        self.greetings = Greetings(self.journal, lambda: self.now, lambda: PROMPTS, var, self.speech)
        reader = self.journal.reader()
        self.greetings.recover(list(reader.facts_of("greetings")))
        reader.close()


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    monkeypatch.setattr(module, "ANSWER_S", 0.01)
    made: list[House] = []

    def make(**options: bool) -> House:
        for each in made:
            each.journal.close()
        made.append(House(tmp_path, **options))
        return made[-1]

    yield make
    for each in made:
        each.journal.close()


def upload(var: Path, name: str = NAME) -> Path:
    path = var / "greetings" / f"{name}.wav"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"RIFF")
    return path


def test_its_texts_are_spoken_as_it_is_put_up(houses: Callable[..., House]) -> None:
    house = houses()
    told = house.greetings.command("set", text={"zh": "台风", "en": ""}, until=2000.0)
    assert house.speech.asked == [("zh", "台风")]
    assert house.greetings.in_force["main"].spoken == {"zh"}
    assert told["greetings"]["main"]["heard"] == {
        "zh": {"by": "voice", "file": f"spoken/zh/{2:032x}.wav", "problem": ""}
    }
    assert told["greetings"]["main"]["spoken"] == ["zh"] and told["voices"] == {"zh": "robot", "en": ""}


def test_what_needs_no_voice_is_not_given_to_it(houses: Callable[..., House], tmp_path: Path) -> None:
    house = houses()
    upload(tmp_path)
    told = house.greetings.command("set", text={"zh": "台风", "en": "Emergency"}, recordings={"zh": NAME})
    assert house.speech.asked == []
    heard = told["greetings"]["main"]["heard"]
    assert heard["zh"] == {"by": "upload", "file": f"greetings/{NAME}.wav", "problem": ""}
    assert heard["en"]["by"] == "recording"


def test_a_voice_that_is_at_work_or_fails_is_told(houses: Callable[..., House]) -> None:
    house = houses(at_once=False)
    told = house.greetings.command("set", text={"zh": "台风"})["greetings"]["main"]
    assert told["heard"]["zh"]["by"] == "waiting" and told["spoken"] == []
    assert house.greetings.in_force["main"].spoken == frozenset()
    house.speech.end("no voice")
    told = house.greetings.command()["greetings"]["main"]
    assert told["heard"]["zh"] == {"by": "prompt", "file": "", "problem": "no voice"}
    house.greetings.command("set", text={"zh": "台风"})
    house.speech.end()
    assert house.greetings.command()["greetings"]["main"]["heard"]["zh"]["by"] == "voice"


def test_a_voice_that_comes_late_speaks_for_no_other_greeting(houses: Callable[..., House]) -> None:
    house = houses(at_once=False)
    house.greetings.command("set", text={"zh": "台风"})
    old, house.speech._waiting = house.speech._waiting, []
    house.greetings.command("set", text={"zh": "地震"})
    old[0]("")
    assert house.greetings.in_force["main"].spoken == frozenset()
    house.greetings.command("clear")
    house.speech.end()
    assert house.greetings.in_force == {}


def test_it_survives_a_restart_with_its_recording(houses: Callable[..., House], tmp_path: Path) -> None:
    upload(tmp_path)
    houses().greetings.command("set", text={"en": "Storm"}, until=2000.0, recordings={"zh": NAME}, by="lena")
    again = houses()
    greeting = again.greetings.in_force["main"]
    assert greeting.sounds == {"zh": greeting_sound(NAME)} and greeting.until == 2000.0
    assert again.speech.asked == [("en", "Storm")] and greeting.spoken == {"en"}


def test_a_greeting_in_the_journal_that_cannot_be_understood_fails_no_start(houses: Callable[..., House]) -> None:
    house = houses()
    house.greetings.command("set", text={"zh": "台风"}, until=2000.0)
    for data in ({"slot": "main", "prompt": "p", "text": {"zh": ["台风"]}, "until": None, "by": ""}, {"slot": []}, {}):
        house.greetings._version += 1
        row = (module.STREAM, house.greetings._version, 1.0, "fact", "GreetingPutUp", json.dumps(data))
        house.journal.append(Batch([row]))
    again = houses()
    assert again.greetings.in_force["main"].text == {"zh": "台风"}
    again.greetings.command("clear")
    assert houses().greetings.in_force == {}


@pytest.mark.parametrize("name", [NAME, "../secrets", "", "x" * 32])
def test_a_recording_that_is_not_there_is_refused(houses: Callable[..., House], name: str) -> None:
    with pytest.raises(Refused) as refusal:
        houses().greetings.command("set", recordings={"zh": name})
    assert refusal.value.id == "no_recording"


def test_a_text_that_is_too_long_is_refused(houses: Callable[..., House]) -> None:
    with pytest.raises(Refused) as refusal:
        houses().greetings.command("set", text={"zh": "长" * 501})
    assert refusal.value.id == "too_long"


def test_uploads_go_with_their_greeting(houses: Callable[..., House], tmp_path: Path) -> None:
    house = houses()
    names = [f"{n}a" * 16 for n in range(3)]
    paths = [upload(tmp_path, name) for name in names]
    for slot, name, until in (("main", names[0], 2000.0), ("other", names[1], 3000.0)):
        house.greetings.command("set", slot=slot, recordings={"zh": name}, until=until)
    house.now = 2500.0
    house.greetings.tidy()
    assert all(path.exists() for path in paths)  # they have just come: one may be about to be put up
    long_ago = time.time() - module.UNUSED_S - 1
    for path in paths:
        os.utime(path, (long_ago, long_ago))
    house.greetings.tidy()
    assert [path.exists() for path in paths] == [False, True, False]

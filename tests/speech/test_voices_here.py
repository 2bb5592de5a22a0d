"""The real voices of this machine, in their process: what comes out of it, and that it is bounded."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from switch_app.flowfiles.manifest import wav_defect
from switch_app.prompts import audio
from switch_app.speech.running import Runner, Task
from switch_app.speech.voices import Voices, found
from switch_app.speech.words import clean

needs_espeak = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("sox")), reason="needs espeak-ng and sox"
)
needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="needs sox")

SLEEPER = "import subprocess, sys\nsubprocess.run(['sleep', '{}'])\n"


def task(tmp_path: Path, text: str, *voices: str, language: str = "en") -> Task:
    return Task(language, text, tmp_path / "spoken" / language / "x.wav", voices)


@needs_espeak
@pytest.mark.parametrize(("language", "text"), [("zh", "您好，王先生，您的订单已发出。"), ("en", "Dear Ms. Smith, hello.")])
def test_espeak_speaks_as_the_prompts_sound(tmp_path: Path, language: str, text: str) -> None:
    asked = task(tmp_path, text, "espeak", language=language)
    assert Runner().run(asked) == ""
    assert wav_defect(asked.out) == ""
    samples, _ = audio.load(asked.out)
    assert 1 < len(samples) / audio.RATE_HZ < 10
    assert audio.active_level(samples) == pytest.approx(audio.TARGET_RMS_DB, abs=1.5)
    assert [path.name for path in asked.out.parent.iterdir()] == ["x.wav"]


@needs_espeak
def test_hostile_words_are_words(tmp_path: Path) -> None:
    """Nothing in a text is an option, a command, a file, markup or phonemes."""
    for number, text in enumerate(("--help", "-f /etc/passwd", "$(touch pwned); touch pwned `touch pwned`", "<speak>x", "[[e]] y")):
        asked = Task("en", clean(text), tmp_path / f"{number}.wav", ("espeak",))
        assert Runner().run(asked) == "", text
        assert wav_defect(asked.out) == ""
    assert not Path("pwned").exists()


@needs_sox
def test_the_next_voice_is_tried(tmp_path: Path) -> None:
    hum = tmp_path / "hum.py"
    hum.write_text(
        "import json, math, struct, sys, wave\n"
        "for prompt in json.load(sys.stdin)['prompts']:\n"
        "    with wave.open(prompt['out'], 'wb') as wav:\n"
        "        wav.setnchannels(1); wav.setsampwidth(2); wav.setframerate(16000)\n"
        "        wav.writeframes(struct.pack('<16000h', *[int(3000 * math.sin(i / 5)) for i in range(16000)]))\n"
    )
    asked = task(tmp_path, "hello", str(tmp_path / "none.py"), str(hum))
    assert Runner().run(asked) == "" and wav_defect(asked.out) == ""


@needs_sox
def test_a_silent_voice_is_none(tmp_path: Path) -> None:
    mute = tmp_path / "mute.py"
    mute.write_text(
        "import json, sys, wave\n"
        "for prompt in json.load(sys.stdin)['prompts']:\n"
        "    with wave.open(prompt['out'], 'wb') as wav:\n"
        "        wav.setnchannels(1); wav.setsampwidth(2); wav.setframerate(8000); wav.writeframes(bytes(16000))\n"
    )
    asked = task(tmp_path, "hello", str(mute))
    assert "nothing to be heard" in Runner().run(asked) and not asked.out.exists()


def test_a_voice_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    seconds = "9731.25"
    (tmp_path / "hang.py").write_text(SLEEPER.format(seconds))
    begun = time.monotonic()
    problem = Runner(limit_s=1.0).run(task(tmp_path, "hello", str(tmp_path / "hang.py")))
    assert "more than 1 s" in problem and time.monotonic() - begun < 5
    deadline = time.monotonic() + 5
    while left := _running(seconds):
        assert time.monotonic() < deadline, left


def test_no_voice_is_started_after_the_end(tmp_path: Path) -> None:
    runner = Runner()
    runner.stop()
    assert "this process ends" in runner.run(task(tmp_path, "hello", "espeak"))


def test_what_is_installed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(*programs: str) -> None:
        for name in programs:
            path = tmp_path / name
            path.write_text("#!/bin/sh\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    monkeypatch.setenv("PATH", str(tmp_path))
    install("espeak-ng")
    assert found("zh", "auto") == ()  # sox makes the telephone's form
    install("sox")
    assert found("zh", "auto") == found("en", "auto") == ("espeak",)
    install("flite")
    assert found("en", "auto") == ("flite", "espeak") and found("en", "espeak") == ("espeak",)
    assert found("zh", "none") == found("en", "festival") == found("zh", str(tmp_path / "no.py")) == ()
    assert Voices({"zh": "auto", "en": "none"}).languages == {"zh"}


def _running(argument: str) -> list[int]:
    """Processes that have this argument."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    return [pid for pid in pids if argument.encode() in _arguments(pid)]


def _arguments(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []



"""Texts without a recording are spoken (R29), an emergency greeting that a supervisor typed too (R126)."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import audio
import pytest
import sample
from centre import Centre
from talks import facts

from switch_app.runtime.control_client import ControlClient

pytestmark = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("sox")), reason="no espeak-ng and sox here: nobody can speak"
)
TONE_S = 0.5  # the tone of a missing prompt is shorter
GREETING = "台风来了，今天休息。"


def test_a_greeting_and_a_text_with_a_value_are_spoken(centre: Centre, tmp_path: Path) -> None:
    greeting = {"slot": "notice", "text": {"zh": GREETING}, "until": time.time() + 60, "by": "test"}
    control = ControlClient(centre.var / "run" / "control.sock", 5)
    put_up = control.ask("greeting", action="set", **greeting)["greetings"]["notice"]
    assert put_up["heard"]["zh"]["by"] == "voice", put_up
    greeting_s = audio.read(centre.var / put_up["heard"]["zh"]["file"]).duration_s
    assert greeting_s > 3 * TONE_S

    caller = centre.caller("13800000901")
    caller.call(sample.SPOKEN_NUMBER)
    caller.wait_for("confirmed", 5)
    caller.record_to(tmp_path / "heard.wav")
    caller.wait_for("disconnected", 20)
    control.ask("greeting", action="clear", slot="notice", by="test")

    heard = audio.read(tmp_path / "heard.wav").mono
    assert audio.sounding_s(heard) > 0.6 * greeting_s + 2 * TONE_S
    assert audio.loudest_tone(heard) == 0.0 and audio.tone_share(heard, 350) < 0.3
    history = centre.closed("13800000901")
    assert history["outcome"] == "completed" and facts(history, "PromptMissing") == []
    spoken = sorted(path.relative_to(centre.var).as_posix() for path in (centre.var / "spoken").rglob("*.wav"))
    assert len(spoken) == 2 and all(re.fullmatch(r"spoken/zh/[0-9a-f]{32}\.wav", each) for each in spoken)

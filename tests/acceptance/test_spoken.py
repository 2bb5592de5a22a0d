"""Texts without a recording are spoken (R29); so is a greeting that a supervisor types, or uploads (R126)."""

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
from test_audio import sine, write

from switch_app.runtime.control_client import ControlClient
from switch_app.speech.upload import GREETINGS, keep

pytestmark = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("sox")), reason="no espeak-ng and sox here: nobody can speak"
)
TONE_S = 0.5  # the tone of a missing prompt is shorter
UPLOAD_S, UPLOAD_HZ = 2.0, 600


def test_greetings_and_a_text_with_a_value_are_heard(centre: Centre, tmp_path: Path) -> None:
    upload = keep(write(tmp_path / "own.wav", sine(UPLOAD_HZ, UPLOAD_S)).read_bytes(), centre.var / GREETINGS)
    control, until = ControlClient(centre.var / "run" / "control.sock", 5), time.time() + 60
    control.ask("greeting", action="set", slot="uploaded", recordings={"zh": upload}, until=until)
    typed = control.ask("greeting", action="set", slot="typed", text={"zh": "台风来了，今天休息。"}, until=until)
    told = typed["greetings"]["typed"]["heard"]["zh"]
    assert told["by"] == "voice", typed
    typed_s = audio.read(centre.var / told["file"]).duration_s
    assert typed_s > 3 * TONE_S

    caller = centre.caller("13800000901")
    caller.call(sample.SPOKEN_NUMBER)
    caller.wait_for("confirmed", 5)
    caller.record_to(tmp_path / "heard.wav")
    caller.wait_for("disconnected", 20)
    for slot in ("uploaded", "typed"):
        control.ask("greeting", action="clear", slot=slot)

    heard = audio.read(tmp_path / "heard.wav").mono
    assert audio.tone_share(audio.part(heard, 0.3, 1.3), UPLOAD_HZ) > 0.75
    speech = audio.part(heard, UPLOAD_S + 0.6)
    assert audio.sounding_s(speech) > 0.5 * typed_s + 2 * TONE_S
    assert audio.loudest_tone(speech) == 0.0 and audio.tone_share(speech, 350) < 0.3
    history = centre.closed("13800000901")
    assert history["outcome"] == "completed" and facts(history, "PromptMissing") == []
    spoken = sorted(path.relative_to(centre.var).as_posix() for path in (centre.var / "spoken").rglob("*.wav"))
    assert len(spoken) == 2 and all(re.fullmatch(r"spoken/zh/[0-9a-f]{32}\.wav", each) for each in spoken)

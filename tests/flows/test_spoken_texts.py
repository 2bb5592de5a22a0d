"""Texts without a recording, in flows: spoken where there is a voice; the linter's words where there is none."""

from __future__ import annotations

import pytest
from flow_line import Line, flow_of

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core.flow.check import Around, check_flow
from switch_app.core.flow.check.says import plain_texts
from switch_app.core.flow.greetings import Greeting
from switch_app.core.flow.prompts import MISSING_TONE, Manifest, Sound
from switch_app.core.flow.spoken import greeting_sound

MANIFEST = Manifest({"welcome": {"zh": Sound("zh/welcome.wav", "您好"), "en": Sound("en/welcome.wav", "Hello")}})
TEXTS = """
    first:
      type: play
      say: [welcome, {text: {zh: "尊敬的{{ customer.name }}", en: "Dear {{ customer.name }}"}}, {text: {zh: 您好, en: Hi}}]
      next: end
"""
GREETING = """
    first: {type: greeting, slot: main, next: end}
"""


def test_a_text_is_filled_and_spoken() -> None:
    line = Line(flow_of(TEXTS), prompts=MANIFEST, voices=frozenset({"zh"}))
    assert line.ordered(o.Play).sounds == ("zh/welcome.wav", "text:zh:尊敬的", "zh/welcome.wav")
    assert not any(isinstance(fact, f.PromptMissing) for fact in line.facts)


def test_without_a_voice_it_is_a_tone_and_a_fact_as_ever() -> None:
    line = Line(flow_of(TEXTS), prompts=MANIFEST, voices=frozenset({"en"}))
    assert line.ordered(o.Play).sounds == ("zh/welcome.wav", MISSING_TONE, "zh/welcome.wav")
    assert f.PromptMissing("text:尊敬的", "zh") in line.facts


OWN = greeting_sound("0a" * 16)


@pytest.mark.parametrize(
    ("greeting", "sound"),
    [
        (Greeting("welcome", {"zh": "台风"}), "zh/welcome.wav"),  # not spoken yet, or not at all
        (Greeting("welcome", {"zh": "台风"}, spoken=frozenset({"en"})), "zh/welcome.wav"),
        (Greeting("welcome", {"zh": "台风"}, spoken=frozenset({"zh"})), "text:zh:台风"),
        (Greeting("welcome", {"zh": "您好"}, spoken=frozenset({"zh"})), "zh/welcome.wav"),
        (Greeting("welcome", {"zh": "台风"}, sounds={"zh": OWN}, spoken=frozenset({"zh"})), OWN),
        (Greeting("welcome", {"zh": ""}, sounds={"en": OWN}), "zh/welcome.wav"),
    ],
)
def test_a_greeting_is_its_upload_its_recording_its_spoken_text_or_the_prompt(greeting: Greeting, sound: str) -> None:
    line = Line(flow_of(GREETING), greetings={"main": greeting}, prompts=MANIFEST)
    assert line.ordered(o.Play).sounds == (sound,)


def problems(voices: frozenset[str] | None) -> list[str]:
    flow = flow_of(TEXTS, head="flow: test\nlanguages: [zh, en]\nstart: first")
    found = check_flow(flow, Around({"test": flow}, MANIFEST, voices=voices))
    return [str(each) for each in found if each.rule == "text-unrecorded"]


def test_the_linter_blames_a_text_that_nobody_speaks() -> None:
    assert problems(frozenset({"zh", "en"})) == []
    template, plain = problems(frozenset({"zh"}))
    assert ": warning: no recording says this in en, and no voice is here; a tone will be heard" in template
    assert "prompts.yml" not in template and "apt-get install espeak-ng sox" in template
    assert "make it a prompt in sounds/prompts.yml, or install a voice" in plain
    assert len(problems(frozenset())) == 3  # 您好 is recorded


def test_where_voices_are_not_known_the_linter_says_what_it_did() -> None:
    [plain] = problems(None)
    assert "no recording says this in en; a tone will be heard (make it a prompt in sounds/prompts.yml)" in plain


def test_what_can_be_spoken_ahead_has_no_values_and_no_recording() -> None:
    assert list(plain_texts(flow_of(TEXTS), MANIFEST)) == [("en", "Hi")]

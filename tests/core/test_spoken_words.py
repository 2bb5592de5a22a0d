"""Words that a voice is to speak, as sounds of a Play order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.core.flow.prompts import MISSING_TONE, Manifest, Said, Sound, say
from switch_app.core.flow.spoken import LONGEST, greeting_of, greeting_sound, is_token, text_sound, words_of

HELLO = Manifest({"hello": {"zh": Sound("zh/hello.wav", "您好")}})


def test_a_text_without_a_recording_is_words_where_there_is_a_voice():
    parts = [("text", "您好"), ("text", "王先生\n:好"), ("prompt", "nobody")]
    assert say(HELLO, "zh", parts, {"zh"}) == Said(
        ("zh/hello.wav", "text:zh:王先生 :好", MISSING_TONE), (("nobody", "zh"),)
    )
    assert say(HELLO, "zh", parts[1:2], {"en"}) == Said((MISSING_TONE,), (("text:王先生\n:好", "zh"),))


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_is_missing_as_ever(text):
    assert say(HELLO, "zh", [("text", text)], {"zh"}).sounds == (MISSING_TONE,)


@given(st.text(), st.sampled_from(["zh", "en", "zh-TW"]))
def test_words_come_back_in_one_line(text, language):
    sound = text_sound(text, language)
    assert is_token(sound) and len(sound) <= LONGEST + 12
    words = " ".join(text.split())[:LONGEST]
    assert words_of(sound) == ((language, words) if words else None)
    assert greeting_of(sound) is None


@pytest.mark.parametrize("sound", ["text:", "text:zh", "text:zh:", "text:../x:y", "text:Z:a", "zh/a.wav", "tone:x"])
def test_what_is_no_words(sound):
    assert words_of(sound) is None


def test_a_greetings_recording_has_a_plain_name():
    sound = greeting_sound("0af1" * 8)
    assert is_token(sound) and greeting_of(sound) == "0af1" * 8
    for name in ("", "../x", "0AF1" * 8, "0af1" * 8 + "\n", "0af1" * 9):
        with pytest.raises(ValueError, match="not a greeting"):
            greeting_sound(name)
        assert greeting_of(f"greeting:{name}") is None

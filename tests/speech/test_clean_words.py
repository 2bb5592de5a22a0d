"""Hostile texts: what reaches a voice is one line of words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.core.flow.spoken import LONGEST
from switch_app.speech.words import clean


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Dear\n Ms.\tSmith, ", "Dear Ms. Smith,"),
        ("<speak><audio src='x'/>Hi</speak>", "speak audio src='x'/ Hi /speak"),
        ("[[h@'loU]] {x} $(id) `id` | y", "h@'loU x $(id) id y"),
        ("a\x00\x01\x1b[31mb\u202e\u200bc\ufeff", "a 31mbc"),
        ("\ud800a\ue000", "a"),
        ("--help", "--help"),  # goes to no voice as an argument
        ("１２３", "１２３"),
        ("...!?", ""),
        ("😀", ""),
        ("", ""),
    ],
)
def test_what_is_left(text, words):
    assert clean(text) == words


@given(st.text(st.characters(), max_size=3 * LONGEST))
def test_whatever_comes(text):
    words = clean(text)
    assert len(words) <= LONGEST and words == words.strip() and "  " not in words
    assert not set(words) & set("<>[]{}|\\^~`*\n\r\0")
    assert not any(unicodedata.category(sign).startswith("C") for sign in words)
    assert clean(words) == words
    words.encode()  # no lone surrogate

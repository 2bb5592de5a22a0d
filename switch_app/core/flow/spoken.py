"""Sounds that are not in sounds/: words for a voice, and a greeting's own recording.

A Play order names them by a token, `text:LANGUAGE:WORDS` or `greeting:NAME`; the switch's side makes a
file of it before it plays, or a tone where that fails.
"""

from __future__ import annotations

import re

TEXT = "text:"
GREETING = "greeting:"
LONGEST = 500  # characters of one text that are spoken
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z")
_NAME = re.compile(r"[0-9a-f]{32}\Z")


def text_sound(text: str, language: str) -> str:
    """The token of words in a language: in one line, and no more of them than LONGEST."""
    return f"{TEXT}{language}:{' '.join(text.split())[:LONGEST]}"


def words_of(sound: str) -> tuple[str, str] | None:
    """(language, words) of a token; None for any other sound, or when there is nothing to speak."""
    if not sound.startswith(TEXT):
        return None
    language, _, words = sound.removeprefix(TEXT).partition(":")
    return (language, words) if words and _LANGUAGE.match(language) else None


def greeting_sound(name: str) -> str:
    """The token of a recording that was uploaded for a greeting. Raises ValueError for another name."""
    if not _NAME.match(name):
        raise ValueError(f"not a greeting's recording: {name[:60]!r}")
    return f"{GREETING}{name}"


def greeting_of(sound: str) -> str | None:
    """The recording's name (32 hex digits), None for any other sound."""
    name = sound.removeprefix(GREETING)
    return name if sound.startswith(GREETING) and _NAME.match(name) else None


def is_token(sound: str) -> bool:
    """Whether a file must be found for it first."""
    return sound.startswith((TEXT, GREETING))

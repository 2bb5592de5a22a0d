"""Sounds of a Play order as the switch's playback takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.switches.sounds import playable

SOUNDS = Path("/var/sounds")
FREESWITCH_PIECES = 128  # of one file_string (mod_dptools.c, file_string_context.argv)


@pytest.mark.parametrize(
    ("sounds", "expected"),
    [
        (("zh/welcome-1a2b3c4d.wav",), "/var/sounds/zh/welcome-1a2b3c4d.wav"),
        (("/elsewhere/greeting.wav",), "/elsewhere/greeting.wav"),
        (("tone:%(200,100,440)",), "tone_stream://%(200,100,440)"),
        (("silence:500",), "silence_stream://500"),
        (("a.wav", "silence:200", "b.wav"), "file_string:///var/sounds/a.wav!silence_stream://200!/var/sounds/b.wav"),
        ((), "silence_stream://100"),
        (("text:zh:a!b", "greeting:x"), "file_string://tone_stream://%(250,80,350)!tone_stream://%(250,80,350)"),
    ],
)
def test_sounds_of_every_kind(sounds: tuple[str, ...], expected: str):
    assert playable(sounds, SOUNDS) == expected


@pytest.mark.parametrize(
    "sound", ["a!b.wav", "../secret.wav", "a/../../b.wav", "a\nb.wav", "silence:soon", "tone:a!b", "tone:%(1,1,1)\n"]
)
def test_what_is_no_sound_is_refused(sound: str):
    """A `!` would end the piece, a newline the command."""
    with pytest.raises(ValueError):
        playable((sound,), SOUNDS)


@given(st.integers(1, 20))
def test_endless_music_is_repeated_within_the_switchs_bounds(count: int):
    text = playable(tuple(f"{n}.wav" for n in range(count)), SOUNDS, endless=True)
    pieces = text.removeprefix("file_string://").split("!")
    assert pieces == [f"/var/sounds/{n % count}.wav" for n in range(len(pieces))]
    assert count <= len(pieces) <= FREESWITCH_PIECES and len(pieces) % count == 0


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=12), min_size=1, max_size=5))
def test_no_name_of_a_file_becomes_more_pieces_or_another_command(names: list[str]):
    try:
        text = playable(tuple(names), SOUNDS)
    except ValueError:
        return
    assert "\n" not in text and "\r" not in text
    assert len(text.removeprefix("file_string://").split("!")) == len(names)

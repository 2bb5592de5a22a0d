"""Prompts as words: a manifest whose sounds carry their prompt's name, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from ..durations import SHORTEST_S, text_s
from ..prompts import MISSING_TONE, Manifest, Sound
from ..spoken import words_of

_MARK = "said:"


@dataclass(frozen=True, slots=True)
class Heard:
    """One sound that the caller hears. name: its prompt, or "text", "tone", "silence", "missing"."""

    name: str
    language: str = ""
    text: str = ""
    seconds: float = SHORTEST_S


def spoken(manifest: Manifest) -> Manifest:
    """The same prompts, each with its name for a sound (recorded or not: a test is about the flow)."""
    return Manifest(
        {
            name: {lang: Sound(f"{_MARK}{lang}/{name}", sound.text) for lang, sound in of_name.items()}
            for name, of_name in manifest.sounds.items()
        }
    )


def heard(manifest: Manifest, sound: str) -> Heard:
    """What a sound of the spoken manifest is."""
    if sound.startswith("silence:"):
        return Heard("silence", seconds=int(sound.removeprefix("silence:")) / 1000)
    if words := words_of(sound):
        return Heard("text", *words, text_s(words[1], words[0]))
    if not sound.startswith(_MARK):
        return Heard("missing" if sound == MISSING_TONE else "tone")
    language, name = sound.removeprefix(_MARK).split("/", 1)
    text = manifest.sounds[name][language].text
    return Heard(name, language, text, text_s(text, language) if text else SHORTEST_S)

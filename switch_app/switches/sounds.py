"""Sounds of a Play order as a string for the switch's playback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from switch_app.core.flow import prompts, spoken

MUSIC_S = 600  # an endless sound is repeated to about this length in one command; then we ask again
PIECE_S = 40
_BREAKS = re.compile(r"[!\r\n\0]")  # the end of a piece, of a command


def playable(sounds: Sequence[str], sounds_dir: Path, endless: bool = False) -> str:
    """`file_string://a!b` of files, tones and silences; endless ones are repeated. Raises ValueError.

    A token of the core's (flow.spoken) that nobody made a file of is the tone of a missing prompt.

    endless_playback and loops cannot be ended by uuid_break (mod_dptools, endless_playback), a long
    file_string can.
    """
    parts = [_one(sound, sounds_dir) for sound in sounds] or ["silence_stream://100"]
    if endless:
        parts *= max(1, MUSIC_S // PIECE_S // len(parts))
    return parts[0] if len(parts) == 1 else "file_string://" + "!".join(parts)


def _one(sound: str, sounds_dir: Path) -> str:
    if spoken.is_token(sound):  # nobody has made a file of it
        sound = prompts.MISSING_TONE
    if _BREAKS.search(sound) or ".." in Path(sound).parts:
        raise ValueError(f"not a sound: {sound!r}")
    if sound.startswith("tone:"):
        return f"tone_stream://{sound[5:]}"
    if sound.startswith("silence:"):
        return f"silence_stream://{int(sound[8:])}"
    return str(sounds_dir / sound)

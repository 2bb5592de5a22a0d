"""Where spoken texts are kept: VAR/spoken/LANGUAGE/HASH.wav, the least used go first."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

FOLDER = "spoken"  # in var
FORM = 1  # of the files: a new number makes them anew
MOST_BYTES = 200_000_000
LONGEST_UNUSED_S = 30 * 86400.0
IN_USE_S = 300.0  # used so lately, it may be playing, or about to


class SpokenFiles:
    """The hash is of the text and of all that its sound depends on."""

    def __init__(self, var: Path, most_bytes: int = MOST_BYTES) -> None:
        self._var, self._most = var, most_bytes

    def path(self, language: str, text: str, voices: Sequence[str], lexicon: Mapping[str, str]) -> Path:
        readings = {word: spoken for word, spoken in lexicon.items() if word in text}
        whole = json.dumps([FORM, language, text, list(voices), readings], sort_keys=True)
        return self._var / FOLDER / language / f"{sha256(whole.encode()).hexdigest()[:32]}.wav"

    def has(self, path: Path) -> bool:
        """Whether it is there; it counts as used."""
        try:
            os.utime(path)
        except OSError:
            return path.is_file()  # of somebody else, or on a disk that takes nothing
        return True

    def tidy(self) -> bool:
        """Remove what nobody used for long, then the least used beyond the limit. False: it is full of what
        may be playing now, and no more may be made."""
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        for path in (self._var / FOLDER).glob("*/*"):
            try:
                stat = path.stat()
            except OSError:
                continue
            stale = path.suffix != ".wav" and now - stat.st_mtime > IN_USE_S  # broken off
            if stale or now - stat.st_mtime > LONGEST_UNUSED_S:
                _remove(path)
            else:
                kept.append((stat.st_mtime, stat.st_size, path))
        size = sum(each[1] for each in kept)
        for used_at, bytes_, path in sorted(kept):
            if size < self._most or now - used_at < IN_USE_S:
                break
            _remove(path)
            size -= bytes_
        return size < self._most


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()

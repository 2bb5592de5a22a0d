"""How much room the disk has left for the journal and the recordings, before it is full."""

from __future__ import annotations

import shutil
from pathlib import Path

ENOUGH = 200 * 2**20  # bytes; some 3 hours of one talk
SHARE = 0.05  # of a small disk


def alarm(folder: Path) -> str:
    """Why somebody should look, "" when there is room."""
    try:
        found = shutil.disk_usage(folder)
    except OSError as error:
        return f"{folder}: {error.strerror}"
    if found.free >= min(ENOUGH, SHARE * found.total):
        return ""
    return (
        f"{found.free // 2**20} MB are left for {folder}; a full disk costs recordings first. "
        "Remedy: make room, e.g. move old recordings away"
    )

"""What the supervisor tells others: VAR/run/supervisor.json, and the lock that says it is alive."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from ..core.errors import Refused

LOCK = "supervisor.lock"
STATE = "supervisor.json"


def lock(run_dir: Path) -> int:
    """Take the one lock of this VAR and keep it for life. Raises Refused when another copy has it."""
    descriptor = os.open(run_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise Refused(
            "second_copy",
            f"already running on {run_dir.parent} (process {owner or 'unknown'}). Remedy: stop it"
            f"{f' (kill {owner})' if owner else ''}, or set HOTLINE_VAR to another folder",
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def is_alive(run_dir: Path) -> bool:
    """Whether a supervisor holds the lock. Raises OSError where that may not be seen."""
    try:
        descriptor = os.open(run_dir / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def write(run_dir: Path, state: dict[str, Any]) -> bool:
    """Replace the state, whole. False: it is still the old one, because the disk is full or fails."""
    new = run_dir / f".{STATE}.new"
    try:
        new.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        os.replace(new, run_dir / STATE)
    except OSError:
        return False
    return True


def read(run_dir: Path) -> dict[str, Any] | None:
    """The state of the copy that runs on this VAR, or None when none does. Raises OSError as `is_alive`."""
    if not is_alive(run_dir):
        return None
    try:
        state: dict[str, Any] = json.loads((run_dir / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state

"""What the files of conf call things: an entry's `title`, in the asking person's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app

from . import conf_files
from .tongue import language
from .words import LANGUAGES

Entries = Callable[[dict[str, Any]], dict[str, Any]]  # of what a file says: name -> entry


def title_in(file: str, entries: Entries, name: str, untitled: str) -> str:
    """The title of an entry of conf/FILE, or `untitled`."""
    return _in_force(file, entries).get((name, language())) or untitled


def names_in(file: str, entries: Entries) -> list[str]:
    """The entries of a file, in its order."""
    return list(dict.fromkeys(name for name, _ in _in_force(file, entries)))


def _in_force(file: str, entries: Entries) -> dict[tuple[str, str], str]:
    path: Path = current_app.config["HOTLINE"].conf / file
    try:
        return _titles(path, entries, path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=8)
def _titles(path: Path, entries: Entries, _changed_at: int) -> dict[tuple[str, str], str]:
    try:
        written: dict[str, Any] = conf_files.read(path)
    except conf_files.Unreadable:
        return {}
    titles: dict[tuple[str, str], str] = {}
    for name, entry in entries(written).items():
        title = entry.get("title") if isinstance(entry, dict) else None
        told = title if isinstance(title, dict) else {}
        titles |= {(name, each): str(told.get(each) or "") for each in LANGUAGES}
    return titles

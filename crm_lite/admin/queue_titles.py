"""What people call a queue: its title in conf/queues.yml, its name where there is none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app

from . import conf_files
from .tongue import language
from .words import LANGUAGES


def queue_title(name: str | None) -> str:
    """The title in the asking person's language; a dash for no queue."""
    return _here().get((name, language()), name) if name else "–"


def queue_names() -> list[tuple[str, str]]:
    """The queues of the file: (name, title) in its order."""
    names = dict.fromkeys(name for name, _ in _here())
    return [(name, queue_title(name)) for name in names]


def _here() -> dict[tuple[str, str], str]:
    path: Path = current_app.config["HOTLINE"].conf / "queues.yml"
    try:
        return _titles(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _titles(path: Path, _changed_at: int) -> dict[tuple[str, str], str]:
    try:
        written: dict[str, Any] = conf_files.read(path)
    except conf_files.Unreadable:
        return {}
    titles: dict[tuple[str, str], str] = {}
    for name, rule in written.items():
        title = rule.get("title") if isinstance(rule, dict) else None
        told = title if isinstance(title, dict) else {}
        titles |= {(name, each): str(told.get(each) or name) for each in LANGUAGES}
    return titles

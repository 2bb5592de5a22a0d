"""What people call a queue: its title in conf/queues.yml, its name where there is none."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app

from . import conf_files
from .tongue import language


def queue_title(name: str | None) -> str:
    """The title in the asking person's language; a dash for no queue."""
    if not name:
        return "–"
    path: Path = current_app.config["HOTLINE"].conf / "queues.yml"
    try:
        titles = _titles(path, path.stat().st_mtime_ns)
    except OSError:
        titles = {}
    return titles.get((name, language()), name)


@lru_cache(maxsize=4)
def _titles(path: Path, _changed_at: int) -> dict[tuple[str, str], str]:
    try:
        written: dict[str, Any] = conf_files.read(path)
    except conf_files.Unreadable:
        return {}
    titles = {name: rule.get("title") for name, rule in written.items() if isinstance(rule, dict)}
    return {
        (name, tongue): text
        for name, title in titles.items()
        if isinstance(title, dict)
        for tongue, text in title.items()
        if isinstance(text, str)
    }

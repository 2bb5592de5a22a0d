"""What people call a queue: its title in conf/queues.yml, its name where there is none."""

from __future__ import annotations

from typing import Any

from .conf_titles import names_in, title_in

FILE = "queues.yml"


def queue_title(name: str | None) -> str:
    """The title in the asking person's language; a dash for no queue."""
    return title_in(FILE, _entries, name, name) if name else "–"


def queue_names() -> list[tuple[str, str]]:
    """The queues of the file: (name, title) in its order."""
    return [(name, queue_title(name)) for name in names_in(FILE, _entries)]


def _entries(written: dict[str, Any]) -> dict[str, Any]:
    return written

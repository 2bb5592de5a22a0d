"""Registrations outlive the process: a switch that died and is back rings its phones at once.

As FreeSWITCH does with its core database (sofia_reg.c, table sip_registrations).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from time import monotonic, time
from typing import Any

from ..loop import Loop
from .registrar import Binding

log = logging.getLogger(__name__)

SAVE_AFTER_S = 0.2  # many phones register at once after a power cut
_NAMES = [field.name for field in fields(Binding) if field.name != "until"]


class KeptBindings:
    """The file; `changed()` writes it soon. all: what is to be kept."""

    def __init__(self, loop: Loop, path: Path, all_bindings: Callable[[], list[Binding]]) -> None:
        self._loop, self._path, self._all = loop, path, all_bindings
        self._is_due = False

    def load(self) -> list[Binding]:
        """Those that are still in force; none of a file that is missing or broken."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            found = [_binding(row) for row in rows]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s: registrations cannot be read, phones will register again: %r", self._path, error)
            return []
        return [binding for binding in found if binding.until > monotonic()]

    def changed(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.later(SAVE_AFTER_S, self.save)

    def save(self) -> None:
        """Now. A reader, or the next process, finds the old file or the new one, never half of it."""
        self._is_due = False
        rows = [
            {**{name: getattr(each, name) for name in _NAMES}, "expires_at": each.expires_at}
            for each in self._all()
        ]
        fresh = self._path.with_suffix(".new")
        try:
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(file, "w", encoding="utf-8") as text:
                json.dump(rows, text)
            fresh.replace(self._path)
        except OSError as error:
            log.warning("%s: registrations cannot be kept: %s", self._path, error.strerror)


def _binding(row: dict[str, Any]) -> Binding:
    """Raises KeyError, TypeError, ValueError for what `save` did not write."""
    host, port = row["source"]
    texts = {name: row[name] for name in ("user", "contact", "call_id", "agent")}
    if not all(isinstance(value, str) for value in (*texts.values(), host)):
        raise TypeError("not a text")
    until = monotonic() + float(row["expires_at"]) - time()
    numbers = {name: int(row[name]) for name in ("cseq", "expires_s")}
    path = tuple(row.get("path", ()))  # absent in files of before
    if not all(isinstance(each, str) for each in path):
        raise TypeError("not a text")
    return Binding(source=(host, int(port)), until=until, path=path, **texts, **numbers)

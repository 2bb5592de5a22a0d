"""Secrets between the form that made them and the page that shows them: told once, kept in memory alone."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import current_app

LASTS_S = 60.0
MOST = 100


class Once:
    """By a random mark that stands in the page's address; whom it is for must fit, too."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any, str]] = {}  # mark: (until, for whom, secret), oldest first

    def keep(self, secret: str, whom: Any) -> str:
        """Returns the mark."""
        for mark, (until, _, _) in list(self._kept.items()):
            if until < time.monotonic() or len(self._kept) >= MOST:
                self._kept.pop(mark, None)
        mark = secrets.token_urlsafe(12)
        self._kept[mark] = (time.monotonic() + LASTS_S, whom, secret)
        return mark

    def take(self, mark: str, whom: Any) -> str:
        """The secret, "" when it was told before, is somebody else's or too old."""
        until, for_whom, secret = self._kept.get(mark, (0.0, None, ""))
        if for_whom != whom or until < time.monotonic():
            return ""
        del self._kept[mark]
        return secret


def once() -> Once:
    """The application's."""
    found: Once = current_app.extensions["once"]
    return found

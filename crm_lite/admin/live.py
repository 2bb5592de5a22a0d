"""The live state, from the call server's control socket. A call server that is down is an answer, too."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any, Protocol

from flask import current_app


class Control(Protocol):
    """What switch_app.runtime.control_client.ControlClient offers."""

    def ask(self, command: str, **args: Any) -> dict[str, Any]: ...


class Live:
    """Asks for everybody: many open wallboards are one question a second."""

    FRESH_S = 0.8

    def __init__(self, control: Control) -> None:
        self.control = control
        self._lock = Lock()
        self._floor: dict[str, Any] | None = None
        self._asked = -1e9  # monotonic

    def ask(self, command: str, **args: Any) -> dict[str, Any]:
        """Pass a question on. Raises Refused, ConnectionError."""
        return self.control.ask(command, **args)

    def ask_or_none(self, command: str, **args: Any) -> dict[str, Any] | None:
        """The answer, None when the call server is down."""
        try:
            return self.control.ask(command, **args)
        except ConnectionError:
            return None

    def floor(self, now: bool = False) -> dict[str, Any] | None:
        """The floor's snapshot with `at` (epoch seconds), at most FRESH_S old; None: the call server is down.

        now: ask again, after a change that must be seen.
        """
        with self._lock:
            if now or time.monotonic() - self._asked > self.FRESH_S:
                floor = self.ask_or_none("floor")
                self._floor = None if floor is None else {"at": time.time(), **floor}
                self._asked = time.monotonic()
            return self._floor


def live() -> Live:
    """The application's Live."""
    found: Live = current_app.extensions["live"]
    return found

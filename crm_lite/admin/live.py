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
        self._agents: dict[str, dict[str, Any]] = {}
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

    def floor(self, fresh_s: float = FRESH_S) -> dict[str, Any] | None:
        """The floor's snapshot with `at` (epoch seconds), at most fresh_s old; None: the call server is down.

        fresh_s: 0 after a change that must be seen.
        """
        with self._lock:
            self._look(fresh_s)
            return self._floor

    def agent(self, number: str, fresh_s: float = FRESH_S) -> dict[str, Any] | None:
        """The agent as in the floor's snapshot; None for nobody, and while the call server is down."""
        with self._lock:
            self._look(fresh_s)
            return self._agents.get(number)

    def _look(self, fresh_s: float) -> None:
        if time.monotonic() - self._asked <= fresh_s:
            return
        floor = self.ask_or_none("floor")
        self._floor = None if floor is None else {"at": time.time(), **floor}
        self._agents = {each["agent"]: each for each in floor["agents"]} if floor else {}
        self._asked = time.monotonic()


def live() -> Live:
    """The application's Live."""
    found: Live = current_app.extensions["live"]
    return found

"""The application's side of one connection: which reply answers which command, and when it is over.

The switch answers every command once and in order (listener_run of mod_event_socket.c); events and
notices come in between. A message that the table below does not foresee breaks the wire.

    GREETING    inbound connections begin here: the switch asks for the password, or refuses
    OPEN        outbound connections begin here
    LINGERING   the channel hung up, its last events still come
    CLOSED      the switch said good-bye
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Generic, TypeVar

from .errors import LocalWireError, RemoteWireError
from .message import Frame

T = TypeVar("T")


class State(Enum):
    GREETING = auto()
    OPEN = auto()
    LINGERING = auto()
    CLOSED = auto()


class Said(Enum):
    """What a message means to the application."""

    GREETED = auto()
    REFUSED = auto()
    REPLY = auto()
    EVENT = auto()
    LOG = auto()
    LINGERS = auto()
    ENDED = auto()


_NOTICE = "text/disconnect-notice"
_LINGER = _NOTICE + " (linger)"

_TALK = {
    "text/event-plain": Said.EVENT,
    "text/event-json": Said.EVENT,
    "command/reply": Said.REPLY,
    "api/response": Said.REPLY,
    "log/data": Said.LOG,
    _LINGER: Said.LINGERS,
    _NOTICE: Said.ENDED,
}
_FORESEEN: dict[State, dict[str, Said]] = {
    State.GREETING: {"auth/request": Said.GREETED, "text/rude-rejection": Said.REFUSED, _NOTICE: Said.ENDED},
    State.OPEN: _TALK,
    State.LINGERING: _TALK,
    State.CLOSED: {_NOTICE: Said.ENDED},  # a refusal is followed by a good-bye
}
_MOVES = {
    Said.GREETED: State.OPEN,
    Said.REFUSED: State.CLOSED,
    Said.LINGERS: State.LINGERING,
    Said.ENDED: State.CLOSED,
}


class Conversation(Generic[T]):
    """Tokens stand for commands: what was asked with a token is answered with it."""

    def __init__(self, outbound: bool) -> None:
        self._enter(State.OPEN if outbound else State.GREETING)
        self._asked: deque[tuple[bool, T]] = deque()

    @property
    def unanswered(self) -> int:
        return len(self._asked)

    @property
    def takes_commands(self) -> bool:
        """Not before the greeting, and not after the end."""
        return self.state in (State.OPEN, State.LINGERING)

    def asked(self, command: bytes, token: T) -> None:
        """A command is about to be written. Raises LocalWireError where none is allowed."""
        if not self.takes_commands:
            raise LocalWireError(f"no command may be sent while {self.state.name.lower()}")
        self._asked.append((command.startswith(b"api "), token))

    def received(self, frame: Frame) -> tuple[Said, T | None]:
        """What the message means; with REPLY the token of its command. Raises RemoteWireError."""
        kind = frame.content_type
        said = self._foreseen.get(kind)
        if said is Said.EVENT:
            return said, None
        if said is Said.REPLY:
            return said, self._answered(kind)
        if kind == _NOTICE and frame.get("Content-Disposition") == "linger":
            said = self._foreseen.get(_LINGER)
        if said is None:
            raise RemoteWireError(f"{kind[:40]!r} is not foreseen while {self.state.name.lower()}")
        if said in _MOVES:
            self._enter(_MOVES[said])
        return said, None

    def _enter(self, state: State) -> None:
        self.state = state
        self._foreseen = _FORESEEN[state]

    def _answered(self, kind: str) -> T:
        if not self._asked:
            raise RemoteWireError("a reply to nothing")
        is_api, token = self._asked[0]
        if kind == "api/response" and not is_api:  # the other way round is a refused api command
            raise RemoteWireError("an api/response to a command that is no api")
        self._asked.popleft()
        return token

    def close(self) -> list[T]:
        """The connection is over: the tokens that stay unanswered, oldest first."""
        self._enter(State.CLOSED)
        left = [token for _, token in self._asked]
        self._asked.clear()
        return left

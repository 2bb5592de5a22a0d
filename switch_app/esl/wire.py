"""Bytes to messages, split anywhere: FrameReader for the application, CommandReader for the switch.

A message is a block of lines, an empty line, and as many bytes of body as its Content-Length says.
Empty lines before a message are skipped, as read_packet() of mod_event_socket.c does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from .errors import RemoteWireError
from .message import Command, Event, Frame
from .text import decode

__all__ = ["Command", "CommandReader", "Event", "Frame", "FrameReader"]

M = TypeVar("M", Frame, Command)

_TYPE = b"Content-Type: "
_LENGTH = b"Content-Length: "
_SHORT = 80  # bytes: two lines, of an event or a reply


class _Reader(Generic[M]):
    """Assembles messages. Bytes are held only while a message is incomplete.

    head_end(data, start): where a head ends and its body begins, (-1, -1) if not here.
    measure(head): the kind of a message and the length of its body. build(head, body, kind).
    check(held): may find early that an incomplete head is none.
    """

    def __init__(
        self,
        max_head: int,
        max_body: int,
        head_end: Callable[[bytes | bytearray, int], tuple[int, int]],
        measure: Callable[[bytes], tuple[str, int]],
        build: Callable[[bytes, bytes, str], M],
        check: Callable[[bytearray], None] = lambda held: None,
    ) -> None:
        self._max_head = max_head
        self._max_body = max_body
        self._head_end, self._measure, self._check = head_end, measure, check
        self._build: Callable[[bytes, bytes, str], M] = build
        self._held = bytearray()
        self._need = 0  # size of the held message, 0 while its head is incomplete
        self._scanned = 0  # no end of the head before this place
        self._error: RemoteWireError | None = None

    def feed(self, data: bytes) -> list[M]:
        """The messages that became complete. Raises RemoteWireError, from then on always."""
        if self._error:
            raise self._error
        messages: list[M] = []
        try:
            self._consume(data, messages)
        except RemoteWireError as error:
            self._fail(error)
            error.before = messages
            raise
        return messages

    def eof(self) -> None:
        """The peer closed. Raises RemoteWireError if a message was cut short."""
        if self._error:
            raise self._error
        if self._held:
            error = RemoteWireError("the connection ended inside a message")
            self._fail(error)
            raise error

    def _fail(self, error: RemoteWireError) -> None:
        self._error = error
        self._held.clear()

    def _consume(self, data: bytes, messages: list[M]) -> None:
        held = self._held
        if held:
            held += data
            if len(held) < self._need:
                return
            if not self._need and self._head_end(held, self._scanned)[0] < 0:
                self._wait_for_head(held)
                return
            data = bytes(held)
            held.clear()
        place, size = 0, len(data)
        while place < size:
            if data[place] in b"\r\n":
                place += 1
                continue
            end, start = self._head_end(data, place)
            if end < 0:
                held += data[place:]
                self._need = self._scanned = 0
                self._wait_for_head(held)
                return
            if end - place > self._max_head:
                raise RemoteWireError("the headers of a message are too long")
            head = data[place:end]
            kind, length = self._measure(head)
            if length > self._max_body:
                raise RemoteWireError(f"a body of {length} bytes is too long")
            stop = start + length
            if stop > size:
                held += data[place:]
                self._need = stop - place
                return
            messages.append(self._build(head, data[start:stop], kind))
            place = stop

    def _wait_for_head(self, held: bytearray) -> None:
        if len(held) > self._max_head:
            raise RemoteWireError("the headers of a message are too long")
        self._check(held)
        self._scanned = max(0, len(held) - 2)


class FrameReader(_Reader[Frame]):
    """Reads what a switch sends. max_head, max_body: bytes; a peer that exceeds them is broken."""

    def __init__(self, max_head: int = 1 << 20, max_body: int = 1 << 24) -> None:
        super().__init__(max_head, max_body, _frame_head, _measure_frame, Frame, _check_frame)


class CommandReader(_Reader[Command]):
    """Reads what an application sends. Lines end in LF or CRLF."""

    def __init__(self, max_head: int = 1 << 16, max_body: int = 1 << 20) -> None:
        super().__init__(max_head, max_body, _command_head, _measure_command, _command)


# --- frames -------------------------------------------------------------------------------------------
def _frame_head(data: bytes | bytearray, start: int) -> tuple[int, int]:
    end = data.find(b"\n\n", start)
    return end, end + 2


def _check_frame(held: bytearray) -> None:
    stop = held.find(b"\n")
    if stop > 0 and (held.find(b": ", 0, stop) <= 0 or held[stop - 1] == 0x0D):
        raise RemoteWireError("this is not the Event Socket of a switch")
    if stop < 0 and len(held) > 1024:  # the first line of any message is short
        raise RemoteWireError("the first line of a message is too long")


def _measure_frame(head: bytes) -> tuple[str, int]:
    return _measured(head) if len(head) <= _SHORT else _measure(head)


def _measure(head: bytes) -> tuple[str, int]:
    kind = _single(head, _TYPE)
    if kind is None:
        raise RemoteWireError("a message without Content-Type")
    stated = _single(head, _LENGTH)
    return decode(kind).replace("%2F", "/"), 0 if stated is None else _digits(stated)


_measured = lru_cache(maxsize=4096)(_measure)  # the heads of events and of most replies come again


def _single(head: bytes, name: bytes) -> bytes | None:
    """The one value of a header; two different ones would let a value forge the end of a body."""
    if head.startswith(name):
        start = len(name)
    else:
        start = head.find(b"\n" + name) + 1 + len(name)
        if start == len(name):
            return None
    stop = head.find(b"\n", start)
    if stop < 0:
        return head[start:]
    value = head[start:stop]
    if head.find(b"\n" + name, stop) >= 0 and _values(head, name) != {value}:
        raise RemoteWireError(f"two values of {decode(name[:-2])}")
    return value


def _values(head: bytes, name: bytes) -> set[bytes]:
    return {line[len(name) :] for line in head.split(b"\n") if line.startswith(name)}


def _digits(value: bytes) -> int:
    if not 0 < len(value) < 10 or not value.isdigit():
        raise RemoteWireError("a Content-Length is not a number")
    return int(value)


# --- commands -----------------------------------------------------------------------------------------
def _command_head(data: bytes | bytearray, start: int) -> tuple[int, int]:
    end = data.find(b"\n\n", start)
    crlf = data.find(b"\n\r\n", start, end if end >= 0 else len(data))
    return (crlf, crlf + 3) if crlf >= 0 else (end, end + 2)


def _measure_command(head: bytes) -> tuple[str, int]:
    if b"\0" in head:
        raise RemoteWireError("NUL in a command")
    lengths = {
        value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\n")[1:])
        if name.lower() == b"content-length"
    }
    if len(lengths) > 1:
        raise RemoteWireError("two lengths for one body")
    return "", _digits(lengths.pop()) if lengths else 0


def _command(head: bytes, body: bytes, kind: str) -> Command:
    line, *rest = decode(head).split("\n")
    headers: dict[str, str] = {}
    for name, colon, value in (each.rstrip("\r").partition(":") for each in rest):
        if colon:
            headers.setdefault(name.lower(), value.lstrip(" "))
    return Command(line.rstrip("\r"), headers, body)

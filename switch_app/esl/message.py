"""What is read from the wire: frames, events and commands. Bytes are kept and decoded on access."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import overload

from .errors import LocalWireError
from .json_event import parse_json_event
from .text import decode, url_decode

_NAME = b"Event-Name: "
_INNER_LENGTH = b"\nContent-Length: "  # the last header of an event that has a body


@lru_cache(maxsize=512)
def _needle(name: str) -> tuple[bytes, bytes]:
    first = name.encode("utf-8", "replace") + b": "
    return first, b"\n" + first


def _find(block: bytes, name: str) -> tuple[int, bytes]:
    """Where the first header `name` of a block of `Name: value` lines stands, and its value; (-1, b"")."""
    first, needle = _needle(name)
    if block.startswith(first):
        place, start = 0, len(first)
    else:
        place = block.find(needle)
        if place < 0:
            return -1, b""
        start = place + len(needle)
    stop = block.find(b"\n", start)
    return place, block[start:] if stop < 0 else block[start:stop]


def _split(block: bytes, encoded: bool) -> dict[str, str]:
    """All headers of a block. Lines first, values afterwards: no value can forge a header."""
    headers: dict[str, str] = {}
    value_of = url_decode if encoded else decode
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b": ")
        if colon:
            headers.setdefault(decode(name), value_of(value))
    return headers


class Event:
    """An event of the switch. Header names are exact, as FreeSWITCH writes them.

    A value that is empty is written `_undef_` on the plain wire (switch_event_serialize) and reads
    as "" here, as in JSON. The first of several headers of one name counts.
    """

    __slots__ = ("_end", "_known", "_raw", "name")

    def __init__(self, raw: bytes, known: Mapping[str, str] | None = None) -> None:
        self._raw = raw
        self._known = known
        self._end = -1  # of the headers; found when it is needed
        stop = raw.find(b"\n")
        first = stop > 0 and raw.startswith(_NAME)  # where FreeSWITCH writes it
        self.name = decode(raw[len(_NAME) : stop]) if first else self.get("Event-Name", "")

    @overload
    def get(self, header: str) -> str | None: ...
    @overload
    def get(self, header: str, default: str) -> str: ...
    def get(self, header: str, default: str | None = None) -> str | None:
        if self._known is not None:
            return self._known.get(header, default)
        place, value = _find(self._raw, header)
        if place < 0:
            return default
        if self._raw.find(_INNER_LENGTH, 0, place) >= 0 and place >= self._headers_end():
            return default  # it stands in the body
        if b"%" in value:
            return url_decode(value)
        return "" if value == b"_undef_" else decode(value)

    def headers(self) -> Mapping[str, str]:
        if self._known is None:
            found = _split(self._raw[: self._headers_end()], encoded=True)
            self._known = {name: "" if value == "_undef_" else value for name, value in found.items()}
        return self._known

    @property
    def body(self) -> bytes:
        """What follows the headers, such as the result in a BACKGROUND_JOB."""
        if self._known is not None and "_body" in self._known:
            return self._known["_body"].encode()
        rest = self._raw[self._headers_end() + 2 :]
        length = self.get("Content-Length", "")
        return rest[: int(length)] if length.isascii() and length.isdigit() else rest

    def _headers_end(self) -> int:
        if self._end < 0:
            end = self._raw.find(b"\n\n")
            self._end = end if end >= 0 else len(self._raw)
        return self._end

    def __repr__(self) -> str:
        return f"<Event {self.name}>"


class Frame:
    """One message of the switch: a block of headers and, where Content-Length says so, a body.

    Values are taken as they stand, but those of a connect reply, which is an event serialised into
    the block of headers, are URL-encoded (mod_event_socket.c, `connect`).
    """

    __slots__ = ("_head", "body", "content_type")

    def __init__(self, head: bytes, body: bytes, content_type: str) -> None:
        self.content_type = content_type
        self.body = body
        self._head = head

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        place, value = _find(self._head, name)
        if place < 0:
            return default
        if not self._encoded:
            return decode(value)
        return "" if value == b"_undef_" else url_decode(value)

    def headers(self) -> Mapping[str, str]:
        found = _split(self._head, self._encoded)
        if not self._encoded:
            return found
        return {name: "" if value == "_undef_" else value for name, value in found.items()}

    @property
    def is_event(self) -> bool:
        return self.content_type in ("text/event-plain", "text/event-json")

    @property
    def _encoded(self) -> bool:
        return self._head.startswith(_NAME)

    def event(self) -> Event:
        """The event in the body, or of a connect reply.

        Raises RemoteWireError if it is broken JSON, LocalWireError if this frame carries no event.
        """
        if self.content_type == "text/event-plain":
            return Event(self.body)
        if self.content_type == "text/event-json":
            return Event(b"", parse_json_event(self.body))
        if self._encoded:
            return Event(self._head)
        raise LocalWireError(f"a {self.content_type} carries no event")

    def __repr__(self) -> str:
        return f"<Frame {self.content_type} {len(self.body)} bytes>"


class Command:
    """One message of an application: a command line, headers, and a body where there is one."""

    __slots__ = ("_headers", "args", "body", "line", "verb")

    def __init__(self, line: str, headers: Mapping[str, str], body: bytes) -> None:
        """headers: names in lower case, for FreeSWITCH compares them without regard to case."""
        self.line = line
        verb, _, args = line.partition(" ")
        self.verb = verb.lower()
        self.args = args.strip(" ")
        self.body = body
        self._headers = headers

    @overload
    def get(self, header: str) -> str | None: ...
    @overload
    def get(self, header: str, default: str) -> str: ...
    def get(self, header: str, default: str | None = None) -> str | None:
        return self._headers.get(header.lower(), default)

    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""
        return self._headers

    @property
    def argument(self) -> str:
        """An execute's argument: execute-app-arg, else a text/plain body (switch_ivr_parse_event)."""
        stated = self.get("execute-app-arg", "")
        if stated or self.get("content-type", "").lower() != "text/plain":
            return stated
        return decode(self.body)

    def __repr__(self) -> str:
        return f"<Command {self.verb} {len(self.body)} bytes>"

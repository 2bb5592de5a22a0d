"""What the switch tells the application; each function returns the bytes of one message.

Names, order and wording are those of mod_event_socket.c. Raises LocalWireError on CR, LF and NUL
where a value stands as it is; values of events and of the connect reply are URL-encoded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .errors import LocalWireError
from .text import sendable, sendable_name, url_encode

GOODBYE = b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
_DENIED = b"Access Denied, go away.\n"


def auth_request() -> bytes:
    return b"Content-Type: auth/request\n\n"


def command_reply(text: str, headers: Mapping[str, str] | None = None) -> bytes:
    """text: `+OK ...` or `-ERR ...`."""
    lines = [b"Content-Type: command/reply", b"Reply-Text: " + sendable(text, "reply")]
    for name, value in (headers or {}).items():
        lines.append(sendable_name(name, "header") + b": " + sendable(value, name))
    return b"\n".join(lines) + b"\n\n"


def bgapi_reply(job_uuid: str) -> bytes:
    return command_reply(f"+OK Job-UUID: {job_uuid}", {"Job-UUID": job_uuid})


def api_response(body: str | bytes) -> bytes:
    """The output of an API command; an empty one is told as FreeSWITCH does."""
    content = _bytes(body) or b"-ERR no reply\n"
    return b"Content-Type: api/response\nContent-Length: %d\n\n%b" % (len(content), content)


def connect_reply(headers: Mapping[str, str], mode: str = "async", control: str = "full") -> bytes:
    """The channel's data: an event's headers with the reply's own at their end."""
    reply = {
        **headers,
        "Content-Type": "command/reply",
        "Reply-Text": "+OK\n",
        "Socket-Mode": mode,
        "Control": control,
    }
    reply.pop("Content-Length", None)
    if next(iter(reply)) != "Event-Name":
        reply = {"Event-Name": headers.get("Event-Name", "CHANNEL_DATA"), **reply}
    return _encoded(reply) + b"\n"


def event(headers: Mapping[str, str], body: str | bytes = b"", format: str = "plain") -> bytes:
    """An event. Event-Name is the first of the headers."""
    content = _bytes(body)
    if format == "plain":
        inner = _encoded(headers)
        inner += b"Content-Length: %d\n\n%b" % (len(content), content) if content else b"\n"
    elif format == "json":
        known = dict(headers)
        if content:
            known |= {"Content-Length": str(len(content)), "_body": content.decode("utf-8", "replace")}
        inner = json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    else:
        raise LocalWireError(f"no such format of events: {format[:20]!r}")
    return b"Content-Length: %d\nContent-Type: text/event-%b\n\n%b" % (len(inner), format.encode(), inner)


def linger_notice(leg: str, channel_name: str, seconds: int = -1) -> bytes:
    """The channel hung up and the connection stays for `seconds` (-1: until the application ends it)."""
    return (
        b"Content-Type: text/disconnect-notice\nControlled-Session-UUID: %b\nContent-Disposition: linger\n"
        b"Channel-Name: %b\nLinger-Time: %d\nContent-Length: 0\n\n"
        % (sendable(leg, "leg"), sendable(channel_name, "channel name"), seconds)
    )


def disconnect_notice(leg: str = "", message: bytes = GOODBYE) -> bytes:
    """The end of the connection; `leg` where it was a channel's."""
    lines = [b"Content-Type: text/disconnect-notice"]
    if leg:
        lines.append(b"Controlled-Session-UUID: " + sendable(leg, "leg"))
        lines.append(b"Content-Disposition: disconnect")
    lines.append(b"Content-Length: %d" % len(message))
    return b"\n".join(lines) + b"\n\n" + message


def rude_rejection() -> bytes:
    return b"Content-Type: text/rude-rejection\nContent-Length: %d\n\n%b" % (len(_DENIED), _DENIED)


def _bytes(body: str | bytes) -> bytes:
    return body.encode("utf-8", "replace") if isinstance(body, str) else body


def _encoded(headers: Mapping[str, str]) -> bytes:
    """An empty value is written `_undef_` (switch_event_serialize)."""
    lines = (
        sendable_name(name, "header") + b": " + (url_encode(value) or b"_undef_") + b"\n"
        for name, value in headers.items()
    )
    return b"".join(lines)

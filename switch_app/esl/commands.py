"""What the application tells the switch; each function returns the bytes of one command.

Everything refuses CR, LF and NUL (LocalWireError), so that no value can become a second command.
On an outbound connection the switch answers nothing to its very first command unless that is
`connect` (listener_run), so begin with `connect`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .errors import LocalWireError
from .text import sendable, sendable_name


def command(line: str, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
    """Any command. A body is sent as text/plain with its length, as the last of the headers."""
    raw = sendable(line, "command")
    if not raw.strip():
        raise LocalWireError("an empty command")
    lines = [raw]
    for name, value in (headers or {}).items():
        lines.append(sendable_name(name, "header") + b": " + sendable(value, name))
    content = sendable(body, "body")
    if content:
        lines.append(b"content-type: text/plain\ncontent-length: %d" % len(content))
    return b"\n".join(lines) + b"\n\n" + content


def connect() -> bytes:
    return b"connect\n\n"


def auth(password: str) -> bytes:
    return command(f"auth {password}")


def api(name: str, args: str = "") -> bytes:
    """Run an API command and wait: the reply is an api/response. It holds up the connection."""
    return command(f"api {name} {args}" if args else f"api {name}")


def bgapi(name: str, args: str = "", job_uuid: str = "") -> bytes:
    """Run an API command beside the connection: its result is a BACKGROUND_JOB event."""
    return command(
        f"bgapi {name} {args}" if args else f"bgapi {name}", {"Job-UUID": job_uuid} if job_uuid else {}
    )


def sendmsg(headers: Mapping[str, str], leg: str = "", body: str = "") -> bytes:
    """A message to a channel; `leg` may be empty on an outbound connection (its own channel)."""
    if not leg:
        return command("sendmsg", headers, body)
    return command(f"sendmsg {sendable_name(leg, 'leg').decode()}", headers, body)


def execute(app: str, arg: str = "", leg: str = "", event_uuid: str = "", lock: bool = False) -> bytes:
    """Run a dialplan application on a channel.

    The argument goes as a text/plain body, which no value can forge (switch_ivr_parse_event reads
    it when execute-app-arg is absent). `event_uuid` comes back as Application-UUID in
    CHANNEL_EXECUTE_COMPLETE. lock: the next message waits until this application ends.
    """
    headers = {"call-command": "execute", "execute-app-name": sendable_name(app, "application").decode()}
    if event_uuid:
        headers["event-uuid"] = event_uuid
    if lock:
        headers["event-lock"] = "true"
    return sendmsg(headers, leg, arg)


def hangup(cause: str = "NORMAL_CLEARING", leg: str = "") -> bytes:
    return sendmsg({"call-command": "hangup", "hangup-cause": cause}, leg)


def myevents(format: str = "plain") -> bytes:
    """All 23 kinds of events of this channel: many. `filter` and `events` cost the switch less."""
    return command(f"myevents {_format(format)}")


def events(names: Iterable[str], format: str = "plain") -> bytes:
    """Subscribe; adds to what is subscribed. What follows CUSTOM are subclasses."""
    wanted = list(names)
    if not wanted or any(not name or " " in name for name in wanted):
        raise LocalWireError("an event without a name")
    return command(" ".join(("event", _format(format), *wanted)))


def noevents() -> bytes:
    """No events any more, nor those that wait to be sent."""
    return b"noevents\n\n"


def filter(header: str, value: str) -> bytes:
    """Only events with this value in this header (without regard to case; `/x/` is a pattern).

    Several filters are alternatives. It concerns all events of the connection.
    """
    return command(f"filter {sendable_name(header, 'header').decode()} {value}")


def linger(seconds: int | None = None) -> bytes:
    """Keep the connection open after the hang-up: for `seconds`, or until the application closes."""
    return command("linger" if seconds is None else f"linger {seconds:d}")


def nolinger() -> bytes:
    return b"nolinger\n\n"


def divert_events(on: bool) -> bytes:
    return b"divert_events on\n\n" if on else b"divert_events off\n\n"


def exit_() -> bytes:
    return b"exit\n\n"


def _format(format: str) -> str:
    if format not in ("plain", "json"):
        raise LocalWireError(f"no such format of events: {format[:20]!r}")
    return format

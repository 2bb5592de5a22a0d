"""The other end for the ESL bench, in a process of its own: calls a server and plays a switch.

It writes what FreeSWITCH writes in a session with `myevents`: 23 events of 3 to 6 KB, headers and body
of each in two writes, as mod_event_socket.c does.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import Thread

from ..esl import commands, replies
from ..esl.wire import Command, CommandReader

LEG = "6c9d3f0e-0001-4a2b-9c3d-5e6f70819203"
DIGITS = "1234"
EVENTS = 23  # in one session

_CHANNEL = {
    "Core-UUID": "a48f698e-e94a-48d3-ba43-bd7aca877b85",
    "FreeSWITCH-Hostname": "switch",
    "FreeSWITCH-IPv4": "192.0.2.2",
    "Event-Date-Local": "2026-11-23 08:06:39",
    "Event-Date-GMT": "Mon, 23 Nov 2026 08:06:39 GMT",
    "Event-Date-Timestamp": "1795421199299214",
    "Event-Calling-File": "switch_core_session.c",
    "Channel-State": "CS_EXECUTE",
    "Channel-Call-State": "ACTIVE",
    "Channel-Name": "sofia/internal/13800138000@192.0.2.9",
    "Unique-ID": LEG,
    "Call-Direction": "inbound",
    "Answer-State": "answered",
    "Caller-Caller-ID-Name": "Li Lei",
    "Caller-Caller-ID-Number": "13800138000",
    "Caller-Destination-Number": "4000",
    "variable_uuid": LEG,
    "variable_call_uuid": LEG,
    "variable_sip_full_from": '"Li Lei" <sip:13800138000@192.0.2.9>;tag=NFtDe3pDKecQD',
    "variable_switch_r_sdp": "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\nm=audio 4000 RTP/AVP 0 8 101\r\n",
    **{f"variable_sip_part_{n}": f"sip:part{n}@192.0.2.9:5060;value={n}" for n in range(90)},
}


def _event(name: str, **more: str) -> bytes:
    return replies.event({"Event-Name": name, **_CHANNEL, **more})


def _after(command: Command) -> Iterator[bytes]:
    """The reply to a command and the events that follow it."""
    app = command.get("execute-app-name", "")
    if command.verb == "connect":
        yield replies.connect_reply({"Event-Name": "CHANNEL_DATA", **_CHANNEL})
        return
    yield replies.command_reply("+OK")
    if command.verb in ("myevents", "event"):
        yield _event("CHANNEL_PARK")
    if not app:
        return
    about = {
        "Application": app,
        "Application-Data": command.argument,
        "Application-UUID": command.get("event-uuid", "none"),
        "variable_current_application": app,
    }
    yield _event("CHANNEL_EXECUTE", **about)
    if app == "answer":
        yield _event("CHANNEL_ANSWER")
    if app == "playback" and command.argument == "menu.wav":
        yield from (_event("DTMF", **{"DTMF-Digit": digit}) for digit in DIGITS)
    if app == "hangup":
        yield _event("CHANNEL_HANGUP")
    yield _event("CHANNEL_EXECUTE_COMPLETE", **about, **{"Application-Response": "FILE PLAYED"})
    if app == "hangup":
        for name in ("CHANNEL_UNPARK", "CHANNEL_STATE", "CHANNEL_STATE", "CHANNEL_HANGUP_COMPLETE"):
            yield _event(name)
        yield replies.disconnect_notice(LEG)


def _write(sock: socket.socket, message: bytes) -> None:
    head, gap, body = message.partition(b"\n\n")
    sock.sendall(head + gap)
    if body:
        sock.sendall(body)


def call(port: int) -> None:
    """One session, until the application or the script ends it; it may close after the last event."""
    with socket.create_connection(("127.0.0.1", port)) as sock, suppress(ConnectionError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = CommandReader()
        while data := sock.recv(65536):
            for command in reader.feed(data):
                for message in _after(command):
                    _write(sock, message)
                if command.get("execute-app-name") == "hangup":
                    return


def session(apps: Iterable[tuple[str, str]]) -> bytes:
    """All that the switch writes in one session that runs `apps`."""
    told = commands.connect() + commands.linger() + commands.events(["DTMF"])
    told += b"".join(commands.execute(app, arg, event_uuid=arg or app) for app, arg in apps)
    return b"".join(message for command in CommandReader().feed(told) for message in _after(command))


def main(port: int, calls: int, at_once: int) -> None:
    def some() -> None:
        for _ in range(calls // at_once):
            call(port)

    threads = [Thread(target=some) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    sys.stdin.readline()  # until it is measured
    main(*map(int, sys.argv[1:]))

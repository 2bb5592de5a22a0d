"""Events and who wants them. Headers are built only when somebody is subscribed: most of an event's
cost is in its hundred headers."""

from __future__ import annotations

import itertools
import os
import socket
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from time import time
from typing import Protocol

from ...esl import replies

CORE_UUID = str(uuid.uuid4())
HOSTNAME = socket.gethostname() or "localhost"
_sequence = itertools.count(1)

NAMES = frozenset(
    """
    CUSTOM CLONE CHANNEL_CREATE CHANNEL_DESTROY CHANNEL_STATE CHANNEL_CALLSTATE CHANNEL_ANSWER
    CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HOLD
    CHANNEL_UNHOLD CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA
    CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_UNPARK CHANNEL_APPLICATION CHANNEL_ORIGINATE CHANNEL_UUID
    API LOG INBOUND_CHAN OUTBOUND_CHAN STARTUP SHUTDOWN PUBLISH UNPUBLISH TALK NOTALK SESSION_CRASH
    MODULE_LOAD MODULE_UNLOAD DTMF MESSAGE PRESENCE_IN NOTIFY_IN PRESENCE_OUT PRESENCE_PROBE
    MESSAGE_WAITING MESSAGE_QUERY ROSTER CODEC BACKGROUND_JOB DETECTED_SPEECH DETECTED_TONE
    PRIVATE_COMMAND HEARTBEAT TRAP ADD_SCHEDULE DEL_SCHEDULE EXE_SCHEDULE RE_SCHEDULE RELOADXML
    NOTIFY PHONE_FEATURE PHONE_FEATURE_SUBSCRIBE SEND_MESSAGE RECV_MESSAGE REQUEST_PARAMS
    CHANNEL_DATA GENERAL COMMAND SESSION_HEARTBEAT CLIENT_DISCONNECTED SERVER_DISCONNECTED SEND_INFO
    RECV_INFO RECV_RTCP_MESSAGE SEND_RTCP_MESSAGE CALL_SECURE NAT RECORD_START RECORD_STOP
    PLAYBACK_START PLAYBACK_STOP CALL_UPDATE FAILURE SOCKET_DATA MEDIA_BUG_START MEDIA_BUG_STOP
    CONFERENCE_DATA_QUERY CONFERENCE_DATA CALL_SETUP_REQ CALL_SETUP_RESULT CALL_DETAIL DEVICE_STATE
    TEXT SHUTDOWN_REQUESTED ALL
    """.split()
)


class Event:
    """One event; its bytes are made once per format, however many listen."""

    __slots__ = ("_bytes", "body", "headers")

    def __init__(self, name: str, headers: Mapping[str, str], body: str = "") -> None:
        self.headers = {**stamp(name), **headers}
        self.body = body
        self._bytes: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        return self.headers["Event-Name"]

    def get(self, header: str) -> str | None:
        return self.headers.get(header)

    def bytes(self, kind: str) -> bytes:
        """kind: plain or json."""
        found = self._bytes.get(kind)
        if found is None:
            found = self._bytes[kind] = replies.event(self.headers, self.body, kind)
        return found


def stamp(name: str) -> dict[str, str]:
    """The headers that every event begins with."""
    now = time()
    moment = datetime.fromtimestamp(now, UTC)
    return {
        "Event-Name": name,
        "Core-UUID": CORE_UUID,
        "FreeSWITCH-Hostname": HOSTNAME,
        "FreeSWITCH-Switchname": HOSTNAME,
        "FreeSWITCH-IPv4": "127.0.0.1",
        "FreeSWITCH-IPv6": "::1",
        "Event-Date-Local": moment.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        "Event-Date-GMT": format_datetime(moment, usegmt=True),
        "Event-Date-Timestamp": str(int(now * 1e6)),
        "Event-Calling-File": "softswitch",
        "Event-Calling-Function": "fire",
        "Event-Calling-Line-Number": str(os.getpid()),
        "Event-Sequence": str(next(_sequence)),
    }


class Subscriber(Protocol):
    def offer(self, event: Event) -> None: ...


class Bus:
    """Knows which event names anybody wants; subscribers filter for themselves."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []
        self._wanted: Counter[str] = Counter()

    def join(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        if subscriber in self._subscribers:
            self._subscribers.remove(subscriber)

    def want(self, name: str) -> None:
        self._wanted[name] += 1

    def unwant(self, name: str) -> None:
        self._wanted[name] -= 1

    def wanted(self, name: str) -> bool:
        return self._wanted[name] > 0 or self._wanted["ALL"] > 0

    def fire(self, name: str, headers: Callable[[], Mapping[str, str]], body: str = "") -> None:
        """Build the event if somebody wants it and offer it to all."""
        if not self.wanted(name):
            return
        event = Event(name, headers(), body)
        for subscriber in list(self._subscribers):
            subscriber.offer(event)

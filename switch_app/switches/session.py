"""A caller's connection: the switch's `socket` application, seen from the call server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from secrets import token_hex
from typing import Any

from gevent import get_hub, socket
from gevent.event import AsyncResult

from ..esl import commands
from ..esl.message import Event, Frame
from .errors import SwitchGone
from .face import FacedSession
from .later import wait_for
from .transport import Transport

EVENTS = ("CHANNEL_EXECUTE_COMPLETE", "DTMF", "CHANNEL_HANGUP")
_LAST = "CHANNEL_HANGUP_COMPLETE"  # of a channel's events; it comes after the end of every application
_EXIT_S = 1.0
_PROCESS = token_hex(8)  # a channel may come back to another process of ours
_numbers = count(1)


class OutboundCall(Transport, FacedSession):
    """One call of `socket HOST:PORT async full`.

    Set the callbacks, then call `handshake`. `on_event(event)`: the subscribed events of this
    channel. `on_refused(event_uuid, text)`: the switch did not take an `execute`. `on_gone(reason)`:
    the connection is over, exactly once, whatever happened (reasons: Transport). They run in the
    reading greenlet and must not wait.
    """

    def __init__(self, sock: socket.socket, client_address: object = None) -> None:
        Transport.__init__(self)
        self.client_address = client_address
        self.session_data: Event | None = None
        self.expected_events: dict[str, list[object]] = {}
        self.on_refused: Callable[[str, str], None] | None = None
        self._on_gone: Callable[[str], None] | None = None
        self._gone_told = self._is_gone = self._exiting = False
        self._awaited: dict[str, AsyncResult[Event | None]] = {}
        self._outbound_connected = False
        self._deadline: Any = None  # of an exit that the switch does not answer
        self._open(sock, outbound=True)

    def handshake(
        self, timeout_s: float = 5.0, events: Iterable[str] = EVENTS, format: str = "plain", linger_s: int = 5
    ) -> Event:
        """`connect`, and subscribe to a few events of this channel only.

        Returns the channel's data. Raises SwitchGone, TimeoutError (the connection is then closed).
        `myevents` would enable 23 kinds of events, which costs the switch more than our parsing: a
        filter and a short list do (event_handler of mod_event_socket.c applies the filter to all).
        After the hang-up the switch keeps the connection until it has told the channel's last event,
        CHANNEL_HANGUP_COMPLETE, for `linger_s` seconds at most; 0: it does not, and the connection ends
        with the call, which spares the switch that event, the largest of all.
        """
        try:
            data = self.ask(commands.connect(), timeout_s).event()
            leg = data.get("Unique-ID", "")
            self.session_data = data
            wanted = dict.fromkeys((*events, _LAST) if linger_s else events)
            self.post(
                *((commands.linger(linger_s),) if linger_s else ()),
                commands.filter("Unique-ID", leg),
                commands.events(wanted, format),
            )
        except BaseException:
            self.close()
            raise
        self._outbound_connected = True
        return data

    @property
    def on_gone(self) -> Callable[[str], None] | None:
        """Called with the reason when the connection is over; at once if it already is."""
        return self._on_gone

    @on_gone.setter
    def on_gone(self, callback: Callable[[str], None] | None) -> None:
        self._on_gone = callback
        if self._is_gone:
            self._safely(self._tell_gone)

    def _tell_gone(self) -> None:
        if self._on_gone and not self._gone_told:
            self._gone_told = True
            self._on_gone(self.gone_reason)

    def command(self, wanted: bytes, timeout_s: float = 5.0) -> Frame:
        """Write one command and wait for its reply. Raises SwitchGone, TimeoutError."""
        return self.ask(wanted, timeout_s)

    def connect(self) -> Event:
        """greenswitch's name of the handshake."""
        return self.session_data or self.handshake()

    @property
    def uuid(self) -> str:
        """The channel's id, "" before the handshake."""
        return self.session_data.get("Unique-ID", "") if self.session_data else ""

    def execute(self, app: str, arg: str = "", event_uuid: str = "", lock: bool = False) -> None:
        """Start an application and go on.

        Its end is a CHANNEL_EXECUTE_COMPLETE with `event_uuid` as Application-UUID, or on_refused, or
        on_gone.
        """
        on_reply = partial(self._replied, event_uuid) if event_uuid else None
        self.post(commands.execute(app, arg, "", event_uuid, lock), on_reply=on_reply)

    def run(self, app: str, arg: str = "", timeout_s: float | None = None) -> Event:
        """Start an application and wait for its end. Raises SwitchGone, TimeoutError."""
        event_uuid = f"{_PROCESS}-{next(_numbers)}"
        done = self._awaited[event_uuid] = AsyncResult()
        try:
            self.execute(app, arg, event_uuid)
            in_time = wait_for(done, timeout_s)
        finally:
            self._awaited.pop(event_uuid, None)
        if not in_time:
            raise TimeoutError(f"the application did not end within {timeout_s:g} s")
        if done.value is None:
            raise SwitchGone(self.gone_reason if not self.connected else "refused")
        return done.value

    def exit(self) -> None:
        """Let go of the channel: the switch goes on with it. Does nothing if the connection is over."""
        if self.connected and not self._exiting:
            self._exiting = True
            self.post(commands.exit_())
            self._deadline = get_hub().loop.timer(_EXIT_S)
            self._deadline.start(self.close)

    def _event(self, event: Event) -> None:
        if self._awaited and event.name == "CHANNEL_EXECUTE_COMPLETE":
            waiting = self._awaited.pop(event.get("Application-UUID", ""), None)
            if waiting:
                waiting.set(event)
        if event.name == _LAST:
            self.close()  # there is no more to hear
        if self._on_event and not self.event_handlers:
            self._on_event(event)
        else:
            super()._event(event)

    def _replied(self, event_uuid: str, reply: Frame | None) -> None:
        text = reply.get("Reply-Text", "") if reply else ""
        if reply and not text.startswith("-ERR"):
            return
        waiting = self._awaited.pop(event_uuid, None)
        if waiting:
            waiting.set(None)
        elif reply and self.on_refused:
            self.on_refused(event_uuid, text)

    def _lingers(self) -> None:
        self._outbound_connected = False

    def _closed(self, reason: str) -> None:
        self._outbound_connected = False
        if self._deadline:
            self._deadline.close()
        for waiting in self._awaited.values():
            waiting.set(None)
        self._is_gone = True
        self._tell_gone()

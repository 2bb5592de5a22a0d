"""One Event Socket connection seen from the switch: commands in, replies at once, events a moment later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

import gevent
from gevent import socket
from gevent.queue import Queue

from switch_app.esl import replies
from switch_app.esl.errors import RemoteWireError
from switch_app.esl.wire import Command, CommandReader

Headers = Mapping[str, str]
Reply = Callable[[Command], bytes | None]


class Connection:
    """`answer(command)` gives the reply, None for none.

    Filters and subscriptions are as FreeSWITCH keeps them: several filters are alternatives, and what
    follows CUSTOM are subclasses. Replies overtake events, which wait for `lag_s`, in their order.
    """

    def __init__(self, sock: socket.socket, answer: Reply, ended: Callable[[], object], lag_s: float) -> None:
        self._sock, self._answer, self._ended, self._lag_s = sock, answer, ended, lag_s
        self.format = "plain"
        self.names: set[str] = set()
        self.filters: list[tuple[str, str]] = []
        self.open = True
        self._reader = CommandReader()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._events: Queue[tuple[float, bytes]] = Queue()
        gevent.spawn(self._read)
        self._teller = gevent.spawn(self._tell_all)

    def send(self, data: bytes) -> None:
        try:
            if self.open:
                self._sock.sendall(data)
        except OSError:
            pass  # its reader sees the end

    def tell(self, headers: Headers, body: str = "") -> None:
        """An event, if it is wanted here."""
        name, subclass = headers["Event-Name"], headers.get("Event-Subclass", "")
        if name not in self.names or (subclass and subclass not in self.names):
            return
        if self.filters and not any(headers.get(header) == value for header, value in self.filters):
            return
        self._events.put((monotonic() + self._lag_s, replies.event(headers, body, self.format)))

    def subscribe(self, words: list[str]) -> None:
        """The arguments of `event`: a format and names."""
        self.format = words[0]
        self.names.update(words[1:])

    def say_bye(self, leg: str = "") -> None:
        """End it as the switch does, after the events that are on their way."""
        self._events.put((monotonic() + self._lag_s, replies.disconnect_notice(leg)))
        self._events.put((0.0, b""))

    def cut(self) -> None:
        """End it without a word."""
        if self.open:
            self.open = False
            try:
                self._sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the application was faster

    def _tell_all(self) -> None:
        for due_at, data in self._events:
            gevent.sleep(max(0.0, due_at - monotonic()))
            if not data:
                break
            self.send(data)
        self.cut()

    def _read(self) -> None:
        try:
            while data := self._sock.recv(1 << 16):
                for command in self._reader.feed(data):
                    reply = self._answer(command)
                    if reply is not None:
                        self.send(reply)
        except (OSError, RemoteWireError):
            pass  # the connection is over, whatever the reason
        finally:
            self.cut()
            self._teller.kill(block=False)
            self._sock.close()
            self._ended()

"""The outbound socket: a channel is handed to an application that listens (socket_function)."""

from __future__ import annotations

import errno
import logging
import socket

from ...esl import replies
from ...esl.message import Command
from ..call.channel import Channel
from ..call.headers import channel_headers
from ..call.states import State
from ..sip.guard import numeric
from ..tasks import Future
from .connection import Connection
from .events import stamp
from .listener import Listener

log = logging.getLogger("softswitch.esl")
_CONNECT_S = 3.0
_FIRST_COMMAND_S = 25.0


async def connect(channel: Channel, hosts: list[str], full: bool) -> OutboundListener | None:
    """Try the hosts in order and wait for the application's `connect`. None if nobody answers."""
    for host in hosts:
        sock = await _open(channel, host)
        if sock is None:
            continue
        listener = OutboundListener(channel, Connection(channel.switch.loop, sock), full)
        while channel.ready and not listener.over and not listener.connected:
            await channel.pause(listener.changed)
        return listener
    log.warning("%s: Socket Error!", channel.name)
    return None


async def _open(channel: Channel, where: str) -> socket.socket | None:
    host, _, port = where.rpartition(":")
    port, _, path = port.partition("/")
    if path:
        channel.set("socket_path", path)
    channel.set("socket_host", host)
    host = "127.0.0.1" if host == "localhost" else host
    if not numeric(host) or not port.isdecimal() or not 0 < int(port) < 65536:
        log.error("%s: not an address for a socket: %s", channel.name, where)
        return None
    log.info("%s: Trying host: %s", channel.name, where)
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    code = sock.connect_ex((host, int(port)))
    if code == errno.EINPROGRESS:
        code = await _connected(channel, sock)
    if code:
        log.warning("%s: Socket Error: %s", channel.name, errno.errorcode.get(code, code))
        sock.close()
        return None
    return sock


async def _connected(channel: Channel, sock: socket.socket) -> int:
    loop = channel.switch.loop
    ready: Future[None] = Future()
    loop.write(sock.fileno(), ready.set)
    deadline = loop.now() + _CONNECT_S
    while not ready.done and channel.ready and loop.now() < deadline:
        await channel.pause(ready, deadline - loop.now())
    loop.forget(sock.fileno())
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if ready.done else errno.ETIMEDOUT


class OutboundListener(Listener):
    """Controls one channel. When the application dies while `socket_resume` is true, the channel's state
    becomes CS_RESET: that ends a playback, and a bridge too."""

    def __init__(self, channel: Channel, connection: Connection, full: bool) -> None:
        super().__init__(channel.switch, connection)
        self.channel: Channel = channel
        self.full = full
        self.connected = self.resume = False
        self.changed: Future[None] = Future()
        self.lingers = False
        self.linger_s: int | None = None
        self._was_reset = False
        channel.listener = self
        channel.switch.outbound.add(self)
        self._deadline = channel.switch.loop.later(_FIRST_COMMAND_S, self._too_late)

    def _too_late(self) -> None:
        if not self.connected:
            self.connection.close()

    def command(self, command: Command) -> None:
        verb = command.verb
        if verb == "connect":
            self.connected = True
            mode = ("async", "full" if self.full else "single-channel")
            headers = {
                **stamp("CHANNEL_DATA"),
                **self.channel.profile.headers("Channel"),
                **channel_headers(self.channel),
            }
            self.connection.send(replies.connect_reply(headers, *mode))
            self.changed.set()
        elif not self.connected:
            self.connected = True  # its first command is not answered (listener_run)
            self.changed.set()
        elif verb == "getvar":
            self.reply(self.channel.get(command.args.strip()) or "")
        elif verb == "myevents":
            self._my_events(command.args)
        elif verb == "resume":
            self.resume = True
            self.channel.set("socket_resume", "true")
            self.reply("+OK")
        else:
            super().command(command)

    def _my_events(self, args: str) -> None:
        if self.events.only:
            self.reply("-ERR aready enabled.")
            return
        if "json" in args.lower():
            self.events.format = "json"
        self.events.my_events(self.channel.uuid)
        self.reply("+OK Events Enabled")

    def linger(self, verb: str, args: str) -> None:
        self.lingers = verb == "linger"
        seconds = args.strip()
        self.linger_s = int(seconds) if seconds.isdecimal() and len(seconds) < 7 else None
        if not self.lingers:
            self.reply("+OK will not linger")
        elif self.linger_s is None:
            self.reply("+OK will linger")
        else:
            self.reply(f"+OK will linger {self.linger_s} seconds")

    def hung_up(self) -> None:
        """The channel is gone: close, or stay for the events that are still to come."""
        if self.over:
            return
        if not self.lingers:
            self.goodbye()
            return
        seconds = -1 if self.linger_s is None else self.linger_s
        self.connection.send(replies.linger_notice(self.channel.uuid, self.channel.name, seconds))
        if self.linger_s is not None:
            self._deadline.cancel()
            self._deadline = self.switch.loop.later(self.linger_s, self.goodbye)

    def goodbye(self) -> None:
        self._reset_channel()
        self.connection.send(replies.disconnect_notice(self.channel.uuid))
        self.connection.finish()

    def ended(self) -> None:
        self._deadline.cancel()  # a timer holds the call until it is due
        self.changed.set()
        self.switch.outbound.discard(self)
        self._reset_channel()
        if self.channel.listener is self:
            self.channel.listener = None
        self.channel.poke()

    def _reset_channel(self) -> None:
        channel = self.channel
        if not channel.up or channel.transferring or channel.redirecting or self._was_reset:
            return
        if channel.state in (State.CS_HIBERNATE, State.CS_RESET):
            return
        if self.resume or channel.true("socket_resume"):
            self._was_reset = True
            channel.set_state(State.CS_RESET)

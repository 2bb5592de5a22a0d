"""One Event Socket connection, seen from the switch (parse_command of mod_event_socket.c)."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from ...esl import replies
from ...esl.errors import LocalWireError, RemoteWireError
from ...esl.message import Command
from ...esl.wire import CommandReader
from ..call.channel import Channel, Message, new_uuid
from ..truth import is_true
from .connection import Connection
from .events import NAMES, Event
from .subscription import Subscription

if TYPE_CHECKING:
    from ..switch import Switch

log = logging.getLogger("softswitch.esl")


class Listener:
    """Commands are answered in order; an api command that takes its time holds up those after it."""

    full = True
    channel: Channel | None = None

    def __init__(self, switch: Switch, connection: Connection) -> None:
        self.switch, self.connection = switch, connection
        self.events = Subscription(switch.bus)
        self._reader = CommandReader()
        self._waiting: deque[Command] = deque()
        self._busy = self._draining = False
        self.over = False
        connection.on_data = self._data
        connection.on_close = self._closed
        switch.bus.join(self)

    # -- bytes --------------------------------------------------------------------------------
    def _data(self, data: bytes) -> None:
        broken = None
        try:
            commands = self._reader.feed(data)
        except RemoteWireError as error:
            broken = error
            commands = [each for each in error.before if isinstance(each, Command)]
        self._waiting += commands
        self._next()
        if broken:
            log.warning("Event Socket: %s: connection closed", broken)
            self.connection.close()

    def _next(self) -> None:
        if self._draining:
            return  # a command that was answered at once: the loop below goes on
        self._draining = True
        try:
            while self._waiting and not self._busy and not self.connection.closed:
                self.command(self._waiting.popleft())
        finally:
            self._draining = False

    def _closed(self) -> None:
        if self.over:
            return
        self.over = True
        self.events.clear()
        self.switch.bus.leave(self)
        self.ended()

    def ended(self) -> None:
        """The connection is gone, whoever closed it."""

    def reply(self, text: str) -> None:
        try:
            self.connection.send(replies.command_reply(text))
        except LocalWireError:
            self.connection.send(replies.command_reply("-ERR invalid"))

    def offer(self, event: Event) -> None:
        if self.events.wants(event):
            try:
                self.connection.send(event.bytes(self.events.format))
            except LocalWireError as error:
                log.error("bug: event %s cannot be sent: %s", event.name, error)

    # -- commands -----------------------------------------------------------------------------
    def command(self, command: Command) -> None:
        verb = command.verb
        if verb.startswith(("exit", "...")):
            self.reply("+OK bye")
            self.goodbye()
        elif verb == "filter":
            self._filter(command.args)
        elif verb == "sendmsg":
            self._sendmsg(command)
        elif verb == "divert_events":
            self._divert(command.args)
        elif verb in ("linger", "nolinger"):
            self.linger(verb, command.args)
        elif not self.full:
            self.reply("-ERR command not found")
        else:
            self._general(command)

    def _general(self, command: Command) -> None:
        verb, args = command.verb, command.args
        if verb == "api":
            self._api(args)
        elif verb == "bgapi":
            self._bgapi(args, command.get("job-uuid", ""))
        elif verb == "event":
            known = self.events.add(args.split())
            self.reply(
                f"+OK event listener enabled {self.events.format}" if known else "-ERR no keywords supplied"
            )
        elif verb == "nixevent":
            self.reply(
                "+OK events nixed" if self.events.remove(args.split()) else "-ERR no keywords supplied"
            )
        elif verb == "noevents":
            was = self.events.enabled
            self.events.clear()
            self.reply("+OK no longer listening for events" if was else "-ERR not listening for events")
        elif verb == "sendevent":
            self._sendevent(command)
        elif verb in ("log", "nolog"):
            self.reply("+OK no longer logging" if verb == "nolog" else "-ERR invalid log level")
        elif verb == "myevents" and self.channel is None:
            self._my_events_of(args)
        else:
            self.reply("-ERR command not found")

    def goodbye(self) -> None:
        self.connection.send(replies.disconnect_notice())
        self.connection.finish()

    # -- single commands ----------------------------------------------------------------------
    def _filter(self, args: str) -> None:
        header, _, value = args.strip().partition(" ")
        if header.lower() == "delete" and value:
            header, _, value = value.partition(" ")
            self.events.delete_filter(header, value)
            self.reply(f"+OK filter deleted. [{header}][{value}]")
        elif value:
            if header.lower() == "add":
                header, _, value = value.partition(" ")
            self.events.add_filter(header, value)
            self.reply(f"+OK filter added. [{header}]=[{value}]")
        else:
            self.reply("-ERR invalid syntax")

    def _sendmsg(self, command: Command) -> None:
        uuid = command.args.strip() or command.get("session-id", "")
        channel = self.switch.channels.get(uuid) if uuid else self.channel
        if channel is None:
            self.reply(f"-ERR invalid session id [{uuid[:64]}]")
            return
        loops = command.get("loops", "1")
        message = Message(
            command.get("call-command", "").lower(),
            command.get("execute-app-name", ""),
            command.argument,
            command.get("event-uuid", ""),
            command.get("hangup-cause", ""),
            is_true(command.get("event-lock")),
            int(loops) if loops.lstrip("-").isdecimal() and len(loops) < 7 else 1,
        )
        self.reply("+OK" if channel.send(message) else "-ERR memory error")

    def _divert(self, args: str) -> None:
        if self.channel is None:
            self.reply("-ERR not controlling a session.")
        elif not args:
            self.reply("-ERR missing value.")
        else:
            self.reply("+OK events diverted" if args.lower() == "on" else "+OK events not diverted")

    def linger(self, verb: str, args: str) -> None:
        self.reply("-ERR not controlling a session")

    def _my_events_of(self, args: str) -> None:
        uuid, _, kind = args.partition(" ")
        if uuid not in self.switch.channels:
            self.reply("-ERR invalid uuid")
            return
        self.events.my_events(uuid)
        if kind.lower() == "json":
            self.events.format = "json"
        self.reply("+OK Events Enabled")

    def _api(self, args: str) -> None:
        name, _, rest = args.partition(" ")
        self._busy = True
        self.switch.run_api(name, rest, self._api_done)

    def _api_done(self, output: str) -> None:
        self._busy = False
        self.connection.send(replies.api_response(output))
        self._next()

    def _bgapi(self, args: str, job: str) -> None:
        job = job if job and len(job) <= 128 and job.isprintable() else new_uuid()
        name, _, rest = args.partition(" ")
        self.connection.send(replies.bgapi_reply(job))
        headers = {"Job-UUID": job, "Job-Command": name}
        if self.channel:
            headers["Job-Owner-UUID"] = self.channel.uuid
        if rest:
            headers["Job-Command-Arg"] = rest
        bus = self.switch.bus
        self.switch.run_api(name, rest, lambda output: bus.fire("BACKGROUND_JOB", lambda: headers, output))

    def _sendevent(self, command: Command) -> None:
        """An event of the application's own; its headers are kept, its name must be one of ours."""
        name = command.args.strip().upper()
        uuid = new_uuid()
        if name not in NAMES or name == "ALL":
            name = "CUSTOM"
        given = {
            k.title(): v for k, v in command.headers().items() if k not in ("content-length", "event-name")
        }
        given["Event-UUID"] = uuid
        self.switch.bus.fire(name, lambda: given, command.body.decode("utf-8", "replace"))
        self.reply(f"+OK {uuid}")

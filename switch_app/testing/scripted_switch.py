"""A switch without SIP: it speaks the Event Socket as FreeSWITCH does, over real sockets, by a script.

    switch = ScriptedSwitch("secret", call_server=("127.0.0.1", 8084))
    switch.start()
    switch.phones["1001"] = ScriptedPhone(answer_after_s=0.1)
    leg = switch.arrives("13800000001", "4000")     # a caller enters the application's socket
    leg.press("1")
    leg.hang_up()
    switch.script["originate"] = lambda args: "-ERR USER_BUSY"   # instead of what a command does

It stands for what FreeSWITCH was seen to do (tests/contract compares), with its order of replies and
events; it knows no SIP, no sound and none of the commands that the application does not use.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket
from gevent.server import StreamServer

from switch_app.esl import replies
from switch_app.esl.wire import Command

from .scripted_commands import COMMANDS
from .scripted_leg import Leg
from .scripted_phone import ScriptedPhone, originate
from .scripted_wire import Connection

__all__ = ["ScriptedPhone", "ScriptedSwitch"]

Script = Callable[[str], str | None]  # a command's arguments -> its output; None: nothing is ever said


class ScriptedSwitch:
    """`start`, `stop`, and `die` for an end without a word. `commands`: all that was sent to it."""

    def __init__(
        self,
        password: str,
        call_server: tuple[str, int],
        port: int = 0,
        *,
        lag_s: float = 0.005,
        interlude_s: float = 0.4,
    ) -> None:
        """lag_s: of events behind replies. interlude_s: before a caller tries the socket again."""
        self.password, self.call_server, self.port = password, call_server, port
        self.lag_s, self.interlude_s = lag_s, interlude_s
        self.phones: dict[str, ScriptedPhone] = {}
        self.script: dict[str, Script] = {}
        self.commands: list[Command] = []
        self.overlaps: list[tuple[str, str]] = []  # a sound, and one that was begun inside it
        self.legs: dict[str, Leg] = {}
        self.hashed: dict[str, str] = {}  # leg -> what the dialplan noted of a caller while nobody was there
        self.core_uuid = ""
        self._lines: list[Connection] = []
        self._server: StreamServer | None = None

    # --- life -------------------------------------------------------------------------------------------
    def start(self) -> None:
        self.core_uuid = str(uuid.uuid4())
        self._server = StreamServer(("127.0.0.1", self.port), self._welcome)
        self._server.do_close = lambda *_: None  # a connection outlives the greenlet that welcomed it
        self._server.start()
        self.port = int(self._server.server_port)

    def stop(self) -> None:
        for leg in list(self.legs.values()):
            leg.hang_up("SYSTEM_SHUTDOWN", by_phone=False)
        self.die()

    def die(self) -> None:
        """Every connection ends and every call is forgotten, as after kill -9."""
        if self._server is not None:
            self._server.stop(timeout=0)
        for leg in list(self.legs.values()):
            leg.up = False
            for connection in list(leg.connections):
                connection.cut()
        self.legs.clear()
        self.hashed.clear()
        self.cut_lines()

    def cut_lines(self) -> None:
        """The control lines break."""
        for line in list(self._lines):
            line.cut()

    # --- people -----------------------------------------------------------------------------------------
    def arrives(
        self, number: str, dialled: str, name: str = "", context: str = "inbound", **variables: str
    ) -> Leg:
        """A caller's INVITE: its leg goes through the dialplan into the socket."""
        leg = str(uuid.uuid4())
        profile = {
            "Caller-Caller-ID-Number": number, "Caller-Caller-ID-Name": name or number,
            "Caller-Destination-Number": dialled, "Caller-Context": context,
            "hotline_context": context, "hotline_dnis": dialled, "interaction_id": leg, "uuid": leg,
            "sip_user_agent": "scripted", "sip_network_ip": "127.0.0.1", "sip_call_id": f"{leg}@scripted",
        }  # fmt: skip
        self.legs[leg] = Leg(self, leg, {**profile, **variables}, caller=True)
        gevent.spawn(self.legs[leg].enter)
        return self.legs[leg]

    def fire(self, headers: dict[str, str], body: str = "", beside: Connection | None = None) -> None:
        """An event, to every line that wants it, and to its leg's own socket."""
        for line in [*self._lines, *([beside] if beside is not None else [])]:
            line.tell(headers, body)

    # --- the control line -------------------------------------------------------------------------------
    def _welcome(self, sock: socket.socket, _: Any) -> None:
        line: Connection

        def obey(command: Command) -> bytes | None:
            return self._authorise(line, command)

        line = Connection(sock, obey, lambda: self._lines.remove(line), self.lag_s)
        self._lines.append(line)
        line.send(replies.auth_request())

    def _authorise(self, line: Connection, command: Command) -> bytes | None:
        self.commands.append(command)
        if command.verb == "auth":
            return replies.command_reply("+OK accepted" if command.args == self.password else "-ERR invalid")
        return self.answer(line, command)

    def answer(self, line: Connection, command: Command) -> bytes | None:
        """What both directions have in common."""
        verb, args = command.verb, command.args
        name, _, given = args.partition(" ")
        if verb == "api":
            output = self._run(name, given)
            return None if output is None else replies.api_response(output)
        if verb == "bgapi":
            job = command.get("job-uuid", "") or str(uuid.uuid4())
            gevent.spawn(self._job, job, name, given)
            return replies.bgapi_reply(job)
        if verb == "event":
            line.subscribe(args.split())
            return replies.command_reply(f"+OK event listener enabled {line.format}")
        if verb == "exit":
            line.send(replies.command_reply("+OK bye"))
            line.say_bye()
            return None
        return replies.command_reply("-ERR command not found")

    def _run(self, name: str, args: str) -> str | None:
        if name in self.script:
            return self.script[name](args)
        command = COMMANDS.get(name)
        return f"-ERR {name} Command not found!\n" if command is None else command(self, args)

    def _job(self, job: str, name: str, args: str) -> None:
        if name == "originate" and name not in self.script:
            output: str | None = originate(self, args)
        else:
            output = self._run(name, args)
        if output is not None:
            self.fire({"Event-Name": "BACKGROUND_JOB", "Job-UUID": job, "Job-Command": name}, output)

"""A leg of a ScriptedSwitch: its variables, what it plays and records, its socket and its partner."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
from gevent import socket

from switch_app.esl import replies
from switch_app.esl.wire import Command

from .scripted_sounds import length_s
from .scripted_wire import Connection

if TYPE_CHECKING:
    from .scripted_switch import ScriptedSwitch

_LIMITS = re.compile(r"RECORD_FINAL_TIMEOUT_MS=(\d+)")
TAKEN = "PLAYBACK ERROR"  # the leg was taken elsewhere in the middle of the sound


def _micros() -> str:
    return str(int(time.time() * 1e6))


class Recording:
    """Ends by silence (after speech), by its length, by `stop` or with the leg."""

    def __init__(self, leg: Leg, path: str, limit_s: float, silence_s: float) -> None:
        self.path, self.silence_s, self._leg, self._began = path, silence_s, leg, time.monotonic()
        self._timers = [gevent.spawn_later(limit_s, self.stop)] if limit_s else []

    def silent(self) -> None:
        if self.silence_s:
            self._timers.append(gevent.spawn_later(self.silence_s, self.stop))

    def stop(self) -> None:
        if self._leg.recordings.pop(self.path, None) is None:
            return
        gevent.killall([timer for timer in self._timers if timer is not gevent.getcurrent()], block=False)
        length_ms = str(round(1000 * (time.monotonic() - self._began)))
        self._leg.fire("RECORD_STOP", {"Record-File-Path": self.path, "variable_record_ms": length_ms})


class Leg:
    """`happens(event, ...)` tells the person at its end: confirmed, disconnected."""

    def __init__(self, switch: ScriptedSwitch, uuid: str, variables: dict[str, str], caller: bool) -> None:
        self.switch, self.uuid, self.variables, self.is_caller = switch, uuid, variables, caller
        self.happens: Callable[[str], object] = lambda event: None
        self.connection: Connection | None = None  # the newest
        self.connections: list[Connection] = []
        self.partner: Leg | None = None
        self.recordings: dict[str, Recording] = {}
        self.up, self.answered, self.held = True, False, False
        self._created = _micros()
        self._lingers = False
        self.sound = ""  # what it hears now
        self._playing: tuple[str, gevent.Greenlet | None] | None = None  # event-uuid, end of the sound

    # --- what the person does ---------------------------------------------------------------------------
    def press(self, digit: str) -> None:
        if self.partner is None:
            self.fire("DTMF", {"DTMF-Digit": digit, "DTMF-Duration": "800"})

    def hold(self, on: bool) -> None:
        """The phone holds the other side, who hears music, or takes it back."""
        if self.answered and on != self.held:
            self.held = on
            self.fire("CHANNEL_HOLD" if on else "CHANNEL_UNHOLD", {})
            if self.partner is not None:
                self.partner.sound = "hold music" if on else ""

    def speak(self, on: bool) -> None:
        for recording in list(self.recordings.values()) if not on else ():
            recording.silent()

    def hang_up(self, cause: str = "NORMAL_CLEARING", by_phone: bool = True) -> None:
        """The end of the leg, and of its partner's unless that goes on in the dialplan."""
        if not self.up:
            return
        theirs = {"variable_sip_term_cause": "16"} if by_phone else {}
        if self.held:
            self.held = False
            self.fire("CHANNEL_UNHOLD", theirs)
        self.up = False
        self.variables["hangup_cause"] = cause
        self.switch.legs.pop(self.uuid, None)
        self._end_sound(TAKEN)
        for recording in list(self.recordings.values()):
            recording.stop()
        self.fire("CHANNEL_HANGUP", {"Hangup-Cause": cause, **theirs})
        partner, self.partner = self.partner, None
        if partner is not None:
            partner.parted()
        self.fire("CHANNEL_HANGUP_COMPLETE", {"Hangup-Cause": cause})
        if self.connection is not None and self._lingers:
            self.connection.send(replies.linger_notice(self.uuid, "scripted", 5))
        for connection in self.connections:
            if connection is not self.connection or not self._lingers:
                connection.say_bye(self.uuid)
        self.happens("disconnected")

    # --- the dialplan -----------------------------------------------------------------------------------
    def enter(self) -> None:
        """Into the socket; while nobody listens there, again after the interlude."""
        if not self.up or self.partner is not None:
            return
        self.variables["socket_resume"] = "true"
        try:
            sock = socket.create_connection(self.switch.call_server, 1.0)
        except OSError:
            self.sound = "interlude"
            self._note_away()
            self.answer()
            gevent.spawn_later(self.switch.interlude_s, self.enter)
            return
        self.sound = ""
        sock.settimeout(None)
        self._lingers = False
        connection: Connection

        def obey(command: Command) -> bytes | None:
            return self.obey(connection, command)

        connection = Connection(sock, obey, lambda: self.left(connection), self.switch.lag_s)
        self.connection = connection
        self.connections.append(connection)
        if not self.up:  # hung up meanwhile
            connection.say_bye(self.uuid)

    def _note_away(self) -> None:
        """The recover extension's `hash`, with its variables filled in."""
        fields = (
            self.variables["hotline_context"],
            self.variables["hotline_dnis"],
            self._created,
            _micros(),
            self.variables["Caller-Caller-ID-Number"],
        )
        self.switch.hashed[self.uuid] = "|".join(fields)

    def left(self, connection: Connection) -> None:
        """A socket is over, the newest or one of before: it leads back, unless the leg is elsewhere."""
        self.connections.remove(connection)
        if connection is self.connection:
            self.connection = None
        if self.up and self.variables.get("socket_resume") == "true":
            self.recover()

    def recover(self) -> None:
        """The recover extension."""
        self._end_sound(TAKEN)
        gevent.spawn_later(0.01, self.enter)

    def join(self, other: Leg) -> None:
        """uuid_bridge: both leave what they do, and meet a moment later."""
        self._end_sound(TAKEN)
        gevent.spawn_later(self.switch.lag_s * 2, self._meet, other)

    def _meet(self, other: Leg) -> None:
        if not self.up:
            other.hang_up("DESTINATION_OUT_OF_ORDER", by_phone=False)
        elif other.up:
            self.partner, other.partner = other, self
            self.variables["last_bridge_to"] = other.uuid
            pair = {"Bridge-A-Unique-ID": self.uuid, "Bridge-B-Unique-ID": other.uuid}
            self.fire("CHANNEL_BRIDGE", {**pair, "Other-Leg-Unique-ID": other.uuid})
        elif self.variables.get("uuid_bridge_continue_on_cancel") == "true":
            self.recover()
        else:
            self.hang_up("ORIGINATOR_CANCEL", by_phone=False)

    def parted(self) -> None:
        """The partner has hung up: the caller goes where its variables say, the agent ends."""
        self.partner = None
        if not self.is_caller:
            self.hang_up(by_phone=False)
        else:
            self.variables.pop("transfer_after_bridge", None)
            self.variables["hotline_parted_at"] = str(int(time.time() * 1e6))
            self.recover()

    # --- sounds -------------------------------------------------------------------------------------------
    def play(self, sound: str, event_uuid: str) -> None:
        if self._playing is not None:
            self.switch.overlaps.append(
                (self.sound, sound)
            )  # a second sound inside the first: FreeSWITCH would nest them
        seconds, self.sound = length_s(sound), sound
        timer = None if seconds is None else gevent.spawn_later(seconds, self._end_sound, "FILE PLAYED")
        self._playing = (event_uuid, timer)
        if timer is None:
            self._end_sound("FILE NOT FOUND")

    def break_off(self) -> None:
        self._end_sound("FILE PLAYED")

    def record(self, path: str, limit_s: float, given: str) -> bool:
        try:
            Path(path).touch()
        except OSError:
            return False
        silence = _LIMITS.search(given)
        self.recordings[path] = Recording(self, path, limit_s, int(silence[1]) / 1000 if silence else 0.0)
        return True

    def _end_sound(self, response: str) -> None:
        if self._playing is None:
            return
        (event_uuid, timer), self._playing, self.sound = self._playing, None, ""
        if timer is not None and timer is not gevent.getcurrent():
            timer.kill(block=False)
        self.complete("playback", event_uuid, response)

    # --- the wire -----------------------------------------------------------------------------------------
    def obey(self, connection: Connection, command: Command) -> bytes | None:
        """A command of this leg's socket."""
        self.switch.commands.append(command)
        verb, args = command.verb, command.args
        if verb == "connect":
            return replies.connect_reply(self.headers("CHANNEL_DATA"))
        if verb == "linger":
            self._lingers = True
            return replies.command_reply("+OK will linger")
        if verb == "filter":
            header, _, value = args.partition(" ")
            connection.filters.append((header, value))
            return replies.command_reply("+OK filter added. [Unique-ID]=[...]")
        if verb == "exit":
            connection.send(replies.command_reply("+OK bye"))
            connection.say_bye(self.uuid)
            return None
        if verb == "sendmsg":
            gevent.spawn(self._message, connection, command)
            return replies.command_reply("+OK")
        return self.switch.answer(connection, command)

    def _message(self, connection: Connection, command: Command) -> None:
        app, argument = command.get("execute-app-name", ""), command.argument
        event_uuid = command.get("event-uuid", "")
        if not self.up or connection is not self.connection:
            return
        if command.get("call-command") == "hangup":
            self.hang_up(command.get("hangup-cause", "NORMAL_CLEARING"), by_phone=False)
        elif app == "answer":
            self.answer()
            self.complete(app, event_uuid, "_none_")
        elif app == "playback":
            self.play(argument, event_uuid)
        else:
            self.complete(app, event_uuid, "_none_")

    def answer(self) -> None:
        if not self.answered:
            self.answered = True
            self.happens("confirmed")

    def complete(self, app: str, event_uuid: str, response: str) -> None:
        given = {"Application": app, "Application-UUID": event_uuid, "Application-Response": response}
        self.fire("CHANNEL_EXECUTE_COMPLETE", given)

    def fire(self, name: str, given: dict[str, str]) -> None:
        self.switch.fire({**self.headers(name), **given}, beside=self.connection)

    def headers(self, name: str) -> dict[str, str]:
        state = "hangup" if not self.up else "answered" if self.answered else "ringing"
        own = {
            "Event-Name": name,
            "Event-Date-Timestamp": _micros(),
            "Unique-ID": self.uuid,
            "Call-Direction": "inbound" if self.is_caller else "outbound",
            "Answer-State": state,
            "Caller-Channel-Created-Time": self._created,
        }
        profile = {key: value for key, value in self.variables.items() if key.startswith("Caller-")}
        rest = {f"variable_{key}": value for key, value in self.variables.items() if key not in profile}
        return {**own, **profile, **rest}

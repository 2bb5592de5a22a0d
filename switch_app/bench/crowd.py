"""Callers and agents' phones for the benches, in one thread on plain UDP: SIP, digits and audio.

Callers share one RTP socket and do not listen; each agent listens for the first packet of a talk. Every
caller ends in exactly one way: `done` as planned, or what went wrong in words (a lost caller).
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from functools import partial
from os import urandom
from time import monotonic

from .loop import Loop
from .sip_text import AUDIO, Message, authorization, request, response

HOST = "127.0.0.1"
PACKET_S = 0.02
DIGIT_PACKETS, DIGIT_ENDS = 5, 3
T1_S, LAST_S = 0.5, 8.0  # RFC 3261, timer A; the interval at which nothing is sent any more
WAITS_S = 0.2  # answered so long ago, a caller is in the queue
REGISTER_EVERY_S, REGISTER_TRIES = 0.01, 3
BIG, SMALL = 1 << 22, 1 << 11  # bytes of a socket's receive buffer


@dataclass(slots=True)
class Caller:
    """One caller and the moments (time.monotonic) of the call; 0 where there was none."""

    number: str
    to: str
    press_after_s: float  # a digit so long after the answer; 0: none
    talks: bool  # waits for an agent
    leaves_first: bool  # ends the talk itself
    how: str = ""
    asked_at: float = 0.0
    answered_at: float = 0.0
    pressed_at: float = 0.0
    rung_at: float = 0.0
    heard_at: float = 0.0
    ended_at: float = 0.0
    dialog: dict[str, str] = field(default_factory=dict)
    remote: str = ""
    rtp: tuple[str, int] | None = None
    count: int = 0  # RTP packets sent


@dataclass(slots=True)
class Agent:
    """A phone that answers at once. waits: seconds from the end of a talk to (ring, first audio)."""

    number: str
    password: str
    sock: socket.socket
    registered: bool = False
    freed_at: float = 0.0
    rung_at: float = 0.0
    caller: Caller | None = None
    invite: Message | None = None
    tag: str = ""
    rtp: tuple[str, int] | None = None
    count: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)


class Crowd:
    """talk_s: length of a talk, from the agent's first audio. audio: whether talking phones send RTP."""

    def __init__(
        self, server: str, talk_s: float = 2.0, patience_s: float = 10.0, audio: bool = True
    ) -> None:
        host, _, port = server.partition(":")
        self.loop = Loop()
        self.server, self._server, self._talk_s, self._patience_s = (
            server,
            (host, int(port)),
            talk_s,
            patience_s,
        )
        self._sip = self.loop.udp(HOST, BIG, self._packet)
        self._rtp = self.loop.udp(HOST, SMALL)
        self.local = f"{HOST}:{self._sip.getsockname()[1]}"
        self.callers: dict[str, Caller] = {}  # Call-ID -> in progress
        self._by_number: dict[str, Caller] = {}
        self.agents: dict[str, Agent] = {}
        self._rung: dict[str, Agent] = {}  # Call-ID -> agent
        self._registering: dict[str, Agent] = {}
        self._unanswered: set[tuple[str, str]] = set()  # (Call-ID, method) sent again until answered
        self.ended: list[Caller] = []
        self._numbers = 0
        self._audio = bytearray(172)
        self._audio[12:] = b"\xff" * 160
        if audio:
            self.loop.after(PACKET_S, self._send_audio)

    def close(self) -> None:
        self.loop.close()
        for sock in (self._sip, self._rtp, *(agent.sock for agent in self.agents.values())):
            sock.close()

    # --- what a bench asks for -----------------------------------------------------------------------
    def register(self, accounts: dict[str, str]) -> None:
        """The phones of these agents (number -> SIP password). Raises TimeoutError."""
        for number, password in accounts.items():
            agent = self.agents.setdefault(number, Agent(number, password, self.loop.udp(HOST, SMALL)))
            agent.registered = False
        for _ in range(REGISTER_TRIES):
            missing = [agent for agent in self.agents.values() if not agent.registered]
            for place, agent in enumerate(missing):
                self.loop.after(place * REGISTER_EVERY_S, partial(self._register, agent))
            wait_s = len(missing) * REGISTER_EVERY_S + 2
            if self.loop.run(wait_s, lambda: all(agent.registered for agent in self.agents.values())):
                return
        raise TimeoutError("the agents' phones could not register")

    def call(self, to: str, press_after_s: float = 0.0, talks: bool = False) -> Caller:
        """A new caller with a number of its own."""
        self._numbers += 1
        number = f"1350{self._numbers:07d}"
        caller = Caller(number, to, press_after_s, talks, self._numbers % 2 == 0, asked_at=monotonic())
        call_id = urandom(8).hex()
        caller.remote = f"sip:{to}@{self.server}"
        who = f"<sip:{number}@{HOST}>;tag={urandom(4).hex()}"
        caller.dialog = {"from": who, "to": f"<{caller.remote}>", "id": call_id}
        self.callers[call_id] = self._by_number[number] = caller
        offer = AUDIO.format(host=HOST, port=self._rtp.getsockname()[1])
        self._ask("INVITE", caller.remote, caller.dialog, 1, "Content-Type: application/sdp\r\n", offer)
        self.loop.after(self._patience_s, partial(self._lose_patience, caller))
        return caller

    def calls(
        self, to: str, rate: float, seconds: float, press_after_s: float = 0.0, talks: bool = False
    ) -> list[Caller]:
        """Callers at a constant rate; returns when all have ended, in their order."""
        begun, made = monotonic(), []
        for number in range(round(rate * seconds)):
            self.loop.at(begun + number / rate, lambda: made.append(self.call(to, press_after_s, talks)))
        self.loop.run(
            seconds + self._patience_s + 1, lambda: len(made) == round(rate * seconds) and not self.callers
        )
        return made

    # --- SIP --------------------------------------------------------------------------------------------
    def _ask(
        self, method: str, uri: str, dialog: dict[str, str], cseq: int, more: str = "", body: str = ""
    ) -> None:
        data = request(method, uri, self.local, dialog, cseq, more, body)
        key = dialog["id"], method
        self._unanswered.add(key)
        self._send_until_answered(key, data, T1_S)

    def _send_until_answered(self, key: tuple[str, str], data: bytes, wait_s: float) -> None:
        if key in self._unanswered:
            self._send(data)
            if wait_s < LAST_S:
                self.loop.after(wait_s, partial(self._send_until_answered, key, data, 2 * wait_s))

    def _send(self, data: bytes) -> None:
        try:
            self._sip.sendto(data, self._server)
        except BlockingIOError:
            pass  # as if lost on the way

    def _packet(self, data: bytes) -> None:
        message = Message(data)
        if message.code:
            self._response(message)
        elif message.method == "INVITE":
            self._rings(message)
        elif message.method == "ACK":
            pass  # the talk begins with the first audio
        elif message.method in ("BYE", "CANCEL"):
            self._send(response(message, 200, "OK", self.local))
            self._over(message["call-id"], message.cause)
        else:
            self._send(response(message, 200, "OK", self.local))

    def _response(self, message: Message) -> None:
        self._unanswered.discard((message["call-id"], message.method))
        if message.method == "REGISTER":
            self._registered(message)
        caller = self.callers.get(message["call-id"])
        if message.method == "INVITE" and caller and message.code >= 200:
            self._answered(caller, message)

    def _answered(self, caller: Caller, message: Message) -> None:
        caller.dialog["to"] = message["to"]
        if message.code < 300:
            caller.remote = message.uri
        self._send(request("ACK", caller.remote, self.local, caller.dialog, 1))
        if message.code >= 300:
            self._end(caller, f"refused with {message.code} {message.phrase}")
        elif not caller.answered_at:
            caller.answered_at, caller.rtp = monotonic(), message.audio
            if caller.press_after_s:
                self.loop.after(caller.press_after_s, partial(self._press, caller, 0, 0))

    def _over(self, call_id: str, cause: str) -> None:
        """The switch ended a leg."""
        caller, agent = self.callers.get(call_id), self._rung.pop(call_id, None)
        if caller:
            planned = (
                caller.heard_at and monotonic() - caller.heard_at >= self._talk_s
                if caller.talks
                else caller.pressed_at
            )
            lost = f"hung up on {_when(caller)} ({cause or 'no cause told'})"
            self._end(caller, "done" if planned else lost)
        if agent:
            self._free(agent)

    def _end(self, caller: Caller, how: str) -> None:
        if self.callers.pop(caller.dialog["id"], None):
            caller.how, caller.ended_at, caller.rtp = how, monotonic(), None
            self._by_number.pop(caller.number, None)
            self.ended.append(caller)

    def _lose_patience(self, caller: Caller) -> None:
        if caller.dialog["id"] in self.callers and not (caller.talks and caller.heard_at):
            self._hang_up(caller)
            self._end(caller, f"gave up after {self._patience_s:g} s {_when(caller)}")

    def _hang_up(self, caller: Caller) -> None:
        self._unanswered.discard((caller.dialog["id"], "INVITE"))
        if caller.answered_at:
            self._ask("BYE", caller.remote, caller.dialog, 2)

    # --- digits and audio -------------------------------------------------------------------------------
    def _press(self, caller: Caller, sent: int, stamp: int) -> None:
        """RFC 4733: the digit 1 for 100 ms, its end three times."""
        if caller.rtp is None:
            return
        caller.pressed_at = caller.pressed_at or monotonic()
        stamp = stamp or (caller.count + 1) * 160
        last = sent >= DIGIT_PACKETS
        event = struct.pack("!BBH", 1, 0x80 if last else 0x0A, 160 * min(sent + 1, DIGIT_PACKETS))
        caller.count += 1
        head = struct.pack(
            "!BBHII", 0x80, 101 | (0 if sent else 0x80), caller.count & 0xFFFF, stamp, id(caller) & 0xFFFFFFFF
        )
        self._rtp.sendto(head + event, caller.rtp)
        if sent + 1 < DIGIT_PACKETS + DIGIT_ENDS:
            self.loop.after(PACKET_S, partial(self._press, caller, sent + 1, stamp))

    def _send_audio(self) -> None:
        """A packet of silence from every phone that waits or talks, each 20 ms."""
        begun = monotonic()
        for caller in self.callers.values():
            if caller.talks and caller.rtp:
                caller.count += 1
                self._audio_to(self._rtp, caller.rtp, caller.count, id(caller))
        for agent in self._rung.values():
            if agent.rtp:
                agent.count += 1
                self._audio_to(agent.sock, agent.rtp, agent.count, id(agent))
        self.loop.at(begun + PACKET_S, self._send_audio)

    def _audio_to(self, sock: socket.socket, to: tuple[str, int], count: int, source: int) -> None:
        struct.pack_into("!BBHII", self._audio, 0, 0x80, 0, count & 0xFFFF, count * 160, source & 0xFFFFFFFF)
        try:
            sock.sendto(self._audio, to)
        except (BlockingIOError, ConnectionRefusedError):
            pass

    # --- agents -----------------------------------------------------------------------------------------
    def _register(self, agent: Agent, challenge: str = "") -> None:
        uri, call_id = f"sip:{HOST}", urandom(8).hex()
        me = f"<sip:{agent.number}@{HOST}>"
        dialog = {"from": f"{me};tag={urandom(4).hex()}", "to": me, "id": call_id}
        more = "Expires: 3600\r\n"
        if challenge:
            more += authorization(challenge, "REGISTER", uri, agent.number, agent.password)
        self._registering[call_id] = agent
        data = request("REGISTER", uri, self.local, dialog, 2 if challenge else 1, more)
        contact = f"sip:{agent.number}@{self.local}".encode()
        self._send(data.replace(f"sip:bench@{self.local}".encode(), contact))

    def _registered(self, message: Message) -> None:
        agent = self._registering.pop(message["call-id"], None)
        if agent and message.code == 401:
            self._register(agent, message["www-authenticate"])
        elif agent:
            agent.registered = message.code == 200

    def _rings(self, message: Message) -> None:
        """Answer at once; whose call it is, From tells."""
        contact = message.headers.get("to", "")
        number = contact.partition("sip:")[2].partition("@")[0]
        agent = self.agents.get(number)
        if agent is None or (agent.invite and message["call-id"] != agent.invite["call-id"]):
            self._send(response(message, 486, "Busy Here", self.local, "x"))
            return
        if agent.invite is None:
            agent.invite, agent.tag, agent.rung_at = message, urandom(4).hex(), monotonic()
            agent.caller = self._by_number.get(message.caller)
            agent.rtp = message.audio
            self._rung[message["call-id"]] = agent
            if agent.caller:
                agent.caller.rung_at = agent.rung_at
            _drain(agent.sock)
            self.loop.watch(agent.sock, partial(self._hears, agent))
        answer = AUDIO.format(host=HOST, port=agent.sock.getsockname()[1])
        self._send(response(message, 200, "OK", self.local, agent.tag, answer))

    def _hears(self, agent: Agent, packet: bytes) -> None:
        """The first audio of a talk: the pair is bridged."""
        self.loop.forget(agent.sock)
        now = monotonic()
        waiting = agent.caller and agent.caller.answered_at < agent.freed_at - WAITS_S
        if waiting:
            agent.waits.append((agent.rung_at - agent.freed_at, now - agent.freed_at))
        if agent.caller:
            agent.caller.heard_at = now
        self.loop.after(self._talk_s, partial(self._part, agent, agent.invite, agent.caller))

    def _part(self, agent: Agent, invite: Message | None, caller: Caller | None) -> None:
        if agent.invite is not invite or invite is None:
            return
        if caller and caller.leaves_first and caller.dialog["id"] in self.callers:
            self._hang_up(caller)
            self._end(caller, "done")
            return
        dialog = {"from": f"{invite['to']};tag={agent.tag}", "to": invite["from"], "id": invite["call-id"]}
        self._rung.pop(invite["call-id"], None)
        self._ask("BYE", invite.uri, dialog, 1)
        self._free(agent)

    def _free(self, agent: Agent) -> None:
        self.loop.forget(agent.sock)
        agent.freed_at = monotonic()
        agent.invite = agent.caller = agent.rtp = None


def _drain(sock: socket.socket) -> None:
    try:
        while True:
            sock.recv(2048)
    except (BlockingIOError, ConnectionRefusedError):
        return


def _when(caller: Caller) -> str:
    """How far this caller came."""
    if not caller.answered_at:
        return "before the answer"
    if not caller.talks:
        return "after the key" if caller.pressed_at else "before the key"
    if caller.heard_at:
        return "in the talk"
    return "while an agent's phone rang" if caller.rung_at else "in the queue"


def lost(callers: list[Caller]) -> dict[str, int]:
    """What went wrong -> how often; empty when nobody was lost."""
    found: dict[str, int] = {}
    for caller in callers:
        if caller.how != "done":
            how = caller.how or "never ended"
            found[how] = found.get(how, 0) + 1
    return found

"""The embedded switch alone: 100 talking pairs recorded in stereo, and calls set up a second.

The switch is a process of its own; the phones are plain sockets in this one. CPU is the switch's alone.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from ..esl import commands
from ..esl.wire import FrameReader
from .cpu import cpu_s, quantile
from .loop import Loop
from .sip_text import AUDIO, Message, request

HOST = "127.0.0.1"
PAIRS = 100
TALK_S = 10.0
SETUP_RATES = (50, 100, 150, 200, 250, 300)
SETUP_S = 3.0
PACKET_S = 0.02
T1_S = 0.5

DIALPLAN = """<include><context name="inbound">
  <extension name="park"><condition field="destination_number" expression="^4000$">
    <action application="answer"/><action application="park"/></condition></extension>
</context></include>"""


class Phone:
    """One call in: its dialog, its audio socket and when packets came."""

    def __init__(self, crowd: Phones, audio: socket.socket | None) -> None:
        self.crowd, self.audio = crowd, audio
        self.call_id = os.urandom(8).hex()
        self.remote = f"sip:4000@{crowd.server}"
        who = f"<sip:1350000@{HOST}>;tag={os.urandom(4).hex()}"
        self.dialog = {"from": who, "to": f"<{self.remote}>", "id": self.call_id}
        self.rtp: tuple[str, int] | None = None
        self.asked_at = self.answered_at = self.last_at = 0.0
        self.repeated = self.over = False
        self.gaps: list[float] = []
        self.packet = bytearray(struct.pack("!BBHII", 0x80, 0, 0, 0, id(self) & 0xFFFFFFFF) + b"\x55" * 160)
        self.count = 0

    def invite(self) -> None:
        self.asked_at = monotonic()
        port = self.audio.getsockname()[1] if self.audio else 9
        body = AUDIO.format(host=HOST, port=port)
        kind = "Content-Type: application/sdp\r\n"
        self._invite = request("INVITE", self.remote, self.crowd.local, self.dialog, 1, kind, body)
        self._send_until_answered(T1_S)

    def _send_until_answered(self, wait_s: float) -> None:
        if self.answered_at or self.over or wait_s > 8:
            return
        self.repeated = wait_s > T1_S
        self.crowd.send(self._invite)
        self.crowd.loop.after(wait_s, partial(self._send_until_answered, 2 * wait_s))

    def answered(self, message: Message) -> None:
        self.dialog["to"], self.remote = message["to"], message.uri
        self.crowd.send(request("ACK", self.remote, self.crowd.local, self.dialog, 1))
        if not self.answered_at:
            self.answered_at, self.rtp = monotonic(), message.audio

    def bye(self) -> None:
        if self.answered_at and not self.over:
            self.crowd.send(request("BYE", self.remote, self.crowd.local, self.dialog, 2))

    def speak(self) -> None:
        assert self.audio and self.rtp
        self.count += 1
        struct.pack_into("!HI", self.packet, 2, self.count & 0xFFFF, self.count * 160)
        self.audio.sendto(self.packet, self.rtp)

    def heard(self, _: bytes) -> None:
        now = monotonic()
        if self.last_at:
            self.gaps.append(now - self.last_at)
        self.last_at = now


class Phones:
    """All phones of the bench on one SIP socket."""

    def __init__(self, sip_port: int) -> None:
        self.server, self._server = f"{HOST}:{sip_port}", (HOST, sip_port)
        self.loop = Loop()
        self._sip = self.loop.udp(HOST, 4 << 20, self._packet)
        self.local = f"{HOST}:{self._sip.getsockname()[1]}"
        self.calls: dict[str, Phone] = {}
        self.lateness: list[float] = []

    def close(self) -> None:
        self.loop.close()
        self._sip.close()
        for phone in self.calls.values():
            if phone.audio:
                phone.audio.close()

    def send(self, data: bytes) -> None:
        try:
            self._sip.sendto(data, self._server)
        except BlockingIOError:
            pass  # as if lost on the way

    def phone(self, audio: bool) -> Phone:
        phone = Phone(self, None)
        if audio:
            phone.audio = self.loop.udp(HOST, 1 << 17, phone.heard)
        self.calls[phone.call_id] = phone
        return phone

    def _packet(self, data: bytes) -> None:
        message = Message(data)
        phone = self.calls.get(message["call-id"])
        if phone and message.code >= 200 and message.method == "INVITE":
            if message.code < 300:
                phone.answered(message)
            else:
                phone.over = True
        elif phone and message.code == 200 and message.method == "BYE":
            phone.over = True

    def speak(self, phones: list[Phone]) -> None:
        """All of them, each 20 ms, spread over the interval as the world's phones are."""
        share = max(1, len(phones) // 10)
        for number in range(0, len(phones), share):
            group = phones[number : number + share]
            due = monotonic() + PACKET_S * number / len(phones)
            self.loop.at(due, partial(self._speak, group, due))

    def _speak(self, group: list[Phone], due: float) -> None:
        self.lateness.append(monotonic() - due)
        for phone in group:
            phone.speak()
        due = max(due + PACKET_S, monotonic() - PACKET_S)
        self.loop.at(due, partial(self._speak, group, due))


class EventSocket:
    """Just enough of the Event Socket for the bench."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port))
        self._reader = FrameReader()
        self._frame()
        self._ask(commands.auth("bench"))

    def api(self, name: str, args: str) -> str:
        return self._ask(commands.api(name, args))

    def _ask(self, command: bytes) -> str:
        self._socket.sendall(command)
        return self._frame()

    def _frame(self) -> str:
        while True:
            if not select.select([self._socket], [], [], 10)[0]:
                raise TimeoutError("the switch does not answer")
            frames = self._reader.feed(self._socket.recv(65536))
            if frames:
                return frames[-1].body.decode()


@contextmanager
def running(folder: Path) -> Iterator[tuple[int, int, int]]:
    """A switch: (pid, SIP port, Event Socket port)."""
    (folder / "conf" / "dialplan").mkdir(parents=True)
    (folder / "conf" / "dialplan" / "bench.xml").write_text(DIALPLAN)
    settings = {
        "sip_port": 0, "esl_port": 0, "esl_password": "bench", "conf_dir": str(folder / "conf"),
        "sounds_dir": str(folder), "run_dir": str(folder), "log_level": "warning", "rtp_low": 30000,
        "rtp_high": 34000, "inbound_rate": 100_000.0, "inbound_burst": 100_000, "max_sessions": 5000,
    }  # fmt: skip
    (folder / "switch.json").write_text(json.dumps(settings))
    program = [sys.executable, "-m", "switch_app.softswitch", str(folder / "switch.json")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        ports = json.loads(line.removeprefix("ready "))
        try:
            yield process.pid, ports["sip"], ports["esl"]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(5)


def talks(folder: Path, pairs: int = PAIRS, seconds: float = TALK_S) -> dict[str, Any]:
    """pairs of phones bridged and recorded; the switch's CPU and the gaps between packets that arrive."""
    with running(folder) as (pid, sip_port, esl_port):
        phones, line = Phones(sip_port), EventSocket(esl_port)
        people = [phones.phone(audio=True) for _ in range(2 * pairs)]
        for number, phone in enumerate(people):
            phones.loop.after(number * 0.01, phone.invite)
        if not phones.loop.run(20, lambda: all(phone.answered_at for phone in people)):
            raise TimeoutError("not all phones were answered")
        rows = json.loads(line.api("show", "channels as json"))["rows"]
        legs = [row["uuid"] for row in rows]
        for number in range(pairs):
            one, other = legs[2 * number], legs[2 * number + 1]
            line.api("uuid_setvar", f"{one} RECORD_STEREO true")
            line.api("uuid_record", f"{one} start {folder}/pair-{number}.wav")
            line.api("uuid_bridge", f"{one} {other}")
        phones.speak(people)
        phones.loop.run(2.0)
        for phone in people:
            phone.gaps.clear()
        phones.lateness.clear()
        before, began = cpu_s(pid), monotonic()
        sent_before = sum(phone.count for phone in people)
        phones.loop.run(seconds)
        took = monotonic() - began
        cpu = cpu_s(pid) - before
        sent = sum(phone.count for phone in people) - sent_before
        gaps = [gap for phone in people for gap in phone.gaps]
        recorded = sum(path.stat().st_size for path in folder.glob("pair-*.wav"))
        phones.close()
    return {
        "pairs": pairs,
        "cpu_share": round(cpu / took, 3),
        "packets_lost": max(0, sent - len(gaps) - len(people)),
        "gap_ms": {
            name: round(quantile(gaps, q) * 1000, 1)
            for name, q in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
        },
        "phones_late_ms_p99": round(quantile(phones.lateness, 0.99) * 1000, 1),
        "recorded_mb": round(recorded / 1e6, 1),
    }


def set_ups(folder: Path) -> dict[str, Any]:
    """The highest rate at which every call is answered before its INVITE has to be repeated (0.5 s)."""
    best: dict[str, Any] = {"clean_calls_a_second": 0}
    with running(folder) as (pid, sip_port, _):
        for rate in SETUP_RATES:
            phones = Phones(sip_port)
            made = [phones.phone(audio=False) for _ in range(int(rate * SETUP_S))]
            before = cpu_s(pid)
            for number, phone in enumerate(made):
                phones.loop.after(number / rate, phone.invite)
                phones.loop.after(number / rate + 1.0, phone.bye)
            phones.loop.run(SETUP_S + 4, lambda made=made: all(phone.over for phone in made))
            answered = [phone.answered_at - phone.asked_at for phone in made if phone.answered_at]
            repeated = sum(phone.repeated for phone in made)
            phones.close()
            found = {
                "answered": f"{len(answered)}/{len(made)}",
                "repeated": repeated,
                "answer_ms_p99": round(quantile(answered, 0.99) * 1000, 1),
                "cpu_ms_a_call": round((cpu_s(pid) - before) / len(made) * 1000, 2),
            }
            best[f"at {rate}"] = found
            if repeated or len(answered) < len(made):
                break
            best["clean_calls_a_second"] = rate
    return best


def run() -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="hotline-bench-") as first,
        tempfile.TemporaryDirectory() as second,
    ):
        return {"talks": talks(Path(first)), "set_ups": set_ups(Path(second))}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))

"""The embedded switch as a process of its own for tests: configuration, Event Socket, applications.

with Lab(tmp_path) as lab:
    lab.esl.api("status")
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import wave
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from switch_app.esl import commands
from switch_app.esl.message import Event, Frame
from switch_app.esl.wire import FrameReader

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "esl-secret"
SIP_PASSWORD = "sip-secret"
DOMAIN = "test.local"
WAIT_S = 10.0

DIALPLAN = """<include>
<context name="inbound">
  <extension name="tone"><condition field="destination_number" expression="^4001$">
    <action application="answer"/><action application="playback" data="tone_stream://%(1000,0,440)"/>
    <action application="hangup"/></condition></extension>
  <extension name="app"><condition field="destination_number" expression="^(4000|44\\d\\d)$">
    <action application="set" data="interaction_id=${uuid}"/>
    <action application="set" data="max_session_transfers=1000000"/>
    <action application="set" data="socket_resume=true"/>
    <action application="socket" data="127.0.0.1:@APP@ async full"/>
    <action application="transfer" data="recover XML recover"/></condition></extension>
  <extension name="plain app"><condition field="destination_number" expression="^4100$">
    <action application="socket" data="127.0.0.1:@APP@ async full"/>
    <action application="transfer" data="recover XML recover"/></condition></extension>
  <extension name="fewer"><condition field="destination_number" expression="^4200$">
    <action application="socket" data="127.0.0.1:@APP@ async full"/>
    <action application="transfer" data="4200 XML inbound"/></condition></extension>
  <extension name="two hosts"><condition field="destination_number" expression="^4300$">
    <action application="socket" data="127.0.0.1:1|127.0.0.1:@APP@ async full"/></condition></extension>
  @EXTRA@
</context>
<context name="recover">
  <extension name="recover"><condition field="destination_number" expression="^recover$">
    <action application="set" data="was_recovered=true"/>
    <action application="set" data="socket_resume=true"/>
    <action application="socket" data="127.0.0.1:@APP@ async full"/>
    <action application="playback" data="silence_stream://2000"/>
    <action application="transfer" data="recover XML recover"/></condition></extension>
</context>
<context name="agents">
  <extension name="agents"><condition field="destination_number" expression="^(10\\d\\d)$">
    <action application="bridge" data="user/$1"/></condition></extension>
  <extension name="out"><condition field="destination_number" expression="^0(\\d+)$">
    <action application="bridge" data="sofia/gateway/trunk/$1"/></condition></extension>
  <extension name="echo"><condition field="destination_number" expression="^9196$">
    <action application="answer"/><action application="echo"/></condition></extension>
</context>
</include>
"""


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], Any], what: str, timeout_s: float = WAIT_S) -> Any:
    """The first true value of `holds()`; AssertionError with `what` when it takes too long."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = holds()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {timeout_s:g} s: {what}")


class Line:
    """A blocking ESL connection, either direction: frames are read as they are wanted."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._reader = FrameReader()
        self._frames: list[Frame] = []
        self.events: list[Event] = []
        self.ended = False

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def frame(self, timeout_s: float = WAIT_S) -> Frame:
        """The next message; AssertionError at the end of the connection or of the time."""
        deadline = time.monotonic() + timeout_s
        while not self._frames:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise AssertionError(f"nothing came within {timeout_s:g} s")
            data = self.socket.recv(65536)
            if not data:
                self.ended = True
                raise AssertionError("the switch closed the connection")
            self._frames += self._reader.feed(data)
        return self._frames.pop(0)

    def reply(self, timeout_s: float = WAIT_S) -> Frame:
        """The next message that is no event; events before it are kept."""
        while True:
            frame = self.frame(timeout_s)
            if not frame.is_event:
                return frame
            self.events.append(frame.event())

    def ask(self, command: bytes) -> str:
        self.send(command)
        frame = self.reply()
        return frame.get("Reply-Text", "") if frame.content_type == "command/reply" else frame.body.decode()

    def api(self, name: str, args: str = "") -> str:
        return self.ask(commands.api(name, args)).strip()

    def event(
        self, *names: str, timeout_s: float = WAIT_S, where: Callable[[Event], Any] = lambda _: True
    ) -> Event:
        """The next event of one of these names (kept ones first)."""
        deadline = time.monotonic() + timeout_s
        place = 0
        while True:
            while place < len(self.events):
                event = self.events[place]
                if event.name in names and where(event):
                    del self.events[place]
                    return event
                place += 1
            frame = self.frame(max(0.01, deadline - time.monotonic()))
            if frame.is_event:
                self.events.append(frame.event())

    def job(self, name: str, args: str) -> str:
        """bgapi and its result."""
        job = self.ask(commands.bgapi(name, args)).rpartition(" ")[2]
        return self.event("BACKGROUND_JOB", where=lambda e: e.get("Job-UUID") == job).body.decode().strip()

    def close(self) -> None:
        self.socket.close()


class Session(Line):
    """An outbound connection after `connect`: the application's side of one call."""

    def __init__(self, sock: socket.socket, start: bool = True) -> None:
        super().__init__(sock)
        self.data: Frame | None = None
        if start:
            self.send(commands.connect())
            self.data = self.reply()

    @property
    def uuid(self) -> str:
        assert self.data
        return self.data.get("Unique-ID", "")

    def begin(self) -> Session:
        """linger and myevents, as our application does."""
        assert self.ask(commands.linger()).startswith("+OK")
        assert self.ask(commands.myevents()).startswith("+OK")
        return self

    def execute(self, app: str, arg: str = "", wait: bool = True, **options: Any) -> Event | None:
        """Run an application and, unless told not to, wait for its completion."""
        ident = f"{app}-{time.monotonic_ns()}"
        assert self.ask(commands.execute(app, arg, event_uuid=ident, **options)).startswith("+OK")
        if not wait:
            return None
        return self.event("CHANNEL_EXECUTE_COMPLETE", where=lambda e: e.get("Application-UUID") == ident)


class Lab:
    """A running switch in `folder`, with users 1001-1010 and applications at `app_port`."""

    def __init__(self, folder: Path, extra: str = "", gateways: str = "", **settings: Any) -> None:
        self.folder = folder
        self.conf = folder / "conf"
        self.sounds = folder / "sounds"
        for each in ("dialplan", "directory", "gateways"):
            (self.conf / each).mkdir(parents=True, exist_ok=True)
        self.sounds.mkdir(exist_ok=True)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.app_port: int = self._server.getsockname()[1]
        plan = DIALPLAN.replace("@APP@", str(self.app_port)).replace("@EXTRA@", extra)
        (self.conf / "dialplan" / "all.xml").write_text(plan)
        (self.conf / "directory" / "users.xml").write_text(users(range(1001, 1011)))
        if gateways:
            (self.conf / "gateways" / "trunks.xml").write_text(gateways)
        base = 20_000 + os.getpid() % 200 * 100
        self.settings: dict[str, Any] = {
            "sip_port": 0, "esl_port": 0, "esl_password": PASSWORD, "domain": DOMAIN, "conf_dir": str(self.conf),
            "sounds_dir": str(self.sounds), "run_dir": str(folder / "run"), "rtp_low": base, "rtp_high": base + 2000,
            "log_level": "debug", **settings,
        }  # fmt: skip
        self.log = folder / "switch.log"
        self.process: subprocess.Popen[str] | None = None
        self._lines: list[Line] = []

    def __enter__(self) -> Lab:
        self.start()
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        self.stop()
        self._server.close()
        if kind is None:
            assert "bug:" not in self.log.read_text(errors="replace"), "the switch logged a bug"

    def start(self) -> None:
        (self.folder / "switch.json").write_text(json.dumps(self.settings))
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "switch_app.softswitch", str(self.folder / "switch.json")],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.startswith("ready "), self.log.read_text()
        ports = json.loads(line[6:])
        self.sip_port, self.esl_port = ports["sip"], ports["esl"]
        self.server = f"127.0.0.1:{self.sip_port}"
        self.esl = self.control()

    def stop(self) -> float:
        """SIGTERM; the seconds it took to end."""
        for line in self._lines:
            line.close()
        if self.process is None:
            return 0.0
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        finally:
            self.process.kill()
            self.process.wait()
        self.process = None
        return time.monotonic() - began

    def control(self) -> Line:
        """A new inbound Event Socket connection, authenticated."""
        line = Line(socket.create_connection(("127.0.0.1", self.esl_port)))
        self._lines.append(line)
        assert line.frame().content_type == "auth/request"
        assert line.ask(commands.auth(PASSWORD)) == "+OK accepted"
        return line

    def session(self, timeout_s: float = WAIT_S, start: bool = True) -> Session:
        """The next call that the dialplan hands to the application."""
        self._server.settimeout(timeout_s)
        sock, _ = self._server.accept()
        session = Session(sock, start)
        self._lines.append(session)
        return session

    def drain(self) -> None:
        """Turn away calls that no test has taken."""
        self._server.settimeout(0)
        while True:
            try:
                self._server.accept()[0].close()
            except BlockingIOError:
                return

    def channels(self) -> list[dict[str, str]]:
        found = json.loads(self.esl.api("show", "channels as json"))
        return list(found.get("rows", []))

    def tone(self, name: str, hz: float, seconds: float, amplitude: int = 8000) -> str:
        """A file in the sounds folder."""
        import math

        samples = array(
            "h", (int(amplitude * math.sin(6.2831853 * hz * n / 8000)) for n in range(int(8000 * seconds)))
        )
        path = self.sounds / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(samples.tobytes())
        return name


def users(numbers: range) -> str:
    each = "\n".join(
        f'<user id="{n}"><params><param name="password" value="{SIP_PASSWORD}"/></params>'
        f'<variables><variable name="user_context" value="agents"/>'
        f'<variable name="effective_caller_id_name" value="Agent {n}"/></variables></user>'
        for n in numbers
    )
    return f'<include><domain name="{DOMAIN}"><users>{each}</users></domain></include>'


def wav_channels(path: Path) -> list[array[int]]:
    """The samples of each channel of a recording."""
    with wave.open(str(path), "rb") as file:
        count = file.getnchannels()
        samples = array("h", file.readframes(file.getnframes()))
    return [samples[index::count] for index in range(count)]


def power(samples: array[int], hz: float) -> float:
    """How much of a frequency is in there (Goertzel), 0..1 of the whole energy."""
    import math

    energy = sum(s * s for s in samples) or 1
    coefficient = 2 * math.cos(2 * math.pi * hz / 8000)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    return 2 * (before * before + last * last - coefficient * before * last) / (len(samples) * energy)


def threads_of(work: list[Callable[[], None]]) -> Iterator[threading.Thread]:
    for each in work:
        thread = threading.Thread(target=each, daemon=True)
        thread.start()
        yield thread

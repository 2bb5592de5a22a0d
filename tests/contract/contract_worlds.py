"""The switches with real phones: the same rendered configuration on the embedded one and on FreeSWITCH."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
import wave
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

from centre import free_port
from contract_application import Address, Application
from freeswitch import FreeSwitch
from softswitch_lab import Line

from switch_app.esl import commands
from switch_app.phones.phone import Phone, Phones
from switch_app.switches.config import Plan, render_dialplan, render_freeswitch

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "contract.local"
AGENTS = ("1001", "1002", "1003", "1004")
NOBODY = "1004"  # has an account and never registers
CALLER = "13800000001"
SIP_PASSWORD = "sip-secret"
ESL_PASSWORD = "esl-secret"
NUMBER = "4000"
INTERLUDE = "tone_stream://%(300,100,440)"  # between two attempts to reach the application
CALLER_HZ, AGENT_HZ, HOLD_HZ = 440, 600, 350
RTP_PORTS, RTP_FROM, RTP_TO = 60, 6100, 9900  # apart from where other tests and phones take theirs
CLEAR_S = 8.0


def free_rtp_ports() -> int:
    """The first of RTP_PORTS UDP ports that nobody has now; by the process' id, so that two runs differ."""
    ranges = range(RTP_FROM, RTP_TO, RTP_PORTS)
    for turn in range(len(ranges)):
        first = ranges[(os.getpid() * 7 + turn) % len(ranges)]
        with contextlib.ExitStack() as probes:
            try:
                for port in range(first, first + RTP_PORTS):
                    probe = probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise RuntimeError("no free range of RTP ports")


class World:
    """A switch in `folder` with phones: `caller` and agents 1001, 1002 are shared by all tests."""

    name = ""
    audible = True  # there is sound on both ends
    ring_s = max_s = 2.0  # the shortest times that can be told from none, counted in turns of the clock's second
    said_s, silence_s = 1.2, 1.0  # of a message
    sip = True  # there are real phones

    def __init__(self, folder: Path, **plan: Any) -> None:
        """plan: what is other than usual in its configuration."""
        self.folder = folder
        self.sounds, self.var = folder / "sounds", folder / "var"
        for path in (self.sounds, self.var):
            path.mkdir(parents=True)
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.esl_port, self.app_port = (free_port(socket.SOCK_STREAM) for _ in range(2))
        rtp = free_rtp_ports()
        self.plan = Plan(
            domain=DOMAIN, users=dict.fromkeys(AGENTS, SIP_PASSWORD), call_servers=(f"127.0.0.1:{self.app_port}",),
            numbers=(NUMBER,), interlude=INTERLUDE,
            hold_music=f"tone_stream://%(1000,0,{HOLD_HZ})", sip_port=self.sip_port, rtp_low=rtp, rtp_high=rtp + RTP_PORTS - 1,
            event_socket_port=self.esl_port, esl_password=ESL_PASSWORD, **plan,
        )  # fmt: skip
        self._phones: Phones | None = None
        self._known: dict[str, Phone] = {}
        self._line: Line | None = None

    def application(self, address: Address | None = None) -> Application:
        """Connected to this switch."""
        return Application(address or self.address, self.sounds, self.var)

    @property
    def server(self) -> str:
        return f"127.0.0.1:{self.sip_port}"

    @property
    def address(self) -> Address:
        return Address(("127.0.0.1", self.esl_port), ESL_PASSWORD, ("127.0.0.1", self.app_port), DOMAIN)

    def beside(self) -> Address:
        """For an application beside the one: the same event socket, and a listener that nobody calls."""
        return replace(self.address, call_server=("127.0.0.1", 0))

    # --- the switch -------------------------------------------------------------------------------------
    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def kill(self) -> None:
        """kill -9 of the switch; `start` brings up another one at the same addresses."""
        raise NotImplementedError

    def take_no_calls(self, on: bool) -> None:
        """Of a switch that can be paused, or has limits: it makes no channel for an originate."""
        raise NotImplementedError

    def log_tail(self) -> str:
        raise NotImplementedError

    def close(self) -> None:
        if self._phones is not None:
            self._phones.close()
        self._hang_up_line()
        self.stop()

    # --- people -----------------------------------------------------------------------------------------
    @property
    def phones(self) -> Phones:
        if self._phones is None:
            self._phones = Phones()
        return self._phones

    def caller(self, number: str = CALLER) -> Phone:
        """Somebody out in the world, saying 440 Hz."""
        if number not in self._known:
            self._known[number] = self.phones.caller(number, self.server)
        self._known[number].play_tone(CALLER_HZ)
        return self._known[number]

    def agent(self, number: str = "1001", **behaviour: Any) -> Phone:
        """A registered phone, saying 600 Hz. behaviour: as Phone.behave."""
        if number not in self._known:
            self._known[number] = self.phones.phone(number, SIP_PASSWORD, self.server)
            self._known[number].register()
        phone = self._known[number]
        phone.play_tone(AGENT_HZ)
        phone.behave(**behaviour)
        phone.skip()
        return phone

    def speak(self, phone: Phone, seconds: float) -> None:
        """So long has this phone said its tone; it goes on."""
        time.sleep(seconds)

    def hush(self, phone: Phone) -> float:
        """It says nothing from now on; the moment."""
        phone.hush()
        return time.monotonic()

    def renew_phones(self) -> None:
        """All phones are new ones: the switch that they had calls and registrations with has died."""
        if self._phones is not None:
            self._phones.close()
        self._phones, self._known = None, {}

    def lonely_agent(self, number: str = "1003") -> Phone:
        """A registered phone in a process of its own, to be unplugged."""
        phone = self.phones.phone(number, SIP_PASSWORD, self.server, alone=True)
        phone.register()
        return phone

    def heard_by(self, phone: Phone) -> str:
        """Of a world that is not audible: what the phone would hear."""
        raise NotImplementedError

    # --- beside the application -------------------------------------------------------------------------
    def api(self, name: str, args: str = "") -> str:
        """As an operator of the machine asks the switch."""
        if self._line is None:
            self._line = Line(socket.create_connection(("127.0.0.1", self.esl_port), 5))
            self._line.frame()
            assert self._line.ask(commands.auth(ESL_PASSWORD)).startswith("+OK")
        return self._line.api(name, args)

    def legs(self) -> list[str]:
        found = json.loads(self.api("show", "channels as json"))
        return [row["uuid"] for row in found.get("rows", [])]

    def has_no_legs(self) -> bool:
        return self.api("show", "channels count").startswith("0 total")

    def clear(self) -> None:
        """No call is left, on either side."""
        deadline = time.monotonic() + CLEAR_S
        self.api("hupall")
        while not self.has_no_legs():
            assert time.monotonic() < deadline, f"calls that do not end: {self.api('show', 'channels')}"
            time.sleep(0.01)
        for phone in self._known.values():
            if phone.in_call:
                phone.wait_until(lambda phone: not phone.in_call, CLEAR_S, "the phone is idle")
            phone.skip()

    def _hang_up_line(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    # --- sounds -----------------------------------------------------------------------------------------
    def sound(self, name: str, hz: int, seconds: float) -> str:
        """A WAV file of a tone; returns its name for a Play."""
        samples = array(
            "h", (int(9000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(int(8000 * seconds)))
        )
        with wave.open(str(self.sounds / name), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
            file.writeframes(samples.tobytes())
        return name


class EmbeddedWorld(World):
    name = "embedded"

    def __init__(self, folder: Path, **plan: Any) -> None:
        super().__init__(folder, **plan)
        conf = folder / "conf"
        render_dialplan(self.plan, ROOT, conf)
        settings = {
            "sip_port": self.sip_port, "esl_port": self.esl_port, "esl_password": ESL_PASSWORD, "domain": DOMAIN,
            "conf_dir": str(conf), "sounds_dir": str(self.sounds), "run_dir": str(folder / "run"),
            "rtp_low": self.plan.rtp_low, "rtp_high": self.plan.rtp_high, "log_level": "debug",
        }  # fmt: skip
        self._settings, self._log = folder / "switch.json", folder / "switch.log"
        self._settings.write_text(json.dumps(settings))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "switch_app.softswitch", str(self._settings)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("ready "), self.log_tail()

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._gone()

    def kill(self) -> None:
        assert self._process is not None
        self._hang_up_line()
        self._process.kill()
        self._gone()

    def _gone(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        self._process.wait()
        self._process.stdout.close()
        self._process = None

    def log_tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-60:]) if self._log.exists() else ""


class FreeSwitchWorld(World):
    name = "freeswitch"

    def __init__(self, folder: Path, **plan: Any) -> None:
        super().__init__(folder, **plan)
        self._switch = FreeSwitch(folder / "freeswitch")
        render_freeswitch(self.plan, ROOT, self._switch.conf)

    def start(self) -> None:
        self._switch.start(self.esl_port)

    def stop(self) -> None:
        """Its polite end takes five seconds, and is the acceptance tests' business."""
        self.kill()

    def kill(self) -> None:
        self._hang_up_line()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._switch.pid, signal.SIGKILL)
        self._switch.stop()

    def take_no_calls(self, on: bool) -> None:
        self.api("fsctl", "pause outbound" if on else "resume outbound")

    def log_tail(self) -> str:
        return self._switch.log_tail()

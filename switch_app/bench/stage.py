"""A FreeSWITCH of this machine and our call server beside it, for the benches: own folder, own ports.

FreeSWITCH runs with the configuration that the product renders; only its limits are raised, and numbers
that the XML dialplan (and mod_callcenter, where wanted) serves alone are added.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import wave
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import pi, sin
from pathlib import Path
from typing import Any

from .. import secrets_store
from ..runtime.control_client import ControlClient
from ..settings import ROOT, load
from ..supervisor import first_start
from ..supervisor.rendering import render_freeswitch
from . import callcenter

APPLICATION, XML, QUEUE, CALLCENTER = "5000", "5001", "5002", "5003"  # numbers to dial
PREFIXES = ("/usr/local/freeswitch", "/opt/freeswitch", "/usr")
START_S = 30.0
RTP_PORTS = 3000
PROMPT = "bench/second.wav"
FLOWS = {
    "bench_ivr": """
flow: bench_ivr
languages: [en]
start: menu
on_error: bye
steps:
  menu: {type: menu, say: bench_second, choices: {1: bye}, no_input: bye, invalid: bye}
  bye: {type: hangup}
""",
    "bench_queue": """
flow: bench_queue
languages: [en]
start: wait
on_error: bye
steps:
  wait: {type: queue, queue: bench, timeout: bye, empty: bye}
  bye: {type: hangup}
""",
}
XML_CALL = """
    <extension name="bench_xml">
      <condition field="destination_number" expression="^{number}$">
        <action application="answer"/>
        <action application="play_and_get_digits" data="1 1 1 5000 # {prompt} silence_stream://9 key [0-9]"/>
        <action application="hangup"/>
      </condition>
    </extension>
"""


class NoSwitch(Exception):
    """There is no FreeSWITCH here."""


class Stage:
    """Use as a context. agents: so many phones' accounts, 2001 and on (`accounts`, `log_in`)."""

    def __init__(self, agents: int = 0) -> None:
        self.agents = [str(2001 + number) for number in range(agents)]
        self.accounts: dict[str, str] = {}  # agent -> SIP password
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Stage:
        with contextlib.ExitStack() as opened:
            self.folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-")))
            self._prepare()
            self.freeswitch = opened.enter_context(self._freeswitch())
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    # --- what is there before the start ----------------------------------------------------------------
    def _prepare(self) -> None:
        self._sounds()
        self._conf()
        self.sip = f"127.0.0.1:{_free_port(socket.SOCK_DGRAM)}"
        low = _free_range(RTP_PORTS)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")},
            "HOTLINE_SWITCH": "freeswitch", "HOTLINE_SIP": self.sip, "HOTLINE_VAR": str(self.folder / "var"),
            "HOTLINE_CONF": str(self.folder / "conf"), "HOTLINE_FLOWS": str(self.folder / "flows"),
            "HOTLINE_SOUNDS": str(self.folder / "sounds"), "HOTLINE_RTP": f"{low}-{low + RTP_PORTS - 1}",
            "HOTLINE_FREESWITCH_ADDRESS": f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}",
            "HOTLINE_CALL_SERVER": f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}",
            "HOTLINE_LOG_LEVEL": "warning",
        }  # fmt: skip
        self.settings = load(self.environment)
        first_start.make_folders(self.settings)
        self._render(*self._accounts())

    def _sounds(self) -> None:
        folder = self.folder / "sounds"
        (folder / "bench").mkdir(parents=True)
        for each in (ROOT / "sounds").iterdir():
            if each.is_dir():
                (folder / each.name).symlink_to(each)
        prompts = (ROOT / "sounds" / "prompts.yml").read_text(encoding="utf-8")
        (folder / "prompts.yml").write_text(
            f"{prompts}\nbench_second: {{file: {PROMPT}}}\n", encoding="utf-8"
        )
        with wave.open(str(folder / PROMPT), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(8000)
            wav.writeframes(
                array("h", (round(8000 * sin(2 * pi * 440 * n / 8000)) for n in range(8000))).tobytes()
            )

    def _conf(self) -> None:
        conf, flows = self.folder / "conf", self.folder / "flows"
        conf.mkdir()
        flows.mkdir()
        shutil.copy(ROOT / "conf" / "calendars.yml", conf)
        (conf / "trunks.yml").write_text("{}\n")
        numbers = f"{APPLICATION}: {{flow: bench_ivr}}, {QUEUE}: {{flow: bench_queue}}"
        (conf / "numbers.yml").write_text(f"inbound: {{{numbers}}}\nagents: {{}}\n")
        (conf / "queues.yml").write_text(
            "operator: {}\nbench: {wrap_up_s: 0, announce_first_s: 0, announce_every_s: 0}\n"
        )
        for name, text in FLOWS.items():
            (flows / f"{name}.yml").write_text(text.lstrip())

    def _accounts(self) -> tuple[Any, list[str]]:
        from crm_lite.store import database
        from crm_lite.store.edits.agents import save_agent

        _, sample = first_start.accounts(self.settings, demo=False)
        secrets = secrets_store.ensure(self.settings.secrets, self.agents)
        db = database.open(self.settings.crm_database)
        try:
            for agent in self.agents:
                values = {"name": f"Bench {agent}", "email": "", "active": True}
                save_agent(db, "bench", agent, values, {}, new=True)
        finally:
            db.close()
        self.accounts = {agent: secrets.agents[agent].sip_password for agent in self.agents}
        return secrets, [*sample, *self.agents]

    def _render(self, secrets: Any, agents: list[str]) -> None:
        conf = self.folder / "freeswitch" / "conf"
        render_freeswitch(self.settings, secrets, agents, conf)
        own = XML_CALL.format(number=XML, prompt=self.settings.sounds / PROMPT) + callcenter.extension(
            CALLCENTER
        )
        _change(conf / "dialplan" / "inbound.xml", '<context name="inbound">', rf"\g<0>{own}")
        core = next(
            path for path in (conf / "autoload_configs").glob("*.xml") if "max-sessions" in path.read_text()
        )
        _change(core, r'("max-sessions" value=)"\d+"', r'\1"5000"')
        _change(core, r'("sessions-per-second" value=)"\d+"', r'\1"5000"')
        _change(core, r"</modules>", r'<load module="mod_callcenter"/>\g<0>')
        (conf / "autoload_configs" / "callcenter.conf.xml").write_text(callcenter.configuration(self.agents))

    # --- processes --------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def _freeswitch(self) -> Iterator[int]:
        """Its pid, once the event socket answers."""
        program = freeswitch_program()
        home = self.folder / "freeswitch"
        options = ["-conf", str(home / "conf")]
        for name in ("log", "db", "run", "recordings", "cache", "storage"):
            (home / name).mkdir(exist_ok=True)
            options += [f"-{name}", str(home / name)]
        process = _start(
            [program, "-nf", "-nc", "-np", "-nonat", *options], self.environment, home / "console.txt"
        )
        try:
            port = self.settings.freeswitch_address.port
            _until(lambda: _listens(port), process, "FreeSWITCH", home / "console.txt")
            yield process.pid
        finally:
            _stop(process)

    @contextlib.contextmanager
    def serve(self, *module: str, **environment: str) -> Iterator[int]:
        """The call server's pid while it takes calls. module: another entry than `hotline serve`."""
        control = ControlClient(self.settings.control_socket)
        log = self.folder / "serve.txt"
        command = [sys.executable, "-m", *(module or ("switch_app", "serve"))]
        process = _start(command, {**self.environment, **environment}, log)
        try:
            _until(lambda: _is_up(control), process, "the call server", log)
            yield process.pid
        finally:
            _stop(process)
            trouble = re.search(r"Traceback.*", log.read_text(errors="replace"), re.DOTALL)
            if trouble:
                raise RuntimeError(f"the call server: {trouble[0][-1500:]}")

    def log_in(self) -> None:
        """All agents at their phones, ready."""
        self.ask_presence("logged_in")
        self.ask_presence("ready")

    def ask_presence(self, state: str, agents: Sequence[str] = ()) -> None:
        """Of some agents, or of all."""
        control = ControlClient(self.settings.control_socket)
        for agent in agents or self.agents:
            control.ask("presence", agent=agent, state=state, contact=agent)

    def callcenter(self, agents: Sequence[str]) -> None:
        """These agents work for mod_callcenter."""
        for agent in agents:
            answer = self.api(f"callcenter_config agent set status {agent} Available")
            if not answer.startswith("+OK"):
                raise RuntimeError(f"mod_callcenter: {answer.strip()}")

    def api(self, command: str) -> str:
        """An API command of FreeSWITCH."""
        from .event_socket import ask

        password = secrets_store.load(self.settings.secrets).esl_password
        return ask(self.settings.freeswitch_address, password, command)


def freeswitch_program() -> str:
    """HOTLINE_FREESWITCH, PATH, or the usual prefixes. Raises NoSwitch."""
    usual = (f"{prefix}/bin/freeswitch" for prefix in PREFIXES)
    named = os.environ.get("HOTLINE_FREESWITCH") or shutil.which("freeswitch")
    found = named or next((path for path in usual if os.access(path, os.X_OK)), None)
    if not found:
        raise NoSwitch("no FreeSWITCH here (set HOTLINE_FREESWITCH to its program)")
    return found


def _start(command: list[str], environment: Mapping[str, str], output: Path) -> subprocess.Popen[bytes]:
    with output.open("ab") as file:
        return subprocess.Popen(
            command, env=dict(environment), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )


def _until(holds: Callable[[], bool], process: subprocess.Popen[bytes], what: str, output: Path) -> None:
    deadline = time.monotonic() + START_S
    while not holds():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start: {output.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_up(control: ControlClient) -> bool:
    try:
        return bool(control.ask("status")["line_up"])
    except ConnectionError:
        return False


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as line:
            return b"auth/request" in line.recv(200)
    except OSError:
        return False


def _change(path: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
    if count != 1:
        raise RuntimeError(f"{path.name}: {pattern!r} is there {count} times")
    path.write_text(text, encoding="utf-8")


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free_range(count: int) -> int:
    """The even first port of so many that look free: above the ephemeral ports where there is room, because
    a port that somebody else takes meanwhile loses a caller; else below them."""
    low, high = (int(word) for word in Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    above, below = range(high + 1, 65_536 - count), range(10_000, low - count)
    for ports in [above] * 20 + [below] * 200:
        if not ports:
            continue
        first = ports[int.from_bytes(os.urandom(4), "big") % len(ports)] // 2 * 2 + 2
        with contextlib.suppress(OSError):
            for port in range(first, first + count, 20):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", port))
            return first
    raise RuntimeError("no free range of ports")

"""One copy of the whole product, brought up and used as a user does: `hotline run` and its other commands.

    with Centre(folder, "embedded") as centre:
        agent = centre.agent("1001")
        caller = centre.caller("13800000001")
        caller.call("4000")

Leaving it ends it with SIGTERM and raises CentreError when it does not end well: within 5 s, exit code
0, no process left, no traceback and no error in a log.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sample
from freeswitch import FreeSwitch

from switch_app.phones.phone import Phone, Phones
from switch_app.runtime.control_client import ControlClient

START_S = 30.0
TROUBLE = re.compile(r"Traceback|^(?:\S+ \S+ )?(?:ERROR|CRITICAL)\b")
NOTHING = re.compile(r"(?!)")
END_S = 5.0
COMMAND_S = 20.0
RTP_PORTS = 400


class CentreError(Exception):
    """The product did not do what was asked; the message carries the ends of its logs."""


class Centre:
    """switch: embedded | freeswitch. quick: with sample.quick's changes instead of the sample as it is."""

    def __init__(self, folder: Path, switch: str = "embedded", quick: bool = False, **environment: str) -> None:
        self.folder, self.switch = folder, switch
        self.var = folder / "var"
        folder.mkdir(parents=True, exist_ok=True)
        self.sip = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        self.http = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        rtp = free_range(RTP_PORTS)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")},
            "HOTLINE_SWITCH": switch, "HOTLINE_SIP": self.sip, "HOTLINE_HTTP": self.http,
            "HOTLINE_VAR": str(self.var), "HOTLINE_RTP": f"{rtp}-{rtp + RTP_PORTS - 1}",
            **(sample.quick(folder) if quick else {}), **environment,
        }  # fmt: skip
        self.output: list[str] = []
        self._freeswitch: FreeSwitch | None = None
        self._process: subprocess.Popen[str] | None = None
        self._phones: Phones | None = None
        self._secrets: dict[str, Any] = {}
        self._pids: set[int] = set()
        self._logs_read: dict[Path, int] = {}
        self._forgiven = NOTHING

    def __enter__(self) -> Centre:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self.stop()
        except CentreError:
            if kind is None:  # else the test's own failure is the one to be seen
                raise

    # --- up and down --------------------------------------------------------------------------------
    def start(self) -> None:
        """Until it has printed `ready`."""
        if self.switch == "freeswitch":
            self._start_freeswitch()
        self.start_hotline()

    def start_hotline(self) -> None:
        """The product alone, beside a FreeSWITCH that runs."""
        self.output.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "switch_app", "run"], env=self.environment, text=True, bufsize=1, cwd=sample.ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read_output, args=(self._process,), daemon=True).start()
        try:
            until(lambda: "ready" in self.output or self._process.poll() is not None, START_S, "ready")
            if "ready" not in self.output:
                raise CentreError(f"it ended with {self._process.poll()}")
        except (CentreError, TimeoutError) as error:
            logs = self.logs()
            self._kill_all()
            raise CentreError(f"hotline run: {error}\n{logs}") from None
        self._note_pids()

    def stop(self) -> None:
        """End it as Ctrl-C does and look at what it leaves behind."""
        self.clear_phones()
        problems = self._end() if self._process is not None else []
        if self._freeswitch is not None:
            self._freeswitch.stop()
            self._freeswitch = None
        problems += self.troubles()
        if problems:
            raise CentreError("\n".join(problems) + f"\n{self.logs()}")

    def stop_hotline(self) -> None:
        """The product alone: a FreeSWITCH, and the phones, go on."""
        if problems := self._end():
            raise CentreError("\n".join(problems) + f"\n{self.logs()}")

    def _end(self) -> list[str]:
        assert self._process is not None
        self._note_pids()
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(2 * END_S)
        except subprocess.TimeoutExpired:
            self._kill_all()
            return [f"hotline run did not end within {2 * END_S:g} s of SIGTERM"]
        took_s = time.monotonic() - begun
        problems = [f"hotline run ended with exit code {code}"] if code else []
        problems += [f"hotline run took {took_s:.1f} s to end"] if took_s > END_S else []
        left = sorted(pid for pid in self._pids if alive(pid))
        self._process = None
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return problems + ([f"processes were left running: {left}"] if left else [])

    def _kill_all(self) -> None:
        if self._process is not None:
            self._process.kill()  # its children end with it
            self._process.wait()
            self._process = None
        if self._freeswitch is not None:
            self._freeswitch.stop()

    def _start_freeswitch(self) -> None:
        self._freeswitch = FreeSwitch(self.folder / "freeswitch")
        event_socket, call_server = (free_port(socket.SOCK_STREAM) for _ in range(2))
        self.environment |= {
            "HOTLINE_FREESWITCH_ADDRESS": f"127.0.0.1:{event_socket}",
            "HOTLINE_CALL_SERVER": f"127.0.0.1:{call_server}",
        }
        self.hotline("freeswitch-config", str(self._freeswitch.conf))
        self._freeswitch.start(event_socket)

    def _read_output(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with (self.folder / "run.txt").open("a", encoding="utf-8") as kept:
            for line in process.stdout:
                self.output.append(line.rstrip("\n"))
                print(line, end="", file=kept, flush=True)
            print(f"ended with {process.wait()} at {time.strftime('%H:%M:%S')}", file=kept)

    # --- its commands ---------------------------------------------------------------------------------
    def hotline(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> str:
        """Run a command as a user does. Raises CentreError when its exit code is not among `ok`."""
        done = subprocess.run(
            [sys.executable, "-m", "switch_app", *arguments],
            env=self.environment, cwd=sample.ROOT, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=COMMAND_S, check=False,
        )  # fmt: skip
        if done.returncode not in ok:
            said = done.stderr.strip() or done.stdout.strip()
            raise CentreError(f"hotline {' '.join(arguments)}: exit code {done.returncode}: {said}\n{self.logs(15)}")
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        """A command's answer with --json."""
        return json.loads(self.hotline(*arguments, "--json", ok=(0, 1)))

    def status(self) -> dict[str, Any]:
        return self.ask("status")  # type: ignore[no-any-return]

    def interactions(self) -> list[dict[str, Any]]:
        """The newest ones, newest first, agents' own calls among them."""
        return self.ask("interactions", "--internal")  # type: ignore[no-any-return]

    def interaction(self, number: str, holds: Callable[[dict[str, Any]], Any], timeout_s: float = 10.0) -> dict[str, Any]:
        """The newest interaction of this caller, once `holds(it)`; the CRM follows the calls by a moment."""
        last: dict[str, Any] = {}

        def found() -> bool:
            nonlocal last
            last = next((each for each in self.interactions() if each["from"] == number), {})
            return bool(last) and bool(holds(last))

        until(found, timeout_s, lambda: f"the interaction of {number} as expected; last: {_brief(last)}", 0.2)
        return last

    def closed(self, number: str, timeout_s: float = 10.0) -> dict[str, Any]:
        """This caller's newest interaction, when it is closed."""
        return self.interaction(number, lambda it: it["closed_at"], timeout_s)

    def floor(self) -> dict[str, Any]:
        """Queues, agents, who waits and who talks, now."""
        return ControlClient(self.var / "run" / "control.sock", 10).ask("floor")

    def agent_state(self, agent: str) -> dict[str, Any]:
        """The agent's line of the floor; {} for one who was never there."""
        return next((each for each in self.floor()["agents"] if each["agent"] == agent), {})

    def secrets(self) -> dict[str, Any]:
        if not self._secrets:
            self._secrets = self.ask("secrets")
        return self._secrets

    # --- people -----------------------------------------------------------------------------------------
    @property
    def phones(self) -> Phones:
        if self._phones is None:
            self._phones = Phones()
        return self._phones

    def caller(self, number: str, **options: Any) -> Phone:
        """Somebody out in the world."""
        return self.phones.caller(number, self.sip, **options)

    def agent(self, number: str, **options: Any) -> Phone:
        """An agent's phone, registered."""
        password = self.secrets()["agents"][number]["sip_password"]
        phone = self.phones.phone(number, password, self.sip, **options)
        phone.register()
        return phone

    def clear_phones(self) -> None:
        """End all phones, which hang up and unregister."""
        if self._phones is not None:
            self._phones.close()
            self._phones = None

    def clear(self) -> None:
        """End all phones; log every agent out; wait for an empty floor."""
        self.clear_phones()
        for agent in self.floor()["agents"]:
            if agent["state"] != "logged_out":
                self.presence(agent["agent"], "logged_out")
        until(self._is_empty, 15, lambda: f"an empty floor; it has {_busy(self.floor())}", 0.1)

    def _is_empty(self) -> bool:
        return not any(_busy(self.floor()))

    def presence(self, agent: str, state: str, reason: str = "") -> None:
        """As a supervisor sets it."""
        self.hotline("presence", agent, state, *(["--reason", reason] if reason else []))

    # --- its processes and logs -------------------------------------------------------------------------
    def pid(self, child: str) -> int:
        """child: softswitch | serve | admin."""
        pids = {each["name"]: each["pid"] for each in self.status()["children"]}
        return int(pids[child])

    def kill(self, child: str) -> int:
        """kill -9 of one process; returns its pid. The supervisor starts it again."""
        pid = self.pid(child)
        self._note_pids()
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextlib.contextmanager
    def paused(self, child: str) -> Iterator[None]:
        """It stands still meanwhile; the supervisor bears that for half a minute."""
        pid = self.pid(child)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def wait_restarted(self, child: str, old_pid: int, timeout_s: float = 10.0) -> None:
        def back() -> bool:
            found = {each["name"]: each for each in self.status()["children"]}[child]
            return found["ready"] and found["pid"] not in (None, old_pid)

        until(back, timeout_s, f"{child} back after its death", 0.1)
        self._note_pids()

    def logs(self, lines: int = 40) -> str:
        """The ends of all logs."""
        parts = ["hotline run:\n" + "\n".join(self.output[-lines:])]
        for path in sorted((self.var / "log").glob("*.log")):
            parts.append(f"{path.name}:\n" + "\n".join(path.read_text(errors="replace").splitlines()[-lines:]))
        if self._freeswitch is not None:
            parts.append("freeswitch:\n" + self._freeswitch.log_tail(lines))
        return "\n".join(parts)

    def troubles(self) -> list[str]:
        """Tracebacks and errors in the logs since the last time this was asked, but for those forgiven."""
        found: list[str] = []
        for path in sorted((self.var / "log").glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()
            new = lines[self._logs_read.get(path, 0) :]
            self._logs_read[path] = len(lines)
            bad = [n for n, line in enumerate(new) if TROUBLE.search(line) and not self._forgiven.search(line)]
            found += [f"{path.name}: " + "\n".join(new[n : n + 20]) for n in bad[:1]]
        self._forgiven = NOTHING
        return found

    def forgive(self, words: str) -> None:
        """Errors (never tracebacks) whose line has these words (a pattern) are expected until troubles()."""
        self._forgiven = re.compile(f"^(?!Traceback).*(?:{words})")

    def _note_pids(self) -> None:
        status = self.status()
        self._pids |= {each["pid"] for each in status["children"] if each["pid"]} | {status["pid"]}


def until(holds: Callable[[], Any], timeout_s: float, what: str | Callable[[], str], every_s: float = 0.02) -> None:
    """Wait for a condition that only asking can show. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(every_s)


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_range(count: int) -> int:
    """The even first port of a range of UDP ports below the ephemeral ones, by chance and by trial."""
    for _ in range(200):
        first = 10000 + 2 * int.from_bytes(os.urandom(2), "big") % 20000 // 2 * 2
        if all(_is_free(port) for port in range(first, first + count, count // 8)):
            return first
    raise RuntimeError("no free range of ports")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _busy(floor: dict[str, Any]) -> tuple[Any, Any, Any]:
    agents = [each for each in floor["agents"] if each["state"] != "logged_out"]
    return floor["waiting"], agents, floor.get("calls", [])


def _brief(interaction: dict[str, Any]) -> str:
    facts = [fact["kind"] for fact in interaction.get("facts", [])]
    return f"{ {k: v for k, v in interaction.items() if k != 'facts'} } facts: {facts}"

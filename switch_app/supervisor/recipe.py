"""`hotline run`, straight through: look, lock, make what is missing, start, tell, watch, end.

Everything that can be wrong is found before the first child is started.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.errors import Refused
from ..settings import SETTINGS, Settings
from . import first_start, open_files, ports, state, switch_line
from .child import Child, Program
from .greeting import greeting
from .rotating_log import RotatingLog
from .watch import StartFailed, Watch

Say = Callable[[str], None]

LISTENERS = {"http": "tcp", "sip": "udp", "call_server": "tcp", "event_socket": "tcp"}
TURN = {"softswitch": 1, "serve": 2}  # of the end


def run(settings: Settings, demo: bool, say: Say) -> int:
    """Run until a signal comes. Returns the exit code. Raises Refused before anything is started."""
    if not settings.run_dir.exists():
        choose_ports(settings)  # a first start that is refused leaves nothing behind
    open_files.allow_many()
    first_start.make_folders(settings)
    held = state.lock(settings.run_dir)
    try:
        settings = choose_ports(settings)
        first = not settings.journal.exists()
        secrets = first_start.prepare(settings, demo)
        return watch(settings, demo, lambda: greeting(settings, secrets, first), say)
    finally:
        os.close(held)


def choose_ports(settings: Settings) -> Settings:
    """The settings with every port concrete and known to be free. Raises Refused."""
    if settings.switch == "freeswitch" and not settings.call_server.port:
        raise Refused(
            "call_server_port",
            "FreeSWITCH must know where to meet the application. Remedy: set HOTLINE_CALL_SERVER to the "
            "fixed port that `hotline freeswitch-config` was run with (HOTLINE_CALL_SERVER=127.0.0.1:8084)",
        )
    kept = {getattr(settings, name).port for name in LISTENERS} | set(
        range(settings.rtp.low, settings.rtp.high + 1)
    )
    chosen: dict[str, Any] = {}
    for name, kind in LISTENERS.items():
        address, variable = getattr(settings, name), f"HOTLINE_{name.upper()}"
        if not address.port:
            chosen[name] = ports.choose(
                address.host, kind, variable, kept | {each.port for each in chosen.values()}
            )
        elif name != "sip" or settings.switch == "embedded":
            ports.require_free(address, kind, variable)
    return dataclasses.replace(settings, **chosen)


def programs(settings: Settings, demo: bool) -> list[Program]:
    """What to start. The switch ends after those who only use it, and says good-bye to its callers; the call
    server notes that and ends last."""
    names = [*(["softswitch"] if settings.switch == "embedded" else []), "serve", "admin"]
    environment = {**os.environ, **environment_of(settings), "PYTHONUNBUFFERED": "1"}
    command = (sys.executable, "-m", "switch_app")
    found = [Program(name, (*command, name), environment, ends=TURN.get(name, 0)) for name in names]
    return [*found, Program("demo", (*command, "demo"), environment, last=True)] if demo else found


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as variables: a child sees exactly what was checked, whatever the file says meanwhile."""
    values = {each.variable: settings.value(each) for each in SETTINGS}
    return {name: "" if value is None else str(value) for name, value in values.items()} | {
        "HOTLINE_CONF": str(settings.conf)
    }


def watch(settings: Settings, demo: bool, welcome: Callable[[], list[str]], say: Say) -> int:
    begun = time.time()
    children = [Child(program, _log(settings, program.name)) for program in programs(settings, demo)]
    looking = Watch(children, lambda: state.write(settings.run_dir, describe(settings, children, begun)))
    looking.take_signals()
    try:
        if looking.until_ready():
            for line in welcome():
                say(line)
            if _reach_switch(settings, looking, say):
                say("ready")
            looking.until_told()
    except StartFailed as failure:
        return _tell_failure(failure, say)
    finally:
        looking.end()
        for child in children:
            child.log.close()
    return 0


def _reach_switch(settings: Settings, looking: Watch, say: Say) -> bool:
    """Wait for the line to the switch, and say so when that takes long. False: a signal came first."""
    last = ""

    def reached() -> bool:
        nonlocal last
        last = switch_line.problem(settings)
        return not last

    if looking.until(reached, switch_line.PATIENCE_S, 0.05):
        return True
    if not looking.ending:
        say(f"hotline: {last}")
    return looking.until(reached)


def describe(settings: Settings, children: list[Child], begun: float) -> dict[str, Any]:
    """What `hotline status` shows."""
    return {
        "pid": os.getpid(),
        "started_at": begun,
        "switch": settings.switch,
        "var": str(settings.var),
        "addresses": {name: str(getattr(settings, name)) for name in _shown(settings)},
        "control_socket": str(settings.control_socket),
        "children": [
            {
                "name": child.program.name,
                "pid": child.pid,
                "ready": child.ready,
                "restarts": child.restarts,
                "started_at": child.started_at or None,
                "exit_code": child.exit_code,
                "log": str(child.log.path),
            }
            for child in children
        ],
    }


def _shown(settings: Settings) -> tuple[str, ...]:
    common = ("http", "call_server")
    return (
        (*common, "sip", "rtp", "event_socket")
        if settings.switch == "embedded"
        else (*common, "freeswitch_address")
    )


def _log(settings: Settings, name: str) -> RotatingLog:
    try:
        return RotatingLog(
            Path(settings.log_dir) / f"{name}.log", settings.log_megabytes * 1_000_000, settings.log_keep
        )
    except OSError as error:
        raise Refused(
            "log_unwritable",
            f"{error.filename} cannot be written: {error.strerror}. Remedy: mend its owner or rights",
        ) from error


def _tell_failure(failure: StartFailed, say: Say) -> int:
    child = failure.child
    what = (
        "did not get ready in time"
        if child.exit_code is None
        else f"ended with {child.exit_code} at its start"
    )
    for line in child.log.tail():
        say(f"  {line}")
    say(f"hotline: {child.program.name} {what}. Remedy: see {child.log.path}")
    return failure.code

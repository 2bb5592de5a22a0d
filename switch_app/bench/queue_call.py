"""A queue call on a real FreeSWITCH: caller, queue, an agent who answers at once, a talk of 2 s, hang-up.

CPU per call; from an event to the command that it causes; from an agent's hang-up to the next caller's
voice in the same agent's ear, the same for mod_callcenter. Every second talk is ended by its caller.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from .cpu import quantile, spread_ms
from .crowd import Crowd
from .slow_disk import slow_fsync
from .spent import idle_share, served, spent
from .stage import CALLCENTER, QUEUE, Stage
from .timed_server import VARIABLE

AGENTS, FEW = 40, 12
RATE, BUSY_RATE = 8.0, 7.0  # calls a second: agents are free; more than FEW agents can take
FSYNC_S = 0.005
PATIENCE_S = 20.0


def run(quick: bool = False) -> dict[str, Any]:
    """Quantiles are 0.5/0.95/0.99. event_to_command: commit included; p99_ms: of all commands."""
    seconds = 5.0 if quick else 12.0
    with Stage(AGENTS) as stage:
        crowd = Crowd(stage.sip, patience_s=PATIENCE_S)
        crowd.register(stage.accounts)
        idle = idle_share(stage, 2.0)
        with stage.serve() as server:
            stage.log_in()
            crowd.calls(QUEUE, RATE, 1.0, talks=True)
            calls = partial(crowd.calls, QUEUE, RATE, seconds, talks=True)
            cost = spent(stage, server, idle, calls, crowd.loop.run)
            few = stage.agents[:FEW]
            stage.ask_presence("logged_out", stage.agents[FEW:])
            ours = _busy(crowd, QUEUE, seconds, stage.freeswitch, server)
            stage.log_in()
        crowd.register(stage.accounts)  # they last 2 minutes
        times = _event_to_command(stage, crowd, seconds)
        stage.callcenter(few)
        theirs = _busy(crowd, CALLCENTER, seconds, stage.freeswitch)
        crowd.close()
    return {
        "calls_a_second": RATE,
        "calls": cost.calls,
        "freeswitch_ms": round(cost.freeswitch_ms, 2),
        "application_ms": round(cost.application_ms, 2),
        "application_share": round(cost.share, 3),
        "phones_ms": round(cost.phones_ms, 2),
        "event_to_command": times,
        "agent_free_to_next_caller": {"ours": ours, "mod_callcenter": theirs},
    }


def _busy(crowd: Crowd, number: str, seconds: float, *pids: int) -> dict[str, str]:
    """More callers than agents. Raises RuntimeError when a caller is lost."""
    for agent in crowd.agents.values():
        agent.waits.clear()
    served(partial(crowd.calls, number, BUSY_RATE, seconds, talks=True), *pids)
    waits = [wait for agent in crowd.agents.values() for wait in agent.waits]
    return {"rings": spread_ms([ring for ring, _ in waits]), "talks": spread_ms([talk for _, talk in waits])}


def _event_to_command(stage: Stage, crowd: Crowd, seconds: float) -> dict[str, Any]:
    slow = slow_fsync(stage.folder, FSYNC_S)
    found: dict[str, Any] = {"journal_sync_normal": _timed(stage, crowd, seconds, {})}
    if not slow:
        return found | {"with_slow_fsync": "left out: no C compiler (cc)"}
    found["journal_sync_normal_fsync_5_ms_longer"] = _timed(stage, crowd, seconds, slow)
    full = {**slow, "HOTLINE_JOURNAL_SYNC": "full"}
    found["journal_sync_full_fsync_5_ms_longer"] = _timed(stage, crowd, seconds, full)
    return found


def _timed(stage: Stage, crowd: Crowd, seconds: float, environment: dict[str, str]) -> dict[str, Any]:
    file = stage.folder / "times.json"
    with stage.serve("switch_app.bench.timed_server", **{VARIABLE: str(file)}, **environment) as server:
        stage.log_in()
        served(partial(crowd.calls, QUEUE, RATE, seconds, talks=True), stage.freeswitch, server)
    measured = json.loads(file.read_text())
    every = [written for times in measured["times"].values() for written, _ in times]
    return {
        "p99_ms": round(quantile(every, 0.99) * 1000, 2),
        "all": spread_ms(every),
        **{
            kind: spread_ms([written for written, _ in times])
            for kind, times in sorted(measured["times"].items())
        },
        "hub_late": spread_ms(measured["lags"]),
    }

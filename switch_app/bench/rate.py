"""Queue calls a second at which the first caller is lost, on a real FreeSWITCH at normal priority.

Phones, FreeSWITCH and application share the machine. Lost: not answered, refused, or not with an agent
within the patience of 10 s although agents are free.
"""

from __future__ import annotations

import time
from time import process_time
from typing import Any

from .cpu import cpu_s, quantile
from .crowd import Crowd, lost
from .stage import QUEUE, Stage

STEPS = (10, 20, 30, 40, 50, 60, 80, 100)
AGENTS = 260
TALK_S = 2.0


def run(quick: bool = False) -> dict[str, Any]:
    """{"clean": highest rate with nobody lost, "first_lost": the one above it or None, "steps": ...}."""
    seconds = 4.0 if quick else 8.0
    steps: dict[str, str] = {}
    clean, first_lost = 0, None
    with Stage(AGENTS) as stage:
        crowd = Crowd(stage.sip, TALK_S)
        crowd.register(stage.accounts)
        with stage.serve() as server:
            stage.log_in()
            crowd.calls(QUEUE, 5, 1.0, talks=True)
            for rate in STEPS:
                steps[f"{rate}_a_second"], wrong = _step(stage, server, crowd, rate, seconds)
                if wrong:
                    first_lost = rate
                    break
                clean = rate
        crowd.close()
    return {"clean": clean, "first_lost": first_lost, "steps": steps}


def _step(stage: Stage, server: int, crowd: Crowd, rate: float, seconds: float) -> tuple[str, dict[str, int]]:
    begun, phones = time.monotonic(), process_time()
    switch, own = cpu_s(stage.freeswitch), cpu_s(server)
    calls = crowd.calls(QUEUE, rate, seconds, talks=True)
    took_s = time.monotonic() - begun
    wrong = lost(calls)
    waits = [call.heard_at - call.asked_at for call in calls if call.heard_at]
    shares = [cpu_s(stage.freeswitch) - switch, cpu_s(server) - own, process_time() - phones]
    told = ", ".join(f"{how}: {count}" for how, count in wrong.items()) or "nobody lost"
    p50, p99 = (quantile(waits, share) * 1000 for share in (0.5, 0.99))
    names = ("FreeSWITCH", "application", "phones")
    load = ", ".join(f"{name} {share / took_s:.2f}" for name, share in zip(names, shares, strict=True))
    return f"{told}; dialled to talk p50 {p50:.0f} p99 {p99:.0f} ms; share of a core: {load}", wrong

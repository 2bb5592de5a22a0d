"""The same IVR call as XML dialplan and through the application, on a real FreeSWITCH: CPU of both per call.

Answer, a prompt of 1 s, one digit, hang-up; both in turn in one run. What an idle FreeSWITCH takes is
subtracted; what an idle application takes is not.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from .cpu import cpu_s
from .crowd import Crowd, lost
from .stage import APPLICATION, XML, Stage

RATE = 20.0  # calls a second
PRESS_AFTER_S = 1.2  # after the answer: the prompt is over


def run(quick: bool = False) -> dict[str, Any]:
    """{"ratio": CPU of FreeSWITCH and application / of FreeSWITCH with XML, ...}. ms: CPU per call."""
    seconds, rounds = (4.0, 2) if quick else (9.0, 4)
    with Stage() as stage, stage.serve() as server:
        crowd = Crowd(stage.sip)
        _slice(stage, server, crowd, XML, 1.0)  # warm
        _slice(stage, server, crowd, APPLICATION, 1.0)
        idle_s = _idle(stage, 2.0)
        pairs = [
            [_slice(stage, server, crowd, number, seconds, idle_s) for number in (XML, APPLICATION)]
            for _ in range(rounds)
        ]
        crowd.close()
    xml = median(switch for (switch, _), _ in pairs)
    switch = median(switch for _, (switch, _) in pairs)
    application = median(server for _, (_, server) in pairs)
    return {
        "calls_a_second": RATE,
        "calls": round(RATE * seconds) * rounds * 2,
        "xml_freeswitch_ms": round(xml, 2),
        "application_freeswitch_ms": round(switch, 2),
        "application_own_ms": round(application, 2),
        "application_share": round(application / (switch + application), 3),
        "ratio": round(median(sum(ours) / theirs for (theirs, _), ours in pairs), 3),
        "ratios": " ".join(f"{sum(ours) / theirs:.2f}" for (theirs, _), ours in pairs),
        "idle_freeswitch_share_of_a_core": round(idle_s, 4),
    }


def _slice(
    stage: Stage, server: int, crowd: Crowd, number: str, seconds: float, idle_s: float = 0.0
) -> tuple[float, float]:
    """CPU ms per call of FreeSWITCH and of the application. Raises RuntimeError when a caller is lost."""
    begun, switch, own = time.monotonic(), cpu_s(stage.freeswitch), cpu_s(server)
    calls = crowd.calls(number, RATE, seconds, PRESS_AFTER_S)
    crowd.loop.run(0.3)  # what still ends
    took_s = time.monotonic() - begun
    if wrong := lost(calls):
        raise RuntimeError(f"callers of {number} were lost: {wrong}")
    spent = cpu_s(stage.freeswitch) - switch - idle_s * took_s
    own = cpu_s(server) - own if number == APPLICATION else 0.0
    return spent * 1000 / len(calls), own * 1000 / len(calls)


def _idle(stage: Stage, seconds: float) -> float:
    """What FreeSWITCH takes of a core without a call."""
    before = cpu_s(stage.freeswitch)
    time.sleep(seconds)
    return (cpu_s(stage.freeswitch) - before) / seconds

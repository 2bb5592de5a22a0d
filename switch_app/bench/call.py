"""The same IVR call as XML dialplan and through the application, on a real FreeSWITCH: CPU of both per call.

Answer, a prompt of 1 s, one digit, hang-up; both in turn in one run. While the dialplan serves, the
application does not run. What an idle FreeSWITCH takes is subtracted, what an idle application takes is not.

The floor of the ratio is 1.4: FreeSWITCH alone takes that much with an application that subscribes to nothing
and sends three commands, because each asynchronous socket has a thread of its own that looks every 20 ms
(mod_event_socket.c, read_packet); without `async` it takes 1.3.
"""

from __future__ import annotations

import contextlib
from functools import partial
from statistics import median
from typing import Any

from .crowd import Crowd
from .spent import Spent, idle_share, spent
from .stage import APPLICATION, XML, Stage

RATE = 20.0  # calls a second
PRESS_AFTER_S = 1.2  # after the answer: the prompt is over


def run(quick: bool = False) -> dict[str, Any]:
    """{"ratio": CPU of FreeSWITCH and application / of FreeSWITCH with XML, ...}. ms: CPU per call."""
    seconds, rounds = (4.0, 2) if quick else (9.0, 4)
    with Stage() as stage:
        crowd = Crowd(stage.sip)
        crowd.calls(XML, RATE, 1.0, PRESS_AFTER_S)
        idle = idle_share(stage, 2.0)
        pairs = [
            (_part(stage, crowd, idle, XML, seconds), _part(stage, crowd, idle, APPLICATION, seconds))
            for _ in range(rounds)
        ]
        crowd.close()
    ratios = [ours.both_ms / xml.both_ms for xml, ours in pairs]
    return {
        "calls_a_second": RATE,
        "calls": sum(xml.calls + ours.calls for xml, ours in pairs),
        "xml_freeswitch_ms": round(median(xml.freeswitch_ms for xml, _ in pairs), 2),
        "application_freeswitch_ms": round(median(ours.freeswitch_ms for _, ours in pairs), 2),
        "application_own_ms": round(median(ours.application_ms for _, ours in pairs), 2),
        "application_share": round(median(ours.share for _, ours in pairs), 3),
        "ratio": round(median(ratios), 3),
        "ratios": " ".join(f"{ratio:.2f}" for ratio in ratios),
        "idle_freeswitch_share_of_a_core": round(idle, 4),
    }


def _part(stage: Stage, crowd: Crowd, idle: float, number: str, seconds: float) -> Spent:
    with contextlib.ExitStack() as opened:
        server = 0
        if number == APPLICATION:
            server = opened.enter_context(stage.serve())
            crowd.calls(number, RATE, 0.5, PRESS_AFTER_S)
        calls = partial(crowd.calls, number, RATE, seconds, PRESS_AFTER_S)
        return spent(stage, server, idle, calls, crowd.loop.run)

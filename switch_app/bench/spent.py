"""What calls cost: CPU of FreeSWITCH and of the call server, per call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

from .cpu import cpu_s, machine_s
from .crowd import Caller, lost
from .stage import Stage

LATE_S = 0.3  # for what still ends


@dataclass(frozen=True, slots=True)
class Spent:
    """ms of CPU per call. phones: of the bench itself, which shares the machine."""

    calls: int
    freeswitch_ms: float
    application_ms: float
    phones_ms: float

    @property
    def both_ms(self) -> float:
        return self.freeswitch_ms + self.application_ms

    @property
    def share(self) -> float:
        """The application's part."""
        return self.application_ms / self.both_ms


def idle_share(stage: Stage, seconds: float) -> float:
    """What FreeSWITCH takes of a core without a call."""
    before = cpu_s(stage.freeswitch)
    time.sleep(seconds)
    return (cpu_s(stage.freeswitch) - before) / seconds


def served(run: Callable[[], list[Caller]], *pids: int) -> list[Caller]:
    """The callers of `run`. pids: of the switch and the call server.

    Raises RuntimeError when a caller is lost: how, and what other programs had of the machine meanwhile.
    """

    def ours_s() -> float:
        return process_time() + sum(map(cpu_s, pids))

    begun, machine, ours = time.monotonic(), machine_s(), ours_s()
    calls = run()
    if wrong := lost(calls):
        others = max(0.0, machine_s() - machine - ours_s() + ours) / (time.monotonic() - begun)
        told = ", ".join(f"{count} {how}" for how, count in wrong.items())
        raise RuntimeError(
            f"of {len(calls)} callers were lost: {told}."
            f" Meanwhile other programs took {others:.1f} of {os.cpu_count()} cores"
        )
    return calls


def spent(
    stage: Stage, server: int, idle: float, run: Callable[[], list[Caller]], settle: Callable[[float], object]
) -> Spent:
    """What the calls of `run` cost. server: its pid, 0 for none. idle: see idle_share; it is subtracted.

    What an idle call server takes is not subtracted. Raises RuntimeError when a caller is lost.
    """
    begun, own, phones = time.monotonic(), cpu_s(server) if server else 0.0, process_time()
    switch = cpu_s(stage.freeswitch)
    calls = served(run, stage.freeswitch, *([server] if server else []))
    settle(LATE_S)
    switch = cpu_s(stage.freeswitch) - switch - idle * (time.monotonic() - begun)
    own = cpu_s(server) - own if server else 0.0
    each_ms = 1000 / len(calls)
    return Spent(len(calls), switch * each_ms, own * each_ms, (process_time() - phones) * each_ms)

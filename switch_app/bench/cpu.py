"""CPU time of other processes, and the middle and tail of measurements."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

_TICKS_S = 1 / os.sysconf("SC_CLK_TCK")  # seconds a tick, as /proc counts


def cpu_s(pid: int) -> float:
    """User and system seconds of a process and all its threads, the ended ones too (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICKS_S


def machine_s() -> float:
    """Seconds that all cores together have worked for whomever (proc(5), stat): no idle time."""
    user, nice, system, _, _, irq, softirq, *_ = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq))) * _TICKS_S


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which this share of them is (nearest rank); nan of none."""
    ordered: Sequence[float] = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread_ms(seconds: Sequence[float], *shares: float) -> str:
    """E.g. "1.2/3.4/5.6 ms (n=120)", at 0.5, 0.95 and 0.99 unless told."""
    found = "/".join(f"{quantile(seconds, share) * 1000:.1f}" for share in shares or (0.5, 0.95, 0.99))
    return f"{found} ms (n={len(seconds)})"

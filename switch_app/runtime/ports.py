"""The small ports: the clock's timers."""

from __future__ import annotations

from typing import Any

from switch_app.core import orders as o

from .clock import Timers

CLOCK_ORDERS = (o.StartTimer, o.StopTimer)


class ClockPort:
    """StartTimer and StopTimer of any stream."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def carry_out(self, stream: str, order: Any) -> None:
        if isinstance(order, o.StartTimer):
            self._timers.start(stream, order.timer, order.due_at)
        else:
            self._timers.stop(stream, order.timer)

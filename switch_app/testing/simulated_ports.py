"""The directory and other systems, simulated: answers in time, late ones, none from a dead process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s

from .faults import Faults
from .ledger import Ledger
from .virtual_clock import VirtualClock

LATE_S = 2.0  # as runtime.directory


class SimulatedDirectory:
    """customers: number or account -> the customer. pins: agent -> PIN."""

    def __init__(
        self,
        clock: VirtualClock,
        take: Callable[[str, Any], object],
        customers: Mapping[str, dict[str, Any]],
        pins: Mapping[str, str],
        faults: Faults,
        ledger: Ledger,
        random: Random,
    ) -> None:
        self._clock, self._take, self._customers, self._pins = clock, take, customers, pins
        self._faults, self._ledger, self._random = faults, ledger, random
        self.alive = True

    def carry_out(self, stream: str, order: Any) -> None:
        self._ledger.ordered(stream, order)
        late = self._random.random() < self._faults.directory_late
        delay_s = LATE_S if late else self._random.uniform(0.001, 0.3)
        self._clock.call_later(delay_s, self._answer, stream, order, late)

    def _answer(self, stream: str, order: Any, late: bool) -> None:
        if self.alive:
            self._ledger.result(stream, order.ref)
            self._take(stream, self._result(order, late))

    def _result(self, order: Any, late: bool) -> Any:
        if isinstance(order, o.CheckPin):
            ok = not late and self._pins.get(order.agent) == order.pin
            return s.PinChecked(order.ref, ok, order.agent if ok else "")
        if late:
            return s.CustomerLookedUp(order.ref, "late")
        found = self._customers.get(order.value)
        return s.CustomerLookedUp(order.ref, "found" if found else "unknown", found)


class SimulatedHttp:
    """Another system, which answers anything, or not in time."""

    def __init__(
        self,
        clock: VirtualClock,
        take: Callable[[str, Any], object],
        ledger: Ledger,
        random: Random,
    ) -> None:
        self._clock, self._take, self._ledger, self._random = clock, take, ledger, random
        self.alive = True

    def carry_out(self, stream: str, order: o.CallHttp) -> None:
        self._ledger.ordered(stream, order)
        result, status = self._random.choice(
            (("done", 200), ("done", 404), ("failed", 500), ("timed_out", 0), ("refused", 0))
        )
        longest_s = order.timeout_s * (order.retries + 1)
        delay_s = longest_s if result == "timed_out" else self._random.uniform(0.01, longest_s)
        answer = s.HttpReturned(order.ref, result, status, {"state": "sent"})
        self._clock.call_later(delay_s, self._answer, stream, answer)

    def _answer(self, stream: str, answer: s.HttpReturned) -> None:
        if self.alive:
            self._ledger.result(stream, answer.ref)
            self._take(stream, answer)

"""The books of a simulation: no ref twice, and for each order that has a result exactly one."""

from __future__ import annotations

from typing import Any

from switch_app.core import orders as o
from switch_app.core.plain import kind_of


class Ledger:
    """Outlives the application: a ref that was given out before a crash is given out for ever."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, str]] = {}  # stream -> ref -> kind of order, no result yet
        self._given: dict[str, set[str]] = {}  # stream -> all refs
        self.orders: dict[str, int] = {}
        self.results = 0

    def ordered(self, stream: str, order: Any) -> None:
        """Book an order. Raises AssertionError on a ref that the stream had before."""
        kind = kind_of(order)
        self.orders[kind] = self.orders.get(kind, 0) + 1
        ref = order.leg if isinstance(order, o.CallAgent) else getattr(order, "ref", "")
        if not ref:
            return
        given = self._given.setdefault(stream, set())
        if ref in given:
            raise AssertionError(f"{stream}: {kind} has a ref again: {ref}")
        given.add(ref)
        self._open.setdefault(stream, {})[ref] = kind

    def result(self, stream: str, ref: str) -> None:
        """Book a result. Raises AssertionError when there was one before."""
        if self._open.get(stream, {}).pop(ref, None) is None:
            raise AssertionError(f"{stream}: a second result, or one of nothing: {ref}")
        self.results += 1

    def waits(self, stream: str, ref: str) -> bool:
        """Whether a result is still to come."""
        return ref in self._open.get(stream, {})

    def forgive(self, stream: str) -> None:
        """What was given out is in no journal, for the disk refused: it may be given out again."""
        self.close(stream)

    def close(self, stream: str) -> None:
        """The contact is over, and long ago."""
        self._open.pop(stream, None)
        self._given.pop(stream, None)

"""The directory port: CRM reads with a time-out; an unknown customer is an answer, a late one too."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

import gevent

from switch_app.core import orders as o
from switch_app.core import signals as s

log = logging.getLogger(__name__)

LATE_S = 2.0
ORDERS = (o.LookUpCustomer, o.CheckPin)


class Crm(Protocol):
    """What bootstrap hands in; both may block the calling greenlet, not the hub."""

    def find_customer(self, by: str, value: str) -> dict[str, Any] | None: ...
    def check_pin(self, agent: str, pin: str) -> bool: ...


class Directory:
    """Each look-up runs in a greenlet of its own; the database's thread does the work."""

    def __init__(self, crm: Crm, take: Callable[[str, Any], object], late_s: float = LATE_S) -> None:
        self._crm, self._take, self._late_s = crm, take, late_s

    def carry_out(self, stream: str, order: Any) -> None:
        gevent.spawn(self._answer, stream, order)

    def _answer(self, stream: str, order: Any) -> None:
        asked = gevent.spawn(self._ask, order)  # never killed: a killed query poisons its connection
        asked.join(self._late_s)
        self._take(stream, asked.value if asked.ready() and asked.value else _late(order))

    def _ask(self, order: Any) -> Any:
        try:
            if isinstance(order, o.CheckPin):
                return s.PinChecked(order.ref, self._crm.check_pin(order.agent, order.pin), order.agent)
            found = self._crm.find_customer(order.by, order.value)
            return s.CustomerLookedUp(order.ref, "found" if found else "unknown", found)
        except Exception:
            log.exception("the CRM could not answer %s", type(order).__name__)
            return None


def _late(order: Any) -> Any:
    if isinstance(order, o.CheckPin):
        return s.PinChecked(order.ref, False)
    return s.CustomerLookedUp(order.ref, "late")

"""Waiting for what the switch may say: seconds in which this process stood still do not count."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent
from gevent.event import AsyncResult

LATE_S = 0.2  # who is woken so late has stood still


def later(in_s: float, call: Callable[..., object], *args: object) -> None:
    """As gevent.spawn_later; after a standstill once more so long: what happened is yet to be read."""
    gevent.spawn_later(in_s, _come, monotonic() + in_s, in_s, call, args)


def _come(due_at: float, in_s: float, call: Callable[..., object], args: tuple[object, ...]) -> None:
    if monotonic() - due_at > LATE_S:
        gevent.sleep(in_s)
    call(*args)


def wait_for(answer: AsyncResult[Any], timeout_s: float | None) -> bool:
    """Whether the answer comes in time."""
    due_at = monotonic() + (timeout_s or 0.0)
    answer.wait(timeout_s)
    if not answer.ready() and monotonic() - due_at > LATE_S:
        answer.wait(timeout_s)
    return answer.ready()

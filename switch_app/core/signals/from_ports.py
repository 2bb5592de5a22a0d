"""Results of the other ports, to an interaction: clock, directory, http."""

from __future__ import annotations

from typing import Any

from ..record import record as signal


@signal
class TimerFired:
    timer: str


@signal
class CustomerLookedUp:
    """customer: id, number, name, tier, language, accounts ... or None. result: found | unknown | late."""

    ref: str
    result: str
    customer: dict[str, Any] | None = None


@signal
class PinChecked:
    """Whether an agent's number and PIN belong together."""

    ref: str
    ok: bool
    agent: str = ""


@signal
class HttpReturned:
    """result: done (an answer, whatever its status below 500) | failed | timed_out | refused.

    reason: why there is no answer, a word of facts.RequestFailed.
    """

    ref: str
    result: str
    status: int = 0
    body: Any = None
    reason: str = ""

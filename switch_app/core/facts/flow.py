"""Stream interaction:<id>, its flow: the steps it went, what they asked, decided and kept."""

from __future__ import annotations

from typing import Any

from ..record import record as fact


@fact
class FlowStarted:
    flow: str
    version: str


@fact
class StepEntered:
    flow: str
    step: str
    type: str


@fact
class StepFailed:
    """A flow author's mistake, or a port's failure, at run time. `to`: where the flow went."""

    flow: str
    step: str
    problem: str
    to: str


@fact
class RequestFailed:
    """Another system did not give what an http step asked for. Its host alone: an address may hold secrets.

    reason: status (it answered with `status`) | timed_out | unknown_host | private_address (may not be
    asked) | connection_refused | unreachable | tls | bad_request | bad_answer | too_large | refused | failed.
    """

    step: str
    host: str
    reason: str
    status: int = 0


@fact
class DigitsCollected:
    """What the caller pressed at a step; secret digits are stored as asterisks."""

    step: str
    digits: str
    accepted: bool


@fact
class VariableSet:
    name: str
    value: Any


@fact
class HoursDecided:
    calendar: str
    open: bool
    local: str  # local ISO time that was judged
    why: str


@fact
class VoicemailLeft:
    path: str
    duration_s: float
    box: str


@fact
class CallTransferred:
    to: str
    result: str


@fact
class FlowEnded:
    """how: completed | hung_up | failed."""

    how: str


@fact
class SessionMoved:
    """The flow's session at its wait: plain data, enough to resume from (flow/session.py)."""

    session: dict[str, Any]


@fact
class PromptMissing:
    prompt: str
    language: str

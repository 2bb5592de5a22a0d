"""Rules about keys and silence: a way out for each, and no key that hides another."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import FlowProblem
from ..model import Flow
from ..steps.asking import AskingStep
from ..steps.language import LanguageStep
from ..steps.presence import PresenceStep
from ..steps.queue import QueueStep
from .around import Around, problem

KEYED = ("choices", "reasons", "leave_keys")


def ways_out(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """no-input-missing: nothing is said about silence. queue-exit-missing: nothing about a long wait."""
    for name, step in flow.steps.items():
        if isinstance(step, AskingStep) and not step.no_input and not _goes_on(step):
            message = f"{name} does not say where to go when nothing is pressed"
            hint = "add no_input: STEP"
            yield problem(flow, ("steps", name), "no-input-missing", message, hint, key=True)
        if isinstance(step, QueueStep) and not step.timeout:
            message = f"{name} does not say where to go when nobody takes the call"
            yield problem(flow, ("steps", name), "queue-exit-missing", message, "add timeout: STEP", key=True)


def _goes_on(step: AskingStep) -> bool:
    """Whether silence is an answer."""
    if isinstance(step, PresenceStep):
        return not step.reasons or bool(step.reason)
    return isinstance(step, LanguageStep)


def key_clashes(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """key-clash: a key that is the beginning of another, so that each waits for a time-out."""
    for name, step in flow.steps.items():
        for field in KEYED:
            keys = getattr(step, field, {})
            for key in keys:
                shorter = next((each for each in keys if each != key and key.startswith(each)), None)
                if shorter:
                    message = f"{shorter} is the beginning of {key}: whoever presses {shorter} has to wait"
                    yield problem(flow, ("steps", name, field, key), "key-clash", message, key=True)

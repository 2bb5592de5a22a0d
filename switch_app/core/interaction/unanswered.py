"""A wait that ends without an agent: a key takes the caller out, or the floor gives up."""

from __future__ import annotations

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..flow.requests import QueueEnded
from . import flowing, queueing
from .draft import Draft


def pressed(draft: Draft, signal: s.DigitPressed) -> None:
    """A key that leaves the queue, when the flow offered one; any other key is nothing."""
    state = draft.state
    if signal.leg != state.leg or not state.leave_keys or signal.digit not in state.leave_keys:
        return
    queueing.withdraw(draft, "left")
    draft.order(o.StopPlay(state.leg))
    flowing.resume(draft, QueueEnded("left", signal.digit))


def gave_up(draft: Draft, signal: s.QueueGaveUp) -> None:
    """The floor has no agent for us: the flow decides what comes instead."""
    state = draft.state
    if state.offer:
        queueing.drop_offer(draft, "withdrawn")
    draft.fact(f.QueueExited(state.queue, signal.reason, queueing.waited(state, draft.now)))
    draft.order(o.StopPlay(state.leg))
    flowing.resume(draft, QueueEnded(signal.reason))

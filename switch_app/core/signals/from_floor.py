"""From the floor, to an interaction: offers, and what is said to who waits."""

from __future__ import annotations

from ..record import record as signal


@signal
class AgentOffered:
    """The floor gives this interaction to an agent; ring `contact` for at most `ring_s`."""

    offer: str
    agent: str
    contact: str  # extension of the phone that logged in
    ring_s: float
    queue: str


@signal
class OfferWithdrawn:
    """Stop ringing: the floor took the offer back (time-out, log-out). The work is queued again."""

    offer: str
    reason: str


@signal
class QueueTold:
    """Something to say to the waiting caller. what: position | wait | message."""

    what: str
    position: int = 0
    estimate_s: float | None = None
    prompt: str = ""


@signal
class QueueGaveUp:
    """The floor let the work go unanswered. reason: timeout | empty | full | no_queue | not_waiting
    (its offer was refused as one that nobody waits for).

    `to` is where the queue's overflow points: a queue was tried inside the floor already, so here
    it is a step's name or "".
    """

    reason: str
    to: str = ""


@signal
class QueueForgot:
    """The floor does not know that this contact waits (agreement.py): enter it again."""

    problem: str


@signal
class PresenceAnswered:
    """The floor's answer to a ChangePresence order."""

    ref: str
    ok: bool
    state: str = ""
    reason: str = ""  # id of the refusal

"""Stream floor: queues, agents and work. Those about one interaction have a field `interaction`, so that the
projector can put them on its timeline.
"""

from __future__ import annotations

from typing import Any

from ..record import record as fact
from ..work import AgentProfile, QueueRule, Work


@fact
class QueuesConfigured:
    queues: tuple[QueueRule, ...]


@fact
class RosterChanged:
    agents: tuple[AgentProfile, ...]


@fact
class PresenceChanged:
    """state: logged_out | ready | ready_once | not_ready | missed | offered | talking | held | wrap_up."""

    agent: str
    state: str
    reason: str = ""
    contact: str = ""
    interaction: str = ""
    until: float | None = None  # deadline of a transient state
    by: str = "agent"


@fact
class PresenceRefused:
    """A wish that is not allowed now. reason: stable id, e.g. not_logged_in, unknown_agent."""

    agent: str
    state: str
    reason: str


@fact
class PresencePlanned:
    """A presence asked for during a call; it holds after the call. state as in PresenceAsked."""

    agent: str
    state: str
    reason: str = ""
    by: str = "agent"


@fact
class DayBegan:
    """The figures of the day start at zero. date: local, ISO."""

    date: str


@fact
class NeedsIgnored:
    """The needs of this work could not be read, so the queue's own rule holds."""

    interaction: str
    needs: str
    problem: str


@fact
class WorkQueued:
    interaction: str
    work: Work
    queue: str
    queue_entered_at: float


@fact
class WorkOffered:
    """why: the whole explanation, see acd/why.py."""

    interaction: str
    offer: str
    agent: str
    contact: str
    queue: str
    ring_s: float
    why: dict[str, Any]


@fact
class OfferAccepted:
    """joined_at: should the talk have begun before this was written; 0: then."""

    interaction: str
    offer: str
    agent: str
    joined_at: float = 0.0


@fact
class OfferDeclined:
    """reason: busy | rejected | no_answer | unreachable | withdrawn | logged_out ..."""

    interaction: str
    offer: str
    agent: str
    reason: str


@fact
class NeedsRelaxed:
    interaction: str
    queue: str
    step: int
    needs: str


@fact
class WorkOverflowed:
    interaction: str
    from_queue: str
    to_queue: str
    reason: str


@fact
class CallerTold:
    interaction: str
    what: str
    position: int = 0
    estimate_s: float | None = None


@fact
class WorkLeft:
    interaction: str
    queue: str
    reason: str
    wait_s: float


@fact
class TalkRestored:
    """A talk that the floor had lost by a bug is on it again; it counts in no figure a second time."""

    interaction: str
    work: Work
    offer: str
    agent: str
    queue: str
    began_at: float


@fact
class WorkCompleted:
    interaction: str
    offer: str
    agent: str
    queue: str
    talk_s: float
    hold_s: float = 0.0


@fact
class WrapUpEnded:
    interaction: str
    agent: str
    wrap_up_s: float
    how: str  # agent | deadline

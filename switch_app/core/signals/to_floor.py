"""To the floor: queues and agents, work, what came of offers, presence."""

from __future__ import annotations

from ..record import record as signal
from ..work import AgentProfile, QueueRule, Work


@signal
class FloorConfigured:
    """The queues in force, in their configured order. Waiting work of a deleted queue gives up."""

    queues: tuple[QueueRule, ...]


@signal
class RosterLoaded:
    """Agents with their skills, whole: an agent not in it is logged out after the current call."""

    agents: tuple[AgentProfile, ...]


@signal
class WorkArrived:
    work: Work


@signal
class WorkWithdrawn:
    """The customer left, or was let go. reason: abandoned | callback | voicemail | closed | requeued | lost |
    released (a supervisor ended the call). left_at: when, if this is told late; 0: now."""

    interaction: str
    reason: str
    left_at: float = 0.0


@signal
class OfferAnswered:
    """The agent's phone was answered and joined with the customer, at joined_at (0: now)."""

    offer: str
    joined_at: float = 0.0


@signal
class OfferMissed:
    """The agent's phone did not take the offer. reason as in LegEnded (busy, no_answer ...)."""

    offer: str
    reason: str


@signal
class ConversationOver:
    """The agent and the customer have parted, at ended_at (0: now); wrap-up begins."""

    offer: str
    ended_at: float = 0.0


@signal
class ConversationHeld:
    """The agent has put the customer on hold."""

    offer: str


@signal
class ConversationResumed:
    """The agent talks with the customer again."""

    offer: str


@signal
class PresenceAsked:
    """An agent (or a supervisor, `by`) asks for a presence.

    state: logged_in | logged_out | ready | ready_once | not_ready | wrap_up_done.
    `agent` "": whoever is logged in at the phone `contact`.
    `interaction` and `ref`: who waits for the PresenceAnswered, both "" when nobody does.
    """

    agent: str
    state: str
    reason: str = ""
    contact: str = ""
    by: str = "agent"
    interaction: str = ""
    ref: str = ""
    on_phone: bool = False  # asked on the agent's own phone: calls come after OwnCallEnded


@signal
class OwnCallEnded:
    """An agent's own call (to a keypad code) is over: the phone is free."""

    contact: str


@signal
class ContactLost:
    """The phone of a logged-in agent is no longer registered."""

    contact: str


@signal
class WorkAstray:
    """No interaction stands behind this work any more, or not behind this offer (agreement.py)."""

    interaction: str
    offer: str
    problem: str


@signal
class TalkForgotten:
    """This interaction talks with an agent, of which the floor knows nothing (agreement.py).

    began_at: when they were joined. contact: the phone of the talk.
    """

    work: Work
    offer: str
    agent: str
    contact: str
    began_at: float
    problem: str


@signal
class AgentAstray:
    """The agent is rung or talks for an interaction whose work is not on the floor (agreement.py)."""

    agent: str
    interaction: str
    problem: str

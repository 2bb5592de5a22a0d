"""Stream interaction:<id>, its wait in a queue and its talk with an agent."""

from __future__ import annotations

from ..record import record as fact


@fact
class QueueEntered:
    queue: str
    needs: str
    priority: int
    waiting_since: float
    leave_keys: str = ""  # keys that take the caller out of the queue, to the flow
    music: str = "music"
    boost_s: float = 0.0  # seconds of waiting given in advance
    position_words: tuple[str, ...] = ()  # sounds behind each announcement of the position


@fact
class AnnouncementStarted:
    """Something is said to the waiting caller: words (the queue step's own) | position | wait | message."""

    ref: str
    what: str
    position: int = 0
    estimate_s: float | None = None


@fact
class AnnouncementPutOff:
    """The floor had something to tell while something else was said: it follows that; the newest counts."""

    what: str
    position: int = 0
    estimate_s: float | None = None
    prompt: str = ""


@fact
class AnnouncementEnded:
    ref: str


@fact
class AgentRung:
    """An agent's phone was called for an offer."""

    offer: str
    agent: str
    leg: str
    queue: str
    contact: str
    ring_s: float


@fact
class AgentAnswered:
    """The agent's phone was answered; the pair is being joined."""

    offer: str
    agent: str
    leg: str
    join_ref: str
    recording: str = ""


@fact
class AgentMissed:
    offer: str
    agent: str
    reason: str


@fact
class AgentConnected:
    offer: str
    agent: str
    leg: str
    queue: str
    wait_s: float
    ring_s: float
    recording: str = ""


@fact
class QueueExited:
    """reason: abandoned | answered | timeout | empty | full | voicemail | closed ..."""

    queue: str
    reason: str
    wait_s: float


@fact
class CallHeld:
    """The agent put the customer on hold, who hears music."""

    offer: str
    agent: str


@fact
class CallResumed:
    """They talk again, after hold_s."""

    offer: str
    agent: str
    hold_s: float


@fact
class ConversationEnded:
    """talk_s: from the join to the end without hold_s, the time on hold."""

    offer: str
    agent: str
    talk_s: float
    by: str
    hold_s: float = 0.0


@fact
class CustomerPassedOn:
    """The agent passes the customer on: the talk ends, and the caller waits in `queue`."""

    offer: str
    agent: str
    queue: str

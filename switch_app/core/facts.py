"""Facts: what happened, past tense, frozen. A stream's state is the fold of its facts.

Every fact of the floor that is about one interaction has a field `interaction`, so that the
projector can put it on that interaction's timeline.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from .record import record as fact
from .work import AgentProfile, QueueRule, Work


# --- stream interaction:<id> -------------------------------------------------------------------------
@fact
class InteractionOpened:
    interaction: str
    channel: str  # voice
    direction: str  # inbound | outbound | internal (an agent's own call)
    leg: str
    ani: str
    name: str
    dnis: str
    flow: str
    version: str


@fact
class InteractionResumed:
    """The caller came back into the socket. why: recovered | after_talk."""

    leg: str
    why: str


@fact
class CustomerIdentified:
    customer: dict[str, Any]
    by: str  # number | account


@fact
class LanguageChosen:
    language: str


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
class RecordingKept:
    """cut: it ends before the talk, because it could not be written any more."""

    path: str
    what: str  # conversation | voicemail
    duration_s: float = 0.0
    cut: bool = False


@fact
class RecordingLost:
    path: str
    detail: str


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
class QueueExited:
    """reason: abandoned | answered | timeout | empty | full | voicemail | closed ..."""

    queue: str
    reason: str
    wait_s: float


@fact
class LegLost:
    leg: str
    reason: str
    cause: str
    by: str


@fact
class CallerReleased:
    """The application ordered the end of the caller's leg."""

    reason: str


@fact
class DispositionSet:
    agent: str
    code: str
    note: str


@fact
class InteractionClosed:
    """outcome: answered | abandoned | voicemail | completed | overflowed | callback | switch_lost | failed.
    """

    outcome: str
    reason: str
    wait_s: float
    talk_s: float
    hold_s: float = 0.0


@fact
class TurnCrashed:
    """A bug: what the turn was about, and the safe fallback that was taken."""

    signal: str
    error: str
    fallback: str


@fact
class Mended:
    """Floor and interaction held different things of the same contact, by a bug; it was put right.

    In the stream that was put right. agent: who was held, "" = nobody.
    """

    interaction: str
    agent: str
    problem: str


# --- stream floor ---------------------------------------------------------------------------------------
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
    interaction: str
    offer: str
    agent: str


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


# --- stream greetings -------------------------------------------------------------------------------
@fact
class GreetingPutUp:
    """An emergency greeting. until: epoch seconds, None = until it is taken down. sounds: language -> its
    own recording (flow.spoken)."""

    slot: str
    prompt: str
    text: dict[str, str]
    until: float | None
    by: str
    sounds: dict[str, str] = field(default_factory=dict)


@fact
class GreetingTakenDown:
    slot: str
    by: str

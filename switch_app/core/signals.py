"""Signals: something the world told us. Frozen; moments are epoch seconds (UTC), durations `_s`.

`ref` names the order of which this is the one result; the core made it, the ports hand it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .record import record as signal
from .work import AgentProfile, QueueRule, Work


# --- from the switch, to an interaction ---------------------------------------------------------
@signal
class CallArrived:
    """A caller's leg entered the call server's socket, for the first time or again (`resumed`)."""

    interaction: str
    leg: str
    ani: str
    name: str
    dnis: str
    context: str  # dialplan context: inbound | agents
    flow: str  # the name of the flow that the number maps to
    version: str  # hash of the flow version in force
    language: str = ""  # the number's own, "" = the flow's first
    resumed: bool = False
    talked_with: str = ""  # the leg that this one was joined with last
    parted_at: float = 0.0  # when the last talk of this leg ended, as the switch saw it; 0: not known
    age_s: float = 0.0  # for how long the switch has had the leg
    headers: Mapping[str, str] = field(default_factory=dict)


@signal
class CallerNeverReached:
    """A caller came, or came back, and went while nobody listened in the socket; the switch has kept that.

    gone_at: when the caller was last seen there, the end is at most an interlude later.
    """

    interaction: str
    leg: str
    ani: str
    dnis: str
    flow: str
    version: str
    arrived_at: float
    gone_at: float


@signal
class LegRinging:
    leg: str


@signal
class LegAnswered:
    leg: str


@signal
class LegEnded:
    """The leg is gone: the one result of a call that failed, and the end of one that was up.

    reason (neutral): normal | busy | no_answer | rejected | unreachable | no_route | congestion
    | cancelled | switch_lost | failed. cause: the switch's own word, for the record.
    by: caller | agent | application | unknown. at: when, if that is known and this told late; 0: now.
    """

    leg: str
    reason: str
    cause: str = ""
    by: str = "unknown"
    at: float = 0.0


@signal
class DigitPressed:
    leg: str
    digit: str


@signal
class PlayEnded:
    """result: done | stopped | failed."""

    ref: str
    result: str
    detail: str = ""


@signal
class RecordEnded:
    """A caller's message was recorded (voicemail). result: done | failed."""

    ref: str
    result: str
    path: str = ""
    duration_s: float = 0.0


@signal
class Joined:
    ref: str
    leg: str
    other: str


@signal
class JoinFailed:
    ref: str
    reason: str


@signal
class TransferBegun:
    """The caller now talks with the other side."""

    ref: str
    to: str


@signal
class TransferEnded:
    """The transfer failed, or (done) the talk is over and the caller is back.

    result: done | busy | no_answer | unreachable | failed.
    """

    ref: str
    result: str
    detail: str = ""


@signal
class LegHeld:
    """The phone of this leg has put the other side on hold (re-INVITE sendonly, inactive or 0.0.0.0)."""

    leg: str


@signal
class LegResumed:
    """The phone of this leg has taken the other side back."""

    leg: str


@signal
class RecordingFailed:
    leg: str
    path: str
    detail: str = ""


@signal
class RecordingEnded:
    """The recording of a conversation is on disk. cut: not to its end, because the disk is full."""

    leg: str
    path: str
    duration_s: float
    cut: bool = False


@signal
class SwitchLost:
    """The switch itself is gone: every leg that it held has ended.

    seen_at: when this application was last alive beside it; 0: until now.
    """

    seen_at: float = 0.0


# --- results of the other ports --------------------------------------------------------------------
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


# --- from the floor, to an interaction ----------------------------------------------------------
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


# --- from a person, by the control socket --------------------------------------------------------
@signal
class DispositionChosen:
    agent: str
    code: str
    note: str = ""


@signal
class PassOnAsked:
    """An agent passes the customer of the talk on to a queue, from the desk."""

    agent: str
    queue: str


@signal
class HangUpAsked:
    """Somebody ends a call from the switch's side (third-party call control).

    agent: who ends the own talk, whose caller then goes on in the flow, as if the phone had hung up;
    "": the caller's leg goes.
    """

    by: str  # login
    agent: str = ""


# --- to the floor -----------------------------------------------------------------------------------
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

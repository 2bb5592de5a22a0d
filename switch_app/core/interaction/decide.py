"""The state machine of an interaction as a table: (phase, signal) -> rule.

A signal that has no rule in a phase means nothing there (a late result, a stale timer).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..decision import Decision
from ..world import World
from . import flowing, missed, offering, queueing, talking, unanswered
from .draft import Draft
from .outcome import outcome_of
from .state import Interaction, Phase

Rule = Callable[[Draft, Any], None]


def decide(state: Interaction, signal: Any, now: float, world: World) -> Decision:
    """What happened and what is to be done. Pure; `state` stays as it is."""
    draft = Draft(state, now, world)
    rule = RULES[state.phase].get(type(signal)) or ANYWHERE.get(type(signal))
    if rule:
        rule(draft, signal)
    return draft.decision()


def _leg_ended_in_queue(draft: Draft, signal: s.LegEnded) -> None:
    state = draft.state
    if signal.leg == state.leg:
        queueing.caller_left(draft, signal)
    elif state.offer and signal.leg == state.offer.leg:
        offering.leg_missed(draft, signal)


def _gone(draft: Draft, signal: s.LegEnded) -> None:
    if signal.leg == draft.state.leg:
        left_at = draft.lost(signal)
        draft.close(outcome_of(draft.state, signal.reason), signal.reason, ended_at=left_at)


def _left_on_the_way(draft: Draft, signal: s.CallerNeverReached) -> None:
    """A caller of ours hung up in the recover extension, where nobody listened: the switch's note tells when.
    In a talk there is none; one of before it says nothing."""
    state = draft.state
    rule = RULES[state.phase].get(s.LegEnded)
    if rule and state.leg_up and signal.leg == state.leg and state.phase is not Phase.TALKING:
        rule(draft, s.LegEnded(signal.leg, "normal", "AWAY", "caller", signal.gone_at))


def _leave_overdue(draft: Draft, signal: s.TimerFired) -> None:
    if signal.timer == "leave":
        draft.order(o.HangUp(draft.state.leg, "normal"))
        draft.close(outcome_of(draft.state, "normal"), "not_confirmed")


def _stray_call(draft: Draft, signal: s.CallArrived) -> None:
    """A leg in the socket whose contact is over: end it, politely is past."""
    draft.order(o.HangUp(signal.leg, "normal"))


def _stray_return(draft: Draft, signal: s.TransferEnded) -> None:
    """A caller who comes back from a transfer, whom the end that was ordered meanwhile has not met."""
    draft.order(o.HangUp(draft.state.leg, "normal"))


def _stray_answer(draft: Draft, signal: s.LegAnswered) -> None:
    """An agent's phone that answers after the caller left: no ghost call. The one of the offer that is under
    way may be told twice (by its originate, and by a look at the switch)."""
    offer = draft.state.offer
    if signal.leg not in (draft.state.leg, offer.leg if offer else ""):
        draft.order(o.HangUp(signal.leg, "cancelled"))


def _switch_lost(draft: Draft, signal: s.SwitchLost) -> None:
    """The switch died and took every leg along; waits and talks do not last through a night's stop."""
    state = draft.state
    if state.phase is Phase.NEW or state.phase is Phase.CLOSED:
        return
    ended_at = 0.0
    if signal.seen_at:
        draft.now = ended_at = min(draft.now, max(signal.seen_at, state.phase_at))
    wait_s = 0.0
    if state.phase is Phase.TALKING:
        talking.part(draft, "unknown")
    elif state.phase in (Phase.WAITING, Phase.RINGING, Phase.JOINING):
        wait_s = queueing.withdraw(draft, "switch_lost", ended_at)
    draft.fact(f.LegLost(state.leg, "switch_lost", "", "unknown"))
    outcome = "switch_lost" if state.phase is not Phase.PARTED else outcome_of(state, "switch_lost")
    draft.close(outcome, "switch_lost", wait_s, ended_at)


def _recorded(draft: Draft, signal: s.RecordingEnded) -> None:
    """Once: an end that was not told is found by a look, and may still be told."""
    state = draft.state
    if state.recordings.get(signal.path):
        return
    if signal.path == state.message and state.session:  # what the flow asked for went with a process
        wait = state.session["wait"]
        flowing.resume(draft, s.RecordEnded(wait["ref"], "done", signal.path, signal.duration_s))
        return
    what = "voicemail" if signal.path.startswith("voicemail/") else "conversation"
    draft.fact(f.RecordingKept(signal.path, what, signal.duration_s, signal.cut))


def _message_ended(draft: Draft, signal: s.RecordEnded) -> None:
    """One that the flow waits for no more, because its caller was back meanwhile, is kept beside the next."""
    if signal.result == "done" and signal.path and signal.path != draft.state.message:
        _recorded(draft, s.RecordingEnded(draft.state.leg, signal.path, signal.duration_s))
    else:
        flowing.resume(draft, signal)


def _recording_failed(draft: Draft, signal: s.RecordingFailed) -> None:
    if draft.state.recordings.get(signal.path):
        return
    draft.fact(f.RecordingLost(signal.path, signal.detail))


def _transferred(draft: Draft, signal: s.TransferBegun) -> None:
    """The caller talks elsewhere; the flow lifts the deadline of its wait."""
    draft.fact(f.CallTransferred(signal.to, "done"))
    flowing.resume(draft, signal)


def _cut(draft: Draft, signal: s.HangUpAsked) -> None:
    """A supervisor ends a contact that talks with nobody: from a queue it is released, not abandoned."""
    state = draft.state
    if signal.agent or not state.leg_up or state.phase in (Phase.NEW, Phase.LEAVING, Phase.CLOSED):
        return
    draft.fact(f.HangUpOrdered(signal.by, state.leg))
    if state.phase in (Phase.WAITING, Phase.RINGING, Phase.JOINING):
        queueing.withdraw(draft, "released")
    draft.release()


def _disposition(draft: Draft, signal: s.DispositionChosen) -> None:
    draft.fact(f.DispositionSet(signal.agent, signal.code, signal.note))


ANYWHERE: dict[type, Rule] = {
    s.SwitchLost: _switch_lost,
    s.CallerNeverReached: _left_on_the_way,
    s.RecordingEnded: _recorded,
    s.RecordingFailed: _recording_failed,
    s.DispositionChosen: _disposition,
    s.HangUpAsked: _cut,
    s.AgentOffered: offering.refuse,
    s.LegAnswered: _stray_answer,
}

IN_QUEUE: dict[type, Rule] = {
    s.CallArrived: queueing.come_back,
    s.PlayEnded: queueing.told,
    s.DigitPressed: unanswered.pressed,
    s.QueueGaveUp: unanswered.gave_up,
    s.QueueForgot: offering.forgotten,
    s.LegEnded: _leg_ended_in_queue,
}

RULES: dict[Phase, dict[type, Rule]] = {
    Phase.NEW: {s.CallArrived: flowing.begin, s.CallerNeverReached: missed.write_down},
    Phase.FLOW: {
        s.CallArrived: flowing.come_back,
        s.PlayEnded: flowing.resume,
        s.DigitPressed: flowing.resume,
        s.TimerFired: flowing.overdue,
        s.CustomerLookedUp: flowing.resume,
        s.HttpReturned: flowing.resume,
        s.RecordEnded: _message_ended,
        s.TransferBegun: _transferred,
        s.TransferEnded: flowing.resume,
        s.PinChecked: flowing.resume,
        s.PresenceAnswered: flowing.resume,
        s.LegEnded: flowing.hung_up,
    },
    Phase.WAITING: {**IN_QUEUE, s.AgentOffered: offering.ring, s.QueueTold: queueing.tell},
    Phase.RINGING: {
        **IN_QUEUE,
        s.LegAnswered: offering.answered,
        s.OfferWithdrawn: offering.withdrawn,
        s.TimerFired: offering.overdue,
        s.QueueTold: queueing.tell,
    },
    Phase.JOINING: {
        s.CallArrived: talking.unseen,
        s.Joined: offering.joined,
        s.JoinFailed: offering.join_failed,
        s.TimerFired: offering.overdue,
        s.OfferWithdrawn: offering.withdrawn,
        s.QueueGaveUp: unanswered.gave_up,
        s.QueueForgot: offering.forgotten,
        s.LegEnded: _leg_ended_in_queue,
    },
    Phase.TALKING: {
        s.CallArrived: talking.unexpected_return,
        s.LegEnded: talking.leg_ended,
        s.LegHeld: talking.held,
        s.LegResumed: talking.taken_back,
        s.PassOnAsked: talking.pass_on,
        s.HangUpAsked: talking.cut,
    },
    Phase.PARTED: {
        s.CallArrived: talking.after_talk,
        s.TimerFired: talking.never_returned,
        s.LegEnded: talking.gone_after_talk,
    },
    Phase.LEAVING: {
        s.CallArrived: _stray_call,
        s.TransferEnded: _stray_return,
        s.LegEnded: _gone,
        s.TimerFired: _leave_overdue,
    },
    Phase.CLOSED: {s.CallArrived: _stray_call, s.TransferEnded: _stray_return},
}

"""The talk and its end: by the caller, by the agent, or found by the reconciler."""

from __future__ import annotations

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..flow.requests import QueueEnded
from ..moments import seconds
from .deadlines import RETURN_S
from .draft import Draft
from .flowing import resume
from .outcome import outcome_of
from .queueing import come_back, enter_again, waited


def leg_ended(draft: Draft, signal: s.LegEnded) -> None:
    """Whoever hangs up first ends the talk; the caller's leg then comes back by itself."""
    state = draft.state
    offer = state.offer
    assert offer
    left_at = draft.lost(signal)
    if signal.leg == state.leg:
        part(draft, "caller", left_at)
        draft.order(o.HangUp(offer.leg, "normal"))
        draft.close(outcome_of(state, signal.reason), signal.reason, ended_at=left_at)
    elif signal.leg == offer.leg:
        part(draft, "agent", signal.at)
        draft.deadline("return", RETURN_S)


def held(draft: Draft, signal: s.LegHeld) -> None:
    """The agent has put the customer on hold. A caller whose own phone holds is still talked with."""
    offer = draft.state.offer
    if offer and signal.leg == offer.leg and offer.held_at is None:
        draft.fact(f.CallHeld(offer.offer, offer.agent))
        draft.floor(s.ConversationHeld(offer.offer))


def taken_back(draft: Draft, signal: s.LegResumed) -> None:
    offer = draft.state.offer
    if offer and signal.leg == offer.leg and offer.held_at is not None:
        draft.fact(f.CallResumed(offer.offer, offer.agent, seconds(offer.held_at, draft.now)))
        draft.floor(s.ConversationResumed(offer.offer))


def part(draft: Draft, by: str, at: float = 0.0) -> None:
    """State the end of the talk, and with it of a hold; free the agent for wrap-up. at: when the switch saw
    it, which does not count when it can't be of this talk."""
    offer = draft.state.offer
    assert offer
    begun_at = offer.connected_at or draft.now
    late = begun_at <= at <= draft.now
    ended_at = at if late else draft.now
    hold_s = round(offer.hold_s + seconds(offer.held_at or ended_at, ended_at), 3)
    talk_s = seconds(begun_at, ended_at - hold_s)
    draft.fact(f.ConversationEnded(offer.offer, offer.agent, talk_s, by, hold_s))
    draft.floor(s.ConversationOver(offer.offer, at if late else 0.0))
    if offer.recording:
        draft.order(o.StopRecording(draft.state.leg, offer.recording))


def unexpected_return(draft: Draft, signal: s.CallArrived) -> None:
    """The caller is back although we never heard of the agent's end: the talk is over."""
    offer = draft.state.offer
    part(draft, "agent", signal.parted_at)
    if offer:
        draft.order(o.HangUp(offer.leg, "normal"))
    after_talk(draft, signal)


def unseen(draft: Draft, signal: s.CallArrived) -> None:
    """The caller is back from a join: where the two have met, from a talk of which nothing was told. Its
    begin is that of the join; there is no recording of it, as that begins when the join is seen."""
    state = draft.state
    offer = state.offer
    if not offer or signal.talked_with != offer.leg:
        come_back(draft, signal)
        return
    begun_at = min(offer.joining_at or draft.now, draft.now)
    ended_at = signal.parted_at if begun_at <= signal.parted_at <= draft.now else draft.now
    wait_s, talk_s = waited(state, begun_at), seconds(begun_at, ended_at)
    ring_s = seconds(offer.rung_at, offer.answered_at or begun_at)
    draft.fact(
        f.QueueExited(state.queue, "answered", wait_s),
        f.AgentConnected(offer.offer, offer.agent, offer.leg, state.queue, wait_s, ring_s),
        f.ConversationEnded(offer.offer, offer.agent, talk_s, "unknown"),
    )
    draft.floor(s.OfferAnswered(offer.offer, begun_at))
    draft.floor(s.ConversationOver(offer.offer, ended_at))
    draft.order(o.StopTimer(f"join:{offer.offer}"), o.HangUp(offer.leg, "normal"))
    after_talk(draft, signal)


def after_talk(draft: Draft, signal: s.CallArrived) -> None:
    """Back in the socket: to the queue that the agent chose, or on in the flow (survey, good-bye)."""
    draft.fact(f.InteractionResumed(signal.leg, "after_talk"))
    draft.order(o.StopTimer("return"))
    if draft.state.onward:
        enter_again(draft, draft.state.onward)
    else:
        resume(draft, QueueEnded("answered"))


def pass_on(draft: Draft, signal: s.PassOnAsked) -> None:
    """The agent's leg ends, and the caller, who comes back by itself, waits in the queue that was named.

    Asked again, because the hang-up was lost with the control line, it is ordered again. The last
    queue counts.
    """
    offer = draft.state.offer
    if offer and offer.agent == signal.agent:
        draft.fact(f.CustomerPassedOn(offer.offer, offer.agent, signal.queue))
        draft.order(o.HangUp(offer.leg, "normal"))


def cut(draft: Draft, signal: s.HangUpAsked) -> None:
    """End the talk from the switch's side: the agent's leg for the agent, the caller's for anybody else."""
    state = draft.state
    if signal.agent:
        if state.offer and state.offer.agent == signal.agent:
            draft.fact(f.HangUpOrdered(signal.by, state.offer.leg))
            draft.order(o.HangUp(state.offer.leg, "normal"))
    elif state.leg_up:
        draft.fact(f.HangUpOrdered(signal.by, state.leg))
        draft.order(o.HangUp(state.leg, "normal"))


def never_returned(draft: Draft, signal: s.TimerFired) -> None:
    """The caller did not come back into the socket: end what may be left of the leg."""
    if signal.timer == "return":
        draft.release()


def gone_after_talk(draft: Draft, signal: s.LegEnded) -> None:
    if signal.leg == draft.state.leg:
        left_at = draft.lost(signal)
        draft.close(outcome_of(draft.state, signal.reason), signal.reason, ended_at=left_at)

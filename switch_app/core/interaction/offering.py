"""An offer: ring the agent's phone, join the pair, or put the caller back in the old place."""

from __future__ import annotations

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..ids import derived_uuid
from ..moments import seconds
from .deadlines import GRACE_S, JOIN_S
from .draft import Draft
from .queueing import drop_offer, play_music, waited


def ring(draft: Draft, signal: s.AgentOffered) -> None:
    """Call the phone; the leg's id is ours and in the journal before the switch hears of it."""
    state = draft.state
    leg = derived_uuid(state.interaction, state.version, signal.offer)
    draft.fact(f.AgentRung(signal.offer, signal.agent, leg, signal.queue, signal.contact, signal.ring_s))
    draft.order(
        o.CallAgent(
            leg,
            state.interaction,
            signal.contact,
            signal.ring_s,
            ani=state.ani,
            name=state.name,
            variables={"hotline_agent": signal.agent},
        )
    )
    draft.deadline(f"ring:{signal.offer}", signal.ring_s + GRACE_S)


def refuse(draft: Draft, signal: s.AgentOffered) -> None:
    """An offer that comes when we can take none (already ringing, caller gone): hand it back."""
    draft.floor(s.OfferMissed(signal.offer, "withdrawn"))


def answered(draft: Draft, signal: s.LegAnswered) -> None:
    """The agent picked up: join, recorded in stereo (caller left, agent right)."""
    state = draft.state
    offer = state.offer
    if not offer or signal.leg != offer.leg:
        return
    ref = draft.ref()
    path = f"recordings/{draft.world.local.date}/{state.interaction}-{state.connected + 1}.wav"
    draft.fact(f.AgentAnswered(offer.offer, offer.agent, offer.leg, ref, path))
    draft.order(
        o.StopTimer(f"ring:{offer.offer}"),
        o.Join(ref, state.leg, offer.leg, path),
        o.StartTimer(f"join:{offer.offer}", draft.now + JOIN_S),
    )


def joined(draft: Draft, signal: s.Joined) -> None:
    """They talk: the wait ends here."""
    state = draft.state
    offer = state.offer
    if not offer or signal.ref != offer.join_ref:
        return
    wait_s = waited(state, draft.now)
    ring_s = seconds(offer.rung_at, offer.answered_at or draft.now)
    draft.fact(
        f.QueueExited(state.queue, "answered", wait_s),
        f.AgentConnected(offer.offer, offer.agent, offer.leg, state.queue, wait_s, ring_s, offer.recording),
    )
    draft.floor(s.OfferAnswered(offer.offer))
    draft.order(o.StopTimer(f"join:{offer.offer}"))


def leg_missed(draft: Draft, signal: s.LegEnded) -> None:
    """The agent's leg failed or ended before the pair was joined."""
    _back_to_queue(draft, signal.reason if signal.reason != "normal" else "rejected", hang_up=False)


def join_failed(draft: Draft, signal: s.JoinFailed) -> None:
    offer = draft.state.offer
    if offer and signal.ref == offer.join_ref:
        _back_to_queue(draft, "failed", hang_up=True)


def withdrawn(draft: Draft, signal: s.OfferWithdrawn) -> None:
    """The floor took the offer back: stop ringing; the floor has queued the work again itself."""
    offer = draft.state.offer
    if offer and signal.offer == offer.offer:
        drop_offer(draft, signal.reason)
        _music_if_silent(draft)


def overdue(draft: Draft, signal: s.TimerFired) -> None:
    """Neither the switch nor the floor ended the offer in time: we do."""
    offer = draft.state.offer
    if offer and signal.timer in (f"ring:{offer.offer}", f"join:{offer.offer}"):
        _back_to_queue(draft, "no_answer" if signal.timer.startswith("ring:") else "failed", hang_up=True)


def forgotten(draft: Draft, signal: s.QueueForgot) -> None:
    """The floor has lost our work: in again, with the same place and age; no phone rings for it meanwhile."""
    state = draft.state
    if state.offer:
        drop_offer(draft, "lost")
        _music_if_silent(draft)
    draft.fact(f.Mended(state.interaction, "", signal.problem))
    draft.floor(s.WorkArrived(state.work(state.waiting_since or draft.now)))


def _back_to_queue(draft: Draft, reason: str, hang_up: bool) -> None:
    offer = draft.state.offer
    assert offer
    draft.fact(f.AgentMissed(offer.offer, offer.agent, reason))
    if hang_up:
        draft.order(o.HangUp(offer.leg, "cancelled"))
    draft.order(o.StopTimer(f"ring:{offer.offer}"), o.StopTimer(f"join:{offer.offer}"))
    _music_if_silent(draft)
    draft.floor(s.OfferMissed(offer.offer, reason))


def _music_if_silent(draft: Draft) -> None:
    """A join that was begun has stopped the music; while only ringing it never stopped."""
    state = draft.state
    if state.offer and state.offer.join_ref:
        play_music(draft, state.leg, state.music, state.language)

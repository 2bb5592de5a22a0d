"""The wait in a queue: music, announcements, the way back into it, and the caller who leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..flow.prompts import say
from ..flow.requests import EnterQueue
from ..flow.session import Session
from ..moments import seconds
from ..work import Work
from .draft import Draft
from .outcome import outcome_of
from .state import Interaction


def enter_queue(draft: Draft, request: EnterQueue, leg: str, interaction: str, session: Session) -> None:
    """The flow wants an agent: tell the floor; the caller hears the step's words, then music."""
    since = draft.now  # also straight from another queue step, whose wait has just ended
    draft.fact(
        f.QueueEntered(
            request.queue,
            request.needs,
            request.priority,
            since,
            request.leave_keys,
            request.music,
            request.boost_s,
            request.position_words,
        )
    )
    work = Work(
        interaction=interaction,
        queue=request.queue,
        waiting_since=since,
        priority=request.priority,
        needs=request.needs,
        boost_s=request.boost_s,
        customer=request.customer,
        language=session.language or "zh",
        tier=str((session.customer or {}).get("tier", "")),
    )
    if request.words:
        ref = draft.ref()
        draft.fact(f.AnnouncementStarted(ref, "words"))
        draft.order(o.Play(ref, leg, request.words))
    else:
        play_music(draft, leg, request.music, session.language)
    draft.floor(s.WorkArrived(work))


def enter_again(draft: Draft, queue: str) -> None:
    """Into a queue that no step of the flow names: a new wait, with the priority of the last one."""
    state = draft.state
    draft.fact(f.QueueEntered(queue, "", state.queue_priority, draft.now, music=state.music))
    work = replace(state.work(draft.now), queue=queue, needs="", boost_s=0.0)
    play_music(draft, state.leg, state.music, state.language)
    draft.floor(s.WorkArrived(work))


def play_music(draft: Draft, leg: str, music: str, language: str) -> None:
    """Endless, from the start of the piece; the result of music needs nobody."""
    said = say(draft.world.prompts, language, (("prompt", music),))
    draft.order(o.Play(draft.ref(), leg, said.sounds, endless=True))


def tell(draft: Draft, signal: s.QueueTold) -> None:
    """Say where the caller stands, after what is being said; music goes on afterwards."""
    state = draft.state
    if state.announcing:
        draft.fact(f.AnnouncementPutOff(signal.what, signal.position, signal.estimate_s, signal.prompt))
        return
    _say(draft, signal)


def _say(draft: Draft, signal: s.QueueTold) -> bool:
    """Begin to say it; False when it is nothing to say."""
    state = draft.state
    parts: list[tuple[Any, ...]] = []
    if signal.what == "position":
        parts.append(("position", signal.position))
    if signal.estimate_s is not None:
        minutes = max(1, round(signal.estimate_s / 60))
        parts += [("silence", 300), ("prompt", "estimated_wait"), ("minutes", minutes)]
    if signal.prompt:
        parts.append(("prompt", signal.prompt))
    if not parts:
        return False
    said = say(draft.world.prompts, state.language, tuple(parts))
    ref = draft.ref()
    draft.fact(f.AnnouncementStarted(ref, signal.what, signal.position, signal.estimate_s))
    draft.fact(*(f.PromptMissing(prompt, language) for prompt, language in said.missing))
    words = state.position_words if signal.what == "position" else ()
    draft.order(o.Play(ref, state.leg, (*said.sounds, *words)))
    return True


def told(draft: Draft, signal: s.PlayEnded) -> None:
    """What was put off meanwhile, else music, whether the announcement was heard to its end or not."""
    state = draft.state
    if signal.ref != state.announcing:
        return
    draft.fact(f.AnnouncementEnded(signal.ref))
    if state.put_off is None or not _say(draft, state.put_off):
        play_music(draft, state.leg, state.music, state.language)


def come_back(draft: Draft, signal: s.CallArrived) -> None:
    """Back from the recover extension: same place, same clock, music again."""
    state = draft.state
    draft.fact(f.InteractionResumed(signal.leg, "recovered"))
    draft.order(o.Answer(signal.leg))
    play_music(draft, signal.leg, state.music, state.language)


def caller_left(draft: Draft, signal: s.LegEnded) -> None:
    """Abandoned: the customer leaves the queue before an answer. A switch that is shut down is none."""
    state = draft.state
    left_at = draft.lost(signal)
    wait_s = withdraw(draft, "switch_lost" if signal.reason == "switch_lost" else "abandoned", left_at)
    draft.close(outcome_of(state, signal.reason), signal.reason, wait_s, left_at)


def withdraw(draft: Draft, reason: str, left_at: float = 0.0) -> float:
    """Take the work off the floor and any ringing phone with it; the seconds waited. left_at: 0.0 is now."""
    state = draft.state
    if state.offer:
        drop_offer(draft, "withdrawn")
    wait_s = waited(state, left_at or draft.now)
    draft.fact(f.QueueExited(state.queue, reason, wait_s))
    draft.floor(s.WorkWithdrawn(state.interaction, reason, left_at))
    return wait_s


def drop_offer(draft: Draft, reason: str) -> None:
    """End the agent's leg of the offer and state that it was missed."""
    offer = draft.state.offer
    assert offer
    draft.fact(f.AgentMissed(offer.offer, offer.agent, reason))
    draft.order(o.HangUp(offer.leg, "cancelled"))
    draft.order(*(o.StopTimer(f"{what}:{offer.offer}") for what in ("ring", "join")))


def waited(state: Interaction, now: float) -> float:
    """Seconds in queues so far, ringing included."""
    return seconds(state.waiting_since, now) if state.waiting_since is not None else 0.0

"""What a bug has left behind on the floor is released, and what it has lost is put back (core/agreement.py
finds it)."""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from . import offering, own_call
from .draft import Draft
from .moves import move, move_on
from .state import IN_TALK, LOGGED_OUT, Agent


def work(draft: Draft, signal: s.WorkAstray) -> None:
    """The work leaves, the agent of a talk has the wrap-up, an agent who is rung is as before."""
    item = draft.item(signal.interaction)
    if item and item.offer == signal.offer:
        draft.fact(f.Mended(item.id, item.agent, signal.problem))
        offering.withdrawn(draft, s.WorkWithdrawn(item.id, "lost"))


def agent(draft: Draft, signal: s.AgentAstray) -> None:
    found = draft.agent(signal.agent)
    if not found or found.state not in ("offered", *IN_TALK) or found.interaction != signal.interaction:
        return
    item = draft.item(found.interaction)
    if item is None or item.agent != found.id:
        draft.fact(f.Mended(found.interaction, found.id, signal.problem))
        move_on(draft, found, served=found.in_talk)


def talk(draft: Draft, signal: s.TalkForgotten) -> None:
    """The agent talks again for the floor too, up to the real end. Not one who is in another talk by now, nor
    one at whose phone somebody else is logged in."""
    found, queue = draft.agent(signal.agent), draft.queue(signal.work.queue)
    interaction = signal.work.interaction
    item = draft.item(interaction)
    if found is None or queue is None or found.in_talk:
        return
    if item and (item.state, item.offer) != ("talking", signal.offer):
        return
    other = draft.at_phone(signal.contact)
    if found.state == LOGGED_OUT and other and other.id != found.id:
        return
    draft.fact(f.Mended(interaction, found.id, signal.problem))
    if item is None:
        draft.fact(
            f.TalkRestored(
                interaction, signal.work, signal.offer, found.id, signal.work.queue, signal.began_at
            )
        )
    _into_talk(draft, found, signal)


def _into_talk(draft: Draft, agent: Agent, signal: s.TalkForgotten) -> None:
    """What the agent was for the floor meanwhile holds after the talk."""
    was, reason, planned = agent.state, agent.reason, own_call.waits(agent)
    rung_for = offering.take_from(draft, agent, "busy") if was == "offered" else None
    if was == "wrap_up":
        offering.end_wrap_up(draft, agent, "lost")
    move(
        draft, agent, "talking", interaction=signal.work.interaction, contact=agent.contact or signal.contact
    )
    if was in (LOGGED_OUT, "not_ready") and not planned:
        draft.fact(f.PresencePlanned(agent.id, was, reason, "floor"))
    if rung_for:
        offering.back(draft, rung_for)

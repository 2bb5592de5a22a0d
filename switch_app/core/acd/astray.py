"""What a bug has left behind on the floor is released (core/agreement.py finds it)."""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from . import offering
from .draft import Draft
from .moves import move_on
from .state import IN_TALK


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

"""Floor and interactions hold two sides of the same wait or talk; a bug in one may leave the other behind.

Each turn leaves them in agreement, so that what still differs some seconds later has no other owner:
work and agents that nobody stands behind are released, who waits unknown is entered again, and who talks
unknown is put back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import signals as s
from .acd.floor import Floor
from .acd.state import IN_TALK, Agent, Item
from .interaction import Interaction, Phase
from .interaction.state import Offer

LAG_S = 5.0  # how long a difference has to last
FLOOR = "floor"
IN_QUEUE = (Phase.WAITING, Phase.RINGING, Phase.JOINING)

Remedy = tuple[str, Any]  # the stream, and the signal that it is to get


class Agreement:
    """Remembers since when each difference is seen."""

    def __init__(self, lag_s: float = LAG_S) -> None:
        self._lag_s = lag_s
        self._since: dict[Remedy, float] = {}

    def look(self, floor: Floor, contacts: Mapping[str, Interaction], now: float) -> list[Remedy]:
        """The remedies of what has lasted. contacts: the open interactions, by id. One that did not
        help comes again after as long a time."""
        self._since = {remedy: self._since.get(remedy, now) for remedy in remedies(floor, contacts)}
        due = [remedy for remedy, since in self._since.items() if now - since >= self._lag_s]
        for remedy in due:
            del self._since[remedy]
        return due


def remedies(floor: Floor, contacts: Mapping[str, Interaction]) -> Iterator[Remedy]:
    """What would bring the two sides together as they are now."""
    tables = floor.tables
    for item in tables.items.values():
        signal = _of_work(item, contacts.get(item.id))
        if signal:
            yield FLOOR, signal
    for agent in tables.agents.values():
        if agent.state in ("offered", *IN_TALK):
            held_by = tables.items.get(agent.interaction)
            if held_by is None or held_by.agent != agent.id:
                problem = f"{agent.state} for work that is not on the floor"
                yield FLOOR, s.AgentAstray(agent.id, agent.interaction, problem)
            elif signal := _of_hold(agent, held_by, contacts.get(agent.interaction)):
                yield FLOOR, signal
    for name, state in contacts.items():
        if state.phase in IN_QUEUE and name not in tables.items:
            problem = f"{state.phase.value} in {state.queue}, but not on the floor"
            yield f"interaction:{name}", s.QueueForgot(problem)
        elif state.phase is Phase.TALKING and state.offer and not _talks(floor, state, state.offer):
            yield FLOOR, _forgotten(state, state.offer)


def _talks(floor: Floor, state: Interaction, offer: Offer) -> bool:
    """Whether the floor knows of this talk. Work that says something else has a remedy of its own."""
    item, agent = floor.tables.items.get(state.interaction), floor.tables.agents.get(offer.agent)
    if item is None:
        return False
    known = agent is not None and agent.in_talk and agent.interaction == state.interaction
    return known or item.state != "talking" or item.offer != offer.offer


def _forgotten(state: Interaction, offer: Offer) -> s.TalkForgotten:
    began_at = offer.connected_at or offer.rung_at
    work = state.work(began_at)
    problem = f"talks with {offer.agent}, but not for the floor"
    return s.TalkForgotten(work, offer.offer, offer.agent, offer.contact, began_at, problem)


def _of_work(item: Item, state: Interaction | None) -> Any:
    phase = state.phase if state else None
    if item.state == "talking":
        agrees = phase is Phase.TALKING and state is not None and _is_of(state, item)
    elif phase is Phase.TALKING and state is not None and _is_of(state, item):
        return s.OfferAnswered(item.offer)
    else:
        agrees = phase in IN_QUEUE
    if agrees:
        return None
    found = phase.value if phase else "not open"
    return s.WorkAstray(item.id, item.offer, f"{item.state} on the floor, the interaction is {found}")


def _of_hold(agent: Agent, item: Item, state: Interaction | None) -> Any:
    """On hold, or not, as the interaction says: it heard the switch."""
    if not agent.in_talk or state is None or state.phase is not Phase.TALKING or not _is_of(state, item):
        return None
    held = state.offer is not None and state.offer.held_at is not None
    if held == (agent.state == "held"):
        return None
    return s.ConversationHeld(item.offer) if held else s.ConversationResumed(item.offer)


def _is_of(state: Interaction, item: Item) -> bool:
    return bool(item.offer and state.offer and state.offer.offer == item.offer)

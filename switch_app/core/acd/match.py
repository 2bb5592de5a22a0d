"""Matching: the first work in the order that anybody can take goes to the best of those who can.

Before a signal no ready agent and waiting work fit each other, so after it only pairs with
somebody, or something, that the signal has changed are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop
from itertools import islice

from .. import facts as f
from .. import signals as s
from ..ids import derived_uuid
from .candidates import Candidates
from .draft import Draft
from .moves import move
from .order import Rank, across, growth, place_of
from .state import NOT_READY, Item
from .why import explain

# Behind all deadlines of the interaction (GRACE_S + JOIN_S there): a phone that was answered at the last
# moment is being joined, and only the interaction knows.
GRACE_S = 15.0


def match(draft: Draft) -> int:
    """Offer until no ready agent and no waiting work fit each other. Gives the number of offers."""
    offers = 0
    waiting = [_rank(draft, item) for item in _changed_items(draft)]
    heapify(waiting)
    idle = [] if draft.rebuilt else [agent.id for agent in draft.agents.values() if agent.available]
    while True:
        while waiting and not _anybody(draft, waiting[0][-1]):
            heappop(waiting)
        found = waiting[:1]
        for agent in idle:
            if best := _first_for(draft, agent):
                found.append(best)
        if not found:
            return offers
        interaction = min(found)[-1]
        if waiting and waiting[0][-1] == interaction:
            heappop(waiting)
        item = draft.item(interaction)
        assert item
        _offer(draft, item)
        offers += 1


def _changed_items(draft: Draft) -> list[Item]:
    changed = [item for item in draft.items.values() if item and item.waiting]
    return [*changed, *_unchanged_items(draft)] if draft.rebuilt else changed


def _unchanged_items(draft: Draft) -> Iterator[Item]:
    """Of each line, from its head on, as many as there are ready agents who meet its needs: mostly none."""
    for lines in draft.floor.index.lines.values():
        for line in lines.values():
            ready = draft.present(line.crew.needs, NOT_READY)
            work = (place[2] for place in line.work if place[2] not in draft.items)
            for interaction in islice(work, ready):
                yield draft.floor.tables.items[interaction]


def _rank(draft: Draft, item: Item) -> Rank:
    queue = draft.queue_of(item)
    return across(place_of(item.work, queue.rule), growth(queue.rule, draft.now), queue.place)


def _anybody(draft: Draft, interaction: str) -> bool:
    """Agents only become fewer while we match, so a no is final."""
    item = draft.item(interaction)
    return bool(item and item.waiting and Candidates(draft, item).first())


def _first_for(draft: Draft, agent: str) -> Rank | None:
    """The first unchanged work in the order that the agent can take: the best head of the lines."""
    if not draft.agents[agent].available:
        return None
    best: Rank | None = None
    queues: dict[str, tuple[int, int]] = {}
    for crew in draft.floor.index.crews_with(draft.floor.tables.agents[agent]):
        for line in crew.lines.values():
            place = next((each for each in line.work if each[2] not in draft.items), None)
            if place is None:
                continue
            terms = queues.get(line.queue)
            if terms is None:
                queue = draft.floor.tables.queues[line.queue]
                terms = queues[line.queue] = growth(queue.rule, draft.now), queue.place
            rank = across(place, *terms)
            if best is None or rank < best:
                best = rank
    return best


def _offer(draft: Draft, item: Item) -> None:
    candidates = Candidates(draft, item)
    agent = candidates.chosen()
    assert agent
    rule = candidates.rule
    offer = derived_uuid("offer", item.id, draft.version)
    why = explain(draft, item, agent, candidates)
    draft.fact(f.WorkOffered(item.id, offer, agent.id, agent.contact, item.queue, rule.ring_s, why))
    draft.tell(item.id, s.AgentOffered(offer, agent.id, agent.contact, rule.ring_s, item.queue))
    move(draft, agent, "offered", until=draft.now + rule.ring_s + GRACE_S, interaction=item.id)

"""Looks at the floor: the few numbers that flows ask for, and the whole for the wallboard."""

from __future__ import annotations

from itertools import chain
from typing import Any

from ..moments import seconds
from ..world import QueueFigures
from .needs import parse
from .order import Rank, across, growth, place_of
from .state import READY, Item, Queue, Tally
from .tables import Floor


def figures(floor: Floor, now: float) -> dict[str, QueueFigures]:
    """Per queue: who waits (ringing included) and which agents meet the queue's own needs."""
    found = {}
    for name, queue in floor.tables.queues.items():
        if queue.retired:
            continue
        crew = floor.index.crew(parse(queue.rule.needs))
        since = floor.index.oldest(name)
        found[name] = QueueFigures(
            waiting=queue.holding,
            logged_in=crew.present(()),
            ready=sum(crew.states[state] for state in READY),
            longest_wait_s=0.0 if since is None else seconds(since, now),
        )
    return found


def service_level(queue: Queue | Tally) -> float | None:
    """SL-4 of the day: answered in time / all but those who left in time; None before the first."""
    counted = queue.answered + queue.abandoned - queue.early
    return round(queue.in_time / counted, 4) if counted else None


def live(floor: Floor, now: float) -> dict[str, Any]:
    """The floor as plain data: queues, agents, waiting (in turn), calls. `ani` is the asker's to add."""
    seen = figures(floor, now)
    items = floor.tables.items.values()
    return {
        "queues": [_queue(floor.tables.queues[name], figure) for name, figure in seen.items()],
        "agents": [
            {
                "agent": agent.id,
                "name": agent.profile.name,
                "state": agent.state,
                "reason": agent.reason,
                "since": agent.since,
                "until": agent.until,
                "contact": agent.contact,
                "interaction": agent.interaction,
                "after_call": agent.after,
            }
            for agent in floor.tables.agents.values()
        ],
        "waiting": [_waiting(item, position, now) for item, position in _in_turn(floor, now)],
        "calls": [
            {"interaction": item.id, "queue": item.queue, "agent": item.agent, "since": item.accepted_at}
            for item in items
            if item.state == "talking"
        ],
    }


def _in_turn(floor: Floor, now: float) -> list[tuple[Item, int]]:
    """Those a phone rings for, then who waits, in the order of serving: what is shown is what is matched.
    Each with its position among the waiting work of its queue (telling.position_of), or 0."""
    ringing: list[tuple[Rank, int]] = []
    waiting: list[tuple[Rank, int]] = []
    items, queues = floor.tables.items, floor.tables.queues
    terms = {name: (growth(queue.rule, now), queue.place) for name, queue in queues.items()}
    for item in items.values():
        if item.state == "offered":
            ringing.append((across(place_of(item.work, queues[item.queue].rule), *terms[item.queue]), 0))
    for name, lines in floor.index.lines.items():
        places = sorted(chain.from_iterable(line.work for line in lines.values()))
        waiting += [(across(place, *terms[name]), n) for n, place in enumerate(places, 1)]
    return [(items[rank[-1]], position) for rank, position in (*sorted(ringing), *sorted(waiting))]


def _queue(queue: Queue, figure: QueueFigures) -> dict[str, Any]:
    return {
        "name": queue.rule.name,
        "title": dict(queue.rule.title),
        "waiting": figure.waiting,
        "longest_wait_s": figure.longest_wait_s,
        "logged_in": figure.logged_in,
        "ready": figure.ready,
        "talking": queue.talking,
        "answered_today": queue.answered,
        "abandoned_today": queue.abandoned,
        "service_level": service_level(queue),
        "service_level_s": queue.rule.service_level_s,
        "tiers": [_tier(queue, tier) for tier in queue.rule.tiers],
    }


def _tier(queue: Queue, tier: str) -> dict[str, Any]:
    """The customers of a tier for whom the queue has a rule."""
    tally = queue.by_tier.get(tier, Tally())
    return {
        "tier": tier,
        "answered_today": tally.answered,
        "abandoned_today": tally.abandoned,
        "service_level": service_level(tally),
        "service_level_s": queue.rule.of(tier).service_level_s,
    }


def _waiting(item: Item, position: int, now: float) -> dict[str, Any]:
    """position: 0 while an agent's phone rings for it."""
    return {
        "interaction": item.id,
        "queue": item.queue,
        "priority": item.work.priority,
        "wait_s": seconds(item.work.waiting_since, now),
        "position": position,
        "agent": item.agent,
        "ani": "",
    }

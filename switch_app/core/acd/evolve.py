"""What each fact does to the floor. The same rules serve the floor itself and a draft of a decision.

A presence changes only by PresenceChanged, a piece of work only by the Work and Offer facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from .. import facts as f
from ..moments import seconds
from ..work import Work
from .state import MEMORY, NOT_THEIRS, Agent, Item, Queue, Tally

GAPS = 20  # answers that an estimate looks back on


class Changeable(Protocol):
    """Where facts are folded into. What `edit_` gives may be changed until the fact is folded in."""

    def edit_agent(self, agent: str) -> Agent: ...
    def edit_item(self, interaction: str) -> Item: ...
    def add_item(self, item: Item) -> None: ...
    def drop_item(self, interaction: str) -> None: ...
    def edit_queue(self, queue: str) -> Queue: ...
    def remember(self, customer: str, agent: str) -> None: ...
    def has_item(self, interaction: str) -> bool: ...


def apply(tables: Changeable, fact: Any, at: float) -> None:
    """Fold one fact in, of those that a draft may make; others mean nothing here."""
    rule = RULES.get(type(fact))
    if rule:
        rule(tables, fact, at)


def _presence(tables: Changeable, fact: f.PresenceChanged, at: float) -> None:
    agent = tables.edit_agent(fact.agent)
    was_idle = agent.available
    if fact.state in ("ready", "ready_once"):
        if not was_idle and agent.state != "offered":
            agent.idle_since = at
        agent.mode = fact.state
    if agent.state == "held":
        agent.hold_s = round(agent.hold_s + seconds(agent.since, at), 3)
    elif fact.state == "talking":
        agent.hold_s = 0.0
    if fact.state == "missed":
        agent.missed += fact.reason not in NOT_THEIRS
    elif fact.state == "talking" or (fact.by != "floor" and fact.state not in ("offered", "wrap_up")):
        agent.missed = 0
    if fact.state in ("ready", "ready_once", "not_ready", "logged_out"):
        agent.after = agent.after_reason = ""
    agent.state, agent.reason = fact.state, fact.reason
    agent.contact, agent.interaction = fact.contact, fact.interaction
    agent.since, agent.until = at, fact.until


def _planned(tables: Changeable, fact: f.PresencePlanned, at: float) -> None:
    agent = tables.edit_agent(fact.agent)
    agent.after, agent.after_reason = fact.state, fact.reason


def _queued(tables: Changeable, fact: f.WorkQueued, at: float) -> None:
    tables.edit_queue(fact.queue).holding += 1
    tables.add_item(Item(fact.work, fact.queue, fact.queue_entered_at, (fact.queue,)))


def _offered(tables: Changeable, fact: f.WorkOffered, at: float) -> None:
    item = tables.edit_item(fact.interaction)
    item.state, item.offer, item.agent, item.offered_at = "offered", fact.offer, fact.agent, at
    agent = tables.edit_agent(fact.agent)
    tables.edit_queue(fact.queue).turn = agent.profile.order, agent.id


def _accepted(tables: Changeable, fact: f.OfferAccepted, at: float) -> None:
    item = tables.edit_item(fact.interaction)
    at = fact.joined_at or at
    item.state, item.accepted_at = "talking", at
    agent = tables.edit_agent(fact.agent)
    agent.calls += 1
    queue = tables.edit_queue(item.queue)
    queue.holding -= 1
    queue.talking += 1
    _count(queue, item.work, "answered", "in_time", seconds(item.work.waiting_since, at))
    if queue.answered_at is not None and item.queue_entered_at <= queue.answered_at:
        queue.gaps = (*queue.gaps, seconds(queue.answered_at, at))[-GAPS:]
    queue.answered_at = at
    if item.work.customer:
        tables.remember(item.work.customer, fact.agent)


def _declined(tables: Changeable, fact: f.OfferDeclined, at: float) -> None:
    item = tables.edit_item(fact.interaction)
    item.state, item.offer, item.agent, item.offered_at = "waiting", "", "", 0.0


def _relaxed(tables: Changeable, fact: f.NeedsRelaxed, at: float) -> None:
    tables.edit_item(fact.interaction).step = fact.step


def _overflowed(tables: Changeable, fact: f.WorkOverflowed, at: float) -> None:
    tables.edit_queue(fact.from_queue).holding -= 1
    tables.edit_queue(fact.to_queue).holding += 1
    item = tables.edit_item(fact.interaction)
    item.queue, item.queue_entered_at, item.step = fact.to_queue, at, 0
    item.path = (*item.path, fact.to_queue)
    item.told, item.told_at = 0, None


def _told(tables: Changeable, fact: f.CallerTold, at: float) -> None:
    item = tables.edit_item(fact.interaction)
    item.told, item.told_at = fact.position, at


def _left(tables: Changeable, fact: f.WorkLeft, at: float) -> None:
    if not tables.has_item(fact.interaction):
        return
    queue = tables.edit_queue(fact.queue)
    queue.holding -= 1
    if fact.reason == "abandoned":
        _count(queue, tables.edit_item(fact.interaction).work, "abandoned", "early", fact.wait_s)
    tables.drop_item(fact.interaction)


def _count(queue: Queue, work: Work, what: str, within: str, wait_s: float) -> None:
    """One more of `what`, and of `within` if it came within the service level: in all, and of its tier."""
    in_time = wait_s <= queue.rule.of(work.tier).service_level_s
    setattr(queue, what, getattr(queue, what) + 1)
    setattr(queue, within, getattr(queue, within) + in_time)
    if work.tier:
        old = queue.by_tier.get(work.tier, Tally())
        more = {what: getattr(old, what) + 1, within: getattr(old, within) + in_time}
        queue.by_tier = {**queue.by_tier, work.tier: replace(old, **more)}


def _restored(tables: Changeable, fact: f.TalkRestored, at: float) -> None:
    tables.edit_queue(fact.queue).talking += 1
    item = Item(fact.work, fact.queue, fact.began_at, (fact.queue,), "talking")
    item.offer, item.agent, item.offered_at, item.accepted_at = (
        fact.offer,
        fact.agent,
        fact.began_at,
        fact.began_at,
    )
    tables.add_item(item)


def _completed(tables: Changeable, fact: f.WorkCompleted, at: float) -> None:
    tables.edit_queue(fact.queue).talking -= 1
    agent = tables.edit_agent(fact.agent)
    agent.talk_s = round(agent.talk_s + fact.talk_s + fact.hold_s, 3)
    tables.drop_item(fact.interaction)


RULES: dict[type, Callable[[Changeable, Any, float], None]] = {
    f.PresenceChanged: _presence,
    f.PresencePlanned: _planned,
    f.WorkQueued: _queued,
    f.WorkOffered: _offered,
    f.OfferAccepted: _accepted,
    f.OfferDeclined: _declined,
    f.NeedsRelaxed: _relaxed,
    f.WorkOverflowed: _overflowed,
    f.CallerTold: _told,
    f.WorkLeft: _left,
    f.TalkRestored: _restored,
    f.WorkCompleted: _completed,
}


def keep(memory: dict[str, str], customer: str, agent: str) -> None:
    """The newest last; the oldest goes when there are too many."""
    memory.pop(customer, None)
    memory[customer] = agent
    if len(memory) > MEMORY:
        del memory[next(iter(memory))]

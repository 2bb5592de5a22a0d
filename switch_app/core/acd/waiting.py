"""Work on the floor: arrival, relaxation, overflow, leaving, and the end without an agent."""

from __future__ import annotations

from dataclasses import replace

from .. import facts as f
from .. import signals as s
from ..moments import seconds
from ..work import QueueRule, Work
from .draft import Draft
from .index import needs_of
from .names import tell_timer, work_timer
from .needs import NeedsError, both
from .order import place_of
from .state import IN_TALK, Item, Queue


def arrive(draft: Draft, signal: s.WorkArrived) -> None:
    """New work, or work that its interaction queues again."""
    work = signal.work
    queue = draft.queue(work.queue)
    if queue is None or queue.retired:
        draft.fact(f.WorkLeft(work.interaction, work.queue, "no_queue", 0.0))
        draft.tell(work.interaction, s.QueueGaveUp("no_queue"))
        return
    if ignored := needs_ignored(queue.rule, work):
        draft.fact(ignored)
        work = replace(work, needs="")
    draft.fact(f.WorkQueued(work.interaction, work, work.queue, draft.now))
    item = draft.item(work.interaction)
    assert item
    _enter(draft, item)


def _enter(draft: Draft, item: Item) -> None:
    """The item has just come into a queue: may it join?"""
    queue = draft.queue_of(item)
    rule = queue.rule
    if rule.max_waiting and queue.holding > rule.max_waiting:
        pass_on(draft, item, "full")
    elif not rule.join_when_empty and is_empty(draft, item):
        pass_on(draft, item, "empty")
    else:
        if rule.announce_every_s > 0:
            draft.start_timer(tell_timer(item.id), draft.now + rule.announce_first_s)
        attend(draft, item)


def pass_on(draft: Draft, item: Item, reason: str) -> None:
    """To the overflow queue, once each, or back to the interaction. reason: timeout | empty | full ..."""
    rule = draft.queue_of(item).rule
    target = draft.queue(rule.overflow)
    joins = target and not target.retired and rule.overflow not in item.path
    if target and joins and not needs_ignored(target.rule, item.work):
        stop_clocks(draft, item)
        draft.fact(f.WorkOverflowed(item.id, item.queue, rule.overflow, reason))
        moved = draft.item(item.id)
        assert moved
        _enter(draft, moved)
        return
    leave(draft, item, reason)
    draft.tell(item.id, s.QueueGaveUp(reason, "" if target else rule.overflow))


def needs_ignored(rule: QueueRule, work: Work) -> f.NeedsIgnored | None:
    """That the work's needs can't be read, or are together with the queue's more than we index."""
    try:
        both(rule.needs, work.needs)
    except NeedsError as error:
        return f.NeedsIgnored(work.interaction, work.needs[:200], error.problem)
    return None


def leave(draft: Draft, item: Item, reason: str, left_at: float = 0.0) -> None:
    """The item, which waits, is no more of the floor, since left_at (0: now)."""
    stop_clocks(draft, item)
    wait_s = seconds(item.work.waiting_since, left_at or draft.now)
    draft.fact(f.WorkLeft(item.id, item.queue, reason, wait_s))


def attend(draft: Draft, item: Item, may_be_alone: bool = False) -> None:
    """Do what is due by now, and set the clock to what is due next."""
    queue = draft.queue_of(item)
    rule = queue.rule
    before = step = item.step
    while step < len(rule.relax) and item.queue_entered_at + rule.relax[step].after_s <= draft.now:
        step += 1
        draft.fact(f.NeedsRelaxed(item.id, item.queue, step, rule.relax[step - 1].needs))
    item = draft.item(item.id) or item
    if item.waiting:
        reason = _too_late(draft, item, queue, may_be_alone or step > before)
        if reason:
            pass_on(draft, item, reason)
            return
    due_at = next_due(item, rule)
    if due_at is not None:
        draft.start_timer(work_timer(item.id), due_at)


def _too_late(draft: Draft, item: Item, queue: Queue, may_be_alone: bool) -> str:
    """Why the item can't go on waiting here; "" when it can."""
    rule = queue.rule
    if queue.retired:
        return "no_queue"
    if rule.max_wait_s and item.queue_entered_at + rule.max_wait_s <= draft.now:
        return "timeout"
    if may_be_alone and rule.leave_when_empty and is_empty(draft, item):
        return "empty"
    return ""


def next_due(item: Item, rule: QueueRule) -> float | None:
    """The next relaxation step or the end of the longest wait; the latter waits for a ringing phone."""
    due: list[float] = []
    if item.state != "talking" and item.step < len(rule.relax):
        due.append(item.queue_entered_at + rule.relax[item.step].after_s)
    if item.waiting and rule.max_wait_s:
        due.append(item.queue_entered_at + rule.max_wait_s)
    return min(due, default=None)


def stop_clocks(draft: Draft, item: Item, rule: QueueRule | None = None) -> None:
    """Those that its queue's rule has started; `rule` where that is no longer in force."""
    rule = rule or draft.queue_of(item).rule
    if rule.relax or rule.max_wait_s:
        draft.stop_timer(work_timer(item.id))
    if rule.announce_every_s > 0:
        draft.stop_timer(tell_timer(item.id))


# --- empty queues ------------------------------------------------------------------------------------------
def absent_states(rule: QueueRule) -> tuple[str, ...]:
    """The states of an agent that count as not there. Who has a customer on hold is talking."""
    states = {"ringing": ("offered",), "talking": IN_TALK}
    return tuple(name for state in rule.empty_means for name in states.get(state, (state,)))


def is_empty(draft: Draft, item: Item) -> bool:
    """Nobody is there who could take it, now or after a later relaxation step."""
    queue = draft.queue_of(item)
    absent = absent_states(queue.rule)
    last = len(queue.rule.relax)
    steps = range(last, min(item.step, last) - 1, -1)  # a reload may have taken steps away
    return not any(draft.present(needs_of(item, queue, step), absent) for step in steps)


def leave_empty_queues(draft: Draft) -> None:
    """After presences have changed: work that nobody is there for goes on."""
    for queue in list(draft.floor.tables.queues.values()):
        if queue.rule.leave_when_empty and not queue.retired and _somebody_left(draft, queue.rule):
            for item in _alone(draft, queue):
                pass_on(draft, item, "empty")


def _somebody_left(draft: Draft, rule: QueueRule) -> bool:
    if draft.rebuilt:
        return True
    absent = ("logged_out", *absent_states(rule))
    return any(
        agent.state in absent and draft.floor.tables.agents[agent.id].state not in absent
        for agent in draft.agents.values()
    )


def _alone(draft: Draft, queue: Queue) -> list[Item]:
    """Waiting items for which the queue is empty, in order. Whole lines are ruled out at once."""
    rule = queue.rule
    absent = absent_states(rule)
    if rule.relax and draft.present(both(rule.needs, rule.relax[-1].needs), absent):
        return []
    found = []
    for line in draft.floor.index.lines.get(rule.name, {}).values():
        if not draft.present(line.crew.needs, absent):
            found += [draft.item(place[2]) for place in line.work if place[2] not in draft.items]
    found += [item for item in draft.items.values() if item and item.queue == rule.name]
    alone = [item for item in found if item and item.waiting and is_empty(draft, item)]
    return sorted(alone, key=lambda item: place_of(item.work, rule))

"""The timers that the floor's state implies: set again after a restart, due at once if late."""

from __future__ import annotations

from ..orders import StartTimer
from .names import agent_timer, tell_timer, work_timer
from .tables import Floor
from .waiting import next_due


def deadlines(floor: Floor) -> list[StartTimer]:
    timers = [
        StartTimer(agent_timer(agent.id), agent.until)
        for agent in floor.tables.agents.values()
        if agent.until is not None
    ]
    for item in floor.tables.items.values():
        if item.state == "talking":
            continue
        rule = floor.tables.queues[item.queue].rule
        due_at = next_due(item, rule)
        if due_at is not None:
            timers.append(StartTimer(work_timer(item.id), due_at))
        if rule.announce_every_s > 0:
            first_at = item.queue_entered_at + rule.announce_first_s
            next_at = first_at if item.told_at is None else item.told_at + rule.announce_every_s
            timers.append(StartTimer(tell_timer(item.id), next_at))
    return timers

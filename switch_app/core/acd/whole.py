"""Facts about everything: the queues, the roster, the day. Folded in as the difference that they make.

What did not change stays as it is, in the index too, so that the calls do not wait while a roster of
thousands is loaded for the sake of one skill. Records that change are replaced, never changed: a draft of a
decision shares the others with the floor.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from .. import facts as f
from ..work import AgentProfile, QueueRule
from .choice import orderings_of
from .index import Index
from .order import weight
from .state import LOGGED_OUT, Agent, Queue, Tables

BY_ORDER = ("ordered",)  # kinds of choice.Ordering, by what they sort by
BY_DAY = ("fewest-calls", "least-talk")


def fold_whole(tables: Tables, index: Index, fact: Any) -> None:
    """Fold in a fact about everything. The index is void if this raises."""
    tables.version += 1
    WHOLE[type(fact)](tables, index, fact)


# --- roster ------------------------------------------------------------------------------------------------
def _roster(tables: Tables, index: Index, fact: f.RosterChanged) -> None:
    """An agent who is not on it any more goes once logged out."""
    old, agents = dict(tables.agents), {}
    if any(_moved(old.get(profile.agent), profile) for profile in fact.agents):
        index.forget_ready(BY_ORDER)
    for profile in fact.agents:
        agents[profile.agent] = _with_profile(index, old.pop(profile.agent, None), profile)
    for name, agent in old.items():
        if agent.state == LOGGED_OUT:
            index.take_out_agent(agent)
            index.forget_agent(name)
        else:
            agents[name] = agent = agent.copied()
            agent.on_roster = False
    tables.agents = agents


def _moved(agent: Agent | None, profile: AgentProfile) -> bool:
    return agent is not None and agent.profile.order != profile.order


def _with_profile(index: Index, before: Agent | None, profile: AgentProfile) -> Agent:
    if before is None:
        agent = Agent(profile)
        index.put_in_agent(agent)
        return agent
    if before.on_roster and before.profile == profile:
        return before
    agent = before.copied()
    agent.profile, agent.on_roster = profile, True
    if before.profile.skills != profile.skills:
        index.take_out_agent(before)
        index.forget_agent(before.id)
        index.put_in_agent(agent)
    return agent


# --- queues ------------------------------------------------------------------------------------------------
def _queues(tables: Tables, index: Index, fact: f.QueuesConfigured) -> None:
    """A deleted queue stays, retired, while work of it is on the floor."""
    old = tables.queues
    queues = {rule.name: _with_rule(old.get(rule.name), rule, n) for n, rule in enumerate(fact.queues)}
    for name, queue in old.items():
        if name not in queues and (queue.holding or queue.talking):
            queues[name] = queue = copy(queue)
            queue.retired, queue.place = True, len(queues) - 1
    both = old.keys() & queues.keys()
    moved = {name for name in both if _line_up(old[name].rule) != _line_up(queues[name].rule)}
    items = [item for item in tables.items.values() if item.queue in moved]
    for item in items:
        index.take_out_item(item)
    tables.queues = queues
    index.keep_ready({ordering for queue in queues.values() for ordering in orderings_of(queue.rule)})
    for item in items:
        index.put_in_item(item)
    for name in old.keys() - queues.keys():
        index.forget_queue(name)


def _with_rule(before: Queue | None, rule: QueueRule, place: int) -> Queue:
    queue = copy(before) if before else Queue(rule, place)
    queue.rule, queue.place, queue.retired = rule, place, False
    return queue


def _line_up(rule: QueueRule) -> Any:
    """What the lines of a queue's work depend on (index.needs_of, order.place_of)."""
    return rule.needs, rule.relax, weight(rule)


# --- day ---------------------------------------------------------------------------------------------------
def _day(tables: Tables, index: Index, fact: f.DayBegan) -> None:
    tables.day = fact.date
    tables.agents = {name: _without_figures(agent) for name, agent in tables.agents.items()}
    tables.queues = {name: copy(queue) for name, queue in tables.queues.items()}
    for queue in tables.queues.values():
        queue.answered = queue.in_time = queue.abandoned = queue.early = 0
        queue.by_tier = {}
    index.forget_ready(BY_DAY)


def _without_figures(agent: Agent) -> Agent:
    if agent.calls or agent.talk_s:
        agent = agent.copied()
        agent.calls, agent.talk_s = 0, 0.0
    return agent


WHOLE: dict[type, Callable[[Tables, Index, Any], None]] = {
    f.QueuesConfigured: _queues,
    f.RosterChanged: _roster,
    f.DayBegan: _day,
}

"""The floor's state with its index, and the fold of facts into it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from .. import facts as f
from ..plain import from_plain as record_from_plain
from ..plain import to_plain as record_to_plain
from .evolve import apply, keep
from .index import Index
from .state import LOGGED_OUT, Agent, Item, Queue, Tables


class Floor:
    """Tables and index. Only `evolve` changes it (the index may gather a new crew on a read)."""

    def __init__(self, tables: Tables | None = None) -> None:
        self.tables = tables or Tables()
        self.index = Index(self.tables)
        self._agents: dict[str, Agent] = {}  # taken out of the index while a fact is folded in
        self._items: dict[str, Item] = {}

    # --- Changeable (evolve.py) ------------------------------------------------------------------------
    def edit_agent(self, agent: str) -> Agent:
        held = self._agents.get(agent)
        if held is None:
            held = self._agents[agent] = self.tables.agents[agent]
            self.index.take_out_agent(held)
        return held

    def edit_item(self, interaction: str) -> Item:
        held = self._items.get(interaction)
        if held is None:
            held = self._items[interaction] = self.tables.items[interaction]
            self.index.take_out_item(held)
        return held

    def add_item(self, item: Item) -> None:
        self.tables.items[item.id] = self._items[item.id] = item

    def drop_item(self, interaction: str) -> None:
        self.edit_item(interaction)
        del self._items[interaction], self.tables.items[interaction]

    def has_item(self, interaction: str) -> bool:
        return interaction in self.tables.items

    def edit_queue(self, queue: str) -> Queue:
        return self.tables.queues[queue]

    def remember(self, customer: str, agent: str) -> None:
        keep(self.tables.memory, customer, agent)

    def settle(self) -> None:
        """Put what was changed back into the index; forget agents who left the roster."""
        for agent in self._agents.values():
            if agent.state == LOGGED_OUT and not agent.on_roster:
                del self.tables.agents[agent.id]
                self.index.forget_agent(agent.id)
            else:
                self.index.put_in_agent(agent)
        for item in self._items.values():
            self.index.put_in_item(item)
        self._agents.clear()
        self._items.clear()


def evolve(floor: Floor, fact: Any, at: float) -> None:
    """Fold a fact in, in place. `at`: the moment of its turn."""
    if type(fact) in WHOLE:
        fold_whole(floor.tables, fact)
        floor.index = Index(floor.tables)
    else:
        floor.tables.version += 1
        try:
            apply(floor, fact, at)
        finally:
            floor.settle()


def fold_whole(tables: Tables, fact: Any) -> None:
    """Fold in a fact about everything; an index over these tables is void then."""
    tables.version += 1
    WHOLE[type(fact)](tables, fact)


def _configured(tables: Tables, fact: f.QueuesConfigured) -> None:
    """A deleted queue stays, retired, while work of it is on the floor."""
    old, tables.queues = tables.queues, {}
    for place, rule in enumerate(fact.queues):
        queue = old.pop(rule.name, None) or Queue(rule, place)
        queue.rule, queue.place, queue.retired = rule, place, False
        tables.queues[rule.name] = queue
    for name, queue in old.items():
        if queue.holding or queue.talking:
            queue.retired, queue.place = True, len(tables.queues)
            tables.queues[name] = queue


def _roster(tables: Tables, fact: f.RosterChanged) -> None:
    """An agent who is not on it any more goes once logged out."""
    old, tables.agents = tables.agents, {}
    for profile in fact.agents:
        agent = old.pop(profile.agent, None) or Agent(profile)
        agent.profile, agent.on_roster = profile, True
        tables.agents[profile.agent] = agent
    for name, agent in old.items():
        if agent.state != LOGGED_OUT:
            agent.on_roster = False
            tables.agents[name] = agent


def _day(tables: Tables, fact: f.DayBegan) -> None:
    tables.day = fact.date
    for agent in tables.agents.values():
        agent.calls, agent.talk_s = 0, 0.0
    for queue in tables.queues.values():
        queue.answered = queue.in_time = queue.abandoned = queue.early = 0
        queue.by_tier = {}


WHOLE: dict[type, Callable[[Tables, Any], None]] = {
    f.QueuesConfigured: _configured,
    f.RosterChanged: _roster,
    f.DayBegan: _day,
}


def copied(tables: Tables) -> Tables:
    """Tables that may be changed without changing these."""
    return replace(
        tables,
        queues={name: copy(queue) for name, queue in tables.queues.items()},
        agents={name: copy(agent) for name, agent in tables.agents.items()},
        items={name: copy(item) for name, item in tables.items.items()},
        memory=dict(tables.memory),
    )


def to_plain(floor: Floor) -> dict[str, Any]:
    """The snapshot: JSON-able, everything but the index."""
    return record_to_plain(floor.tables)


def from_plain(data: dict[str, Any]) -> Floor:
    """Restore a snapshot. Raises pydantic.ValidationError."""
    return Floor(record_from_plain(Tables, data))

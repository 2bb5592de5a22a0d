"""The floor's state with its index, and the fold of facts into it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..plain import from_plain as record_from_plain
from ..plain import to_plain as record_to_plain
from .evolve import apply, keep
from .index import Index
from .state import LOGGED_OUT, Agent, Item, Queue, Tables
from .whole import WHOLE, fold_whole


class Floor:
    """Tables and index. Only `evolve` changes it (the index may gather a new crew on a read)."""

    def __init__(self, tables: Tables | None = None, index: Index | None = None) -> None:
        self.tables = tables or Tables()
        self.index = index or Index(self.tables)
        self._agents: dict[str, Agent] = {}  # taken out of the index while a fact is folded in
        self._items: dict[str, Item] = {}

    def twin(self) -> Floor:
        """A floor that takes facts about everything (whole.py) without this one; they share the records."""
        tables = replace(self.tables)
        return Floor(tables, self.index.twin(tables))

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
        try:
            fold_whole(floor.tables, floor.index, fact)
        except Exception:
            floor.index = Index(floor.tables)
            raise
    else:
        floor.tables.version += 1
        try:
            apply(floor, fact, at)
        finally:
            floor.settle()


def to_plain(floor: Floor) -> dict[str, Any]:
    """The snapshot: JSON-able, everything but the index."""
    return record_to_plain(floor.tables)


def from_plain(data: dict[str, Any]) -> Floor:
    """Restore a snapshot. Raises pydantic.ValidationError."""
    return Floor(record_from_plain(Tables, data))

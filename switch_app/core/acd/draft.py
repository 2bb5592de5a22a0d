"""A decision in the making: the floor as it will be, laid over the floor as it is.

Facts are folded into copies, so that `decide` changes nothing; what the draft has changed is few,
and every look into the index passes over it and adds it again as it is now.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from .. import orders as o
from .. import signals as s
from ..decision import Decision
from .evolve import apply
from .needs import Needs
from .state import Agent, Item, Queue
from .tables import Floor
from .whole import fold_whole


class Draft:
    """`agents` and `items`: changed so far (an item that left is None). `floor`: before the signal."""

    def __init__(self, floor: Floor, now: float) -> None:
        self.floor, self.now = floor, now
        self.facts: list[Any] = []
        self.orders: list[Any] = []
        self.agents: dict[str, Agent] = {}
        self.items: dict[str, Item | None] = {}
        self.queues: dict[str, Queue] = {}
        self.memory: dict[str, str] = {}
        self._version = floor.tables.version
        self.rebuilt = False  # queues, roster or day changed: look at everything

    def decision(self) -> Decision:
        return Decision(self.facts, self.orders)

    def fact(self, *facts: Any) -> None:
        for fact in facts:
            self.facts.append(fact)
            apply(self, fact, self.now)

    def rebuild(self, fact: Any) -> None:
        """A fact about everything: goes into a copy of the floor, on which the draft goes on."""
        if self.agents or self.items:
            raise LookupError("a fact about everything comes first in its turn")
        if not self.rebuilt:
            self.floor, self.rebuilt = self.floor.twin(), True
        fold_whole(self.floor.tables, self.floor.index, fact)
        self.facts.append(fact)

    @property
    def version(self) -> int:
        """Facts on the stream so far, those of this draft too: ids derive from it."""
        return self._version + len(self.facts)

    # --- orders --------------------------------------------------------------------------------------------
    def tell(self, interaction: str, signal: Any) -> None:
        self.orders.append(o.ToInteraction(interaction, signal))

    def answer(self, asked: s.PresenceAsked, ok: bool, state: str, reason: str = "") -> None:
        if asked.interaction:
            self.tell(asked.interaction, s.PresenceAnswered(asked.ref, ok, state, reason))

    def start_timer(self, timer: str, due_at: float) -> None:
        self.orders.append(o.StartTimer(timer, due_at))

    def stop_timer(self, timer: str) -> None:
        self.orders.append(o.StopTimer(timer))

    # --- the floor as it will be ---------------------------------------------------------------------------
    def agent(self, agent: str) -> Agent | None:
        return self.agents.get(agent) or self.floor.tables.agents.get(agent)

    def item(self, interaction: str) -> Item | None:
        if interaction in self.items:
            return self.items[interaction]
        return self.floor.tables.items.get(interaction)

    def item_of(self, offer: str) -> Item | None:
        """The work that an offer of before this turn is about."""
        return self.item(self.floor.index.offers.get(offer, ""))

    def queue(self, queue: str) -> Queue | None:
        return self.queues.get(queue) or self.floor.tables.queues.get(queue)

    def queue_of(self, item: Item) -> Queue:
        queue = self.queue(item.queue)
        assert queue
        return queue

    def at_phone(self, contact: str) -> Agent | None:
        """Who is logged in at a phone."""
        for agent in self.agents.values():
            if agent.contact == contact and agent.state != "logged_out":
                return agent
        before = self.floor.index.contacts.get(contact, "")
        return None if before in self.agents else self.floor.tables.agents.get(before)

    def last_agent(self, customer: str) -> str:
        return self.memory.get(customer) or self.floor.tables.memory.get(customer, "")

    def present(self, needs: Needs, absent: tuple[str, ...]) -> int:
        """How many who meet `needs` are logged in and in none of the states `absent`."""
        crew = self.floor.index.crew(needs)
        count = crew.present(absent)
        for agent in self.agents.values():
            if needs.met_by(agent.profile.skills):
                before = self.floor.tables.agents[agent.id]
                count += _present(agent, absent) - _present(before, absent)
        return count

    # --- Changeable (evolve.py) ----------------------------------------------------------------------------
    def edit_agent(self, agent: str) -> Agent:
        found = self.agents.get(agent)
        if found is None:
            found = self.agents[agent] = self.floor.tables.agents[agent].copied()
        return found

    def edit_item(self, interaction: str) -> Item:
        if interaction not in self.items:
            self.items[interaction] = copy(self.floor.tables.items[interaction])
        found = self.items[interaction]
        assert found
        return found

    def add_item(self, item: Item) -> None:
        self.items[item.id] = item

    def drop_item(self, interaction: str) -> None:
        self.items[interaction] = None

    def has_item(self, interaction: str) -> bool:
        return self.item(interaction) is not None

    def edit_queue(self, queue: str) -> Queue:
        found = self.queues.get(queue)
        if found is None:
            found = self.queues[queue] = copy(self.floor.tables.queues[queue])
        return found

    def remember(self, customer: str, agent: str) -> None:
        self.memory[customer] = agent


def _present(agent: Agent, absent: tuple[str, ...]) -> int:
    return int(agent.state != "logged_out" and agent.state not in absent)

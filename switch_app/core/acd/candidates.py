"""Who can take a work now, and whom the queue's choice picks among them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from heapq import merge

from ..ids import derived_uuid
from .choice import Entry, entry_of, ordering_of
from .draft import Draft
from .index import needs_of
from .state import Agent, Item


class Candidates:
    """The ready agents who meet an item's needs, sorted for its queue's choice."""

    def __init__(self, draft: Draft, item: Item) -> None:
        self.draft, self.item = draft, item
        self.rule = draft.queue_of(item).rule.of(item.work.tier)
        self.needs = needs_of(item, draft.queue_of(item))
        ordering = ordering_of(self.rule)
        self.before = draft.floor.index.ready(draft.floor.index.crew(self.needs), ordering)
        self.changed = sorted(
            entry_of(ordering, agent, self.needs)
            for agent in draft.agents.values()
            if agent.available and self.needs.met_by(agent.profile.skills)
        )

    def first(self, after: Entry | None = None) -> Entry | None:
        """The first entry, or the first behind `after`."""
        at = bisect_right(self.before, after) if after else 0
        skip = self.draft.agents
        while at < len(self.before) and self.before[at][-1] in skip:
            at += 1
        found = self.before[at] if at < len(self.before) else None
        at = bisect_right(self.changed, after) if after else 0
        if at < len(self.changed) and (found is None or self.changed[at] < found):
            found = self.changed[at]
        return found

    def walk(self) -> Iterator[Entry]:
        """All entries in order."""
        skip = self.draft.agents
        return merge((entry for entry in self.before if entry[-1] not in skip), self.changed)

    def all(self) -> list[Entry]:
        return list(self.walk())

    def chosen(self) -> Agent | None:
        """The agent whom the queue's choice picks; None when nobody is ready."""
        first = self.first()
        if first is None:
            return None
        pick = first
        if self.rule.choice == "round-robin":
            pick = self.first(after=self.draft.queue_of(self.item).turn) or first
        elif self.rule.choice == "random":
            entries = self.all()
            seed = derived_uuid("random", self.draft.floor.tables.seed, self.draft.version, self.item.id)
            pick = entries[int(seed[:8], 16) % len(entries)]
        elif self.rule.choice == "last-agent-first" and self.item.work.customer:
            last = self.draft.agent(self.draft.last_agent(self.item.work.customer))
            if last and last.available and self.needs.met_by(last.profile.skills):
                return last
        return self.draft.agent(pick[-1])

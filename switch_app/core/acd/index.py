"""The index of the floor: lines of waiting work and crews of agents (crew.py), so that nothing is scanned.

An agent who becomes ready looks at the heads of the lines of its crews; work that arrives looks at
the head of one crew. The index is derived from the tables and never stored.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Container

from .choice import Entry, Ordering, entry_of, ordering_of
from .crew import Crew, Line
from .needs import Needs, NeedsError, both, parse
from .order import place_of, us
from .state import LOGGED_OUT, READY, Agent, Item, Queue, Tables

IDLE_CREWS = 64  # crews kept although nothing needs them now


class Index:
    """Kept up to date by take_out before, and put_in after, every change of an agent or an item."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.crews: dict[str, Crew] = {}
        self.crews_of: dict[str, list[Crew]] = {}  # agent -> the crews it belongs to, once asked for
        self.by_state: dict[str, list[tuple[float, str]]] = {}  # state -> (since, agent), sorted
        self.lines: dict[str, dict[str, Line]] = {}  # queue -> requirement -> line with work
        self.ages: dict[str, list[tuple[int, str]]] = {}  # queue -> (us since, item) not answered yet
        self.contacts: dict[str, str] = {}  # phone -> the agent logged in there
        self.offers: dict[str, str] = {}  # offer -> interaction
        for agent in tables.agents.values():
            self.put_in_agent(agent)
        for item in tables.items.values():
            self.put_in_item(item)

    # --- agents ------------------------------------------------------------------------------------------
    def crew(self, needs: Needs) -> Crew:
        """The crew of a requirement, gathered when it is asked for the first time."""
        crew = self.crews.get(needs.text)
        if crew is None:
            self._forget_idle_crews()
            crew = self.crews[needs.text] = Crew(needs)
            for agent in self.tables.agents.values():
                if needs.met_by(agent.profile.skills):
                    crew.states[agent.state] += 1
                    if agent.id in self.crews_of:
                        self.crews_of[agent.id].append(crew)
        return crew

    def crews_with(self, agent: Agent) -> list[Crew]:
        """The crews that an agent of the floor belongs to."""
        crews = self.crews_of.get(agent.id)
        if crews is None:
            skills = agent.profile.skills
            crews = [crew for crew in self.crews.values() if crew.needs.met_by(skills)]
            self.crews_of[agent.id] = crews
        return crews

    def ready(self, crew: Crew, ordering: Ordering) -> list[Entry]:
        """The ready agents of a crew, sorted for a choice."""
        entries = crew.ready.get(ordering)
        if entries is None:
            ready = (self.tables.agents[name] for state in READY for _, name in self.by_state.get(state, ()))
            entries = crew.ready[ordering] = sorted(
                entry_of(ordering, agent, crew.needs)
                for agent in ready
                if crew.needs.met_by(agent.profile.skills)
            )
        return entries

    def forget_ready(self, kinds: Container[str]) -> None:
        """What the choices of these kinds sort by has changed for many: sorted again when asked for."""
        for crew in self.crews.values():
            crew.ready = {each: entries for each, entries in crew.ready.items() if each[0] not in kinds}

    def keep_ready(self, orderings: Container[Ordering]) -> None:
        """Other choices are no queue's any more."""
        for crew in self.crews.values():
            crew.ready = {each: entries for each, entries in crew.ready.items() if each in orderings}

    def put_in_agent(self, agent: Agent) -> None:
        available = agent.available
        for crew in self.crews_with(agent):
            crew.states[agent.state] += 1
            if available:
                for ordering, entries in crew.ready.items():
                    insort(entries, entry_of(ordering, agent, crew.needs))
        insort(self.by_state.setdefault(agent.state, []), (agent.since, agent.id))
        if agent.state != LOGGED_OUT and agent.contact:
            self.contacts[agent.contact] = agent.id

    def take_out_agent(self, agent: Agent) -> None:
        available = agent.available
        for crew in self.crews_with(agent):
            crew.states[agent.state] -= 1
            if available:
                for ordering, entries in crew.ready.items():
                    _remove(entries, entry_of(ordering, agent, crew.needs))
        _remove(self.by_state[agent.state], (agent.since, agent.id))
        if self.contacts.get(agent.contact) == agent.id:
            del self.contacts[agent.contact]

    def forget_agent(self, agent: str) -> None:
        """After take_out: the agent, or its skills, are no more."""
        self.crews_of.pop(agent, None)

    # --- items -------------------------------------------------------------------------------------------
    def needs_of(self, item: Item, step: int | None = None) -> Needs:
        """What an agent must meet now, or at a relaxation step."""
        return needs_of(item, self.tables.queues[item.queue], step)

    def put_in_item(self, item: Item) -> None:
        if item.offer:
            self.offers[item.offer] = item.id
        if item.state == "talking":
            return
        queue = self.tables.queues[item.queue]
        insort(self.ages.setdefault(item.queue, []), (us(item.work.waiting_since), item.id))
        if item.waiting:
            crew = self.crew(self.needs_of(item))
            self.ready(crew, ordering_of(queue.rule.of(item.work.tier)))
            line = crew.lines.get(item.queue)
            if line is None:
                line = crew.lines[item.queue] = Line(item.queue, crew)
                self.lines.setdefault(item.queue, {})[crew.needs.text] = line
            insort(line.work, place_of(item.work, queue.rule))

    def take_out_item(self, item: Item) -> None:
        if item.offer:
            self.offers.pop(item.offer, None)
        if item.state == "talking":
            return
        _remove(self.ages[item.queue], (us(item.work.waiting_since), item.id))
        if item.waiting:
            text = self.needs_of(item).text
            line = self.lines[item.queue][text]
            _remove(line.work, place_of(item.work, self.tables.queues[item.queue].rule))
            if not line.work:
                del self.lines[item.queue][text]
                del line.crew.lines[item.queue]

    def forget_queue(self, queue: str) -> None:
        """A queue without work is no more."""
        self.lines.pop(queue, None)
        self.ages.pop(queue, None)

    def oldest(self, queue: str) -> float | None:
        """Since when the longest waiting item of a queue waits (offered ones too)."""
        ages = self.ages.get(queue)
        return ages[0][0] / 10**6 if ages else None

    # --- the whole ---------------------------------------------------------------------------------------
    def twin(self, tables: Tables) -> Index:
        """An index over `tables`, which are as these, that may be changed without changing this one."""
        twin = Index(Tables())
        twin.tables = tables
        twin.crews = {text: crew.twin() for text, crew in self.crews.items()}
        twin.by_state = {state: list(entries) for state, entries in self.by_state.items()}
        twin.lines = {
            queue: {text: twin.crews[text].lines[queue] for text in lines}
            for queue, lines in self.lines.items()
        }
        twin.ages = {queue: list(entries) for queue, entries in self.ages.items()}
        twin.contacts, twin.offers = dict(self.contacts), dict(self.offers)
        return twin

    def _forget_idle_crews(self) -> None:
        """Requirements come and go with the flows; those of nobody must not pile up."""
        idle = [text for text, crew in self.crews.items() if not crew.lines]
        if len(idle) < IDLE_CREWS * 2:
            return
        for text in idle[:-IDLE_CREWS]:
            del self.crews[text]
        for agent, crews in self.crews_of.items():
            self.crews_of[agent] = [crew for crew in crews if crew.needs.text in self.crews]


def needs_of(item: Item, queue: Queue, step: int | None = None) -> Needs:
    """The queue's own needs and the work's, or those of the relaxation step that has begun. The queue's alone
    where a reload has made both together more than we index."""
    relax = queue.rule.relax
    at = min(item.step if step is None else step, len(relax))
    try:
        return both(queue.rule.needs, relax[at - 1].needs if at else item.work.needs)
    except NeedsError:
        return parse(queue.rule.needs)


def _remove(entries: list, entry: tuple) -> None:  # type: ignore[type-arg]
    at = bisect_left(entries, entry)
    if at >= len(entries) or entries[at] != entry:
        raise LookupError(f"{entry} is not in the index")
    del entries[at]

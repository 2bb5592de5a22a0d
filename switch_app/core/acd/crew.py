"""What the index is made of. A *crew* is the agents who meet one requirement; a *line* is the waiting work
of one queue with one requirement, in serving order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .choice import Entry, Ordering
from .needs import Needs
from .order import Place
from .state import LOGGED_OUT


@dataclass(slots=True, eq=False)
class Crew:
    """The agents who meet `needs`: their count by state, and the ready ones sorted for each choice in use.
    Only lines with work in them are in `lines`."""

    needs: Needs
    states: Counter[str] = field(default_factory=Counter)
    ready: dict[Ordering, list[Entry]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)

    def present(self, absent: Iterable[str]) -> int:
        """How many of them are logged in and in none of the states `absent`."""
        states = self.states
        return sum(states.values()) - sum(states[state] for state in {LOGGED_OUT, *absent})

    def twin(self) -> Crew:
        """One that may be changed without changing this one; its lines too."""
        ready = {ordering: list(entries) for ordering, entries in self.ready.items()}
        twin = Crew(self.needs, Counter(self.states), ready)
        twin.lines = {queue: Line(queue, twin, list(line.work)) for queue, line in self.lines.items()}
        return twin


@dataclass(slots=True, eq=False)
class Line:
    """Waiting work of `queue`, sorted by its place."""

    queue: str
    crew: Crew
    work: list[Place] = field(default_factory=list)

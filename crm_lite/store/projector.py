"""The projector: the journal's facts into CRM rows, exactly once.

Rows and position are written in one transaction, so a crash loses both or neither; the feed asks for
`position` and goes on behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from . import bulk
from .database import Database
from .projections import interactions, recordings, timeline
from .tables import PROJECTED, Interaction, InteractionFact, ProjectorPosition, Recording

log = logging.getLogger(__name__)

NAME = "crm"
BATCH = 500
_ASKED = 50  # ids in one question: few enough parameters for every database
Rows = list[dict[str, Any]]


class Entry(Protocol):
    """A fact as the journal gives it. position goes up through all streams, with gaps."""

    @property
    def position(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> dict[str, Any]: ...


class Projector:
    """Folds entries into the tables of tables.PROJECTED. One at a time for each database."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def position(self) -> int:
        """The position of the last entry that is in the rows, 0 at the beginning."""
        return self.db.read(_position)

    def apply(self, entries: Iterable[Entry]) -> None:
        """Bring the rows up to these entries, in one transaction. Entries seen before are passed over."""
        self.db.write(_apply, list(entries))

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def rebuild(self, entries: Iterable[Entry]) -> int:
        """Drop all projected rows and make them again from the whole history. Returns the count of entries.

        In one transaction: half of it would be gone on behind by the feed, which does not read the archives.
        """
        return self.db.write(_rebuild, iter(entries))


def _position() -> int:
    row = ProjectorPosition.get_or_none(ProjectorPosition.name == NAME)
    return row.position if row else 0


def _clear() -> None:
    for table in (*PROJECTED, ProjectorPosition):
        table.delete().execute()


def _rebuild(entries: Iterator[Entry]) -> int:
    _clear()
    count = 0
    while batch := list(islice(entries, BATCH)):
        _apply(batch)
        count += len(batch)
    return count


def _apply(entries: list[Entry]) -> None:
    seen = _position()
    fresh = sorted((entry for entry in entries if entry.position > seen), key=lambda entry: entry.position)
    if not fresh:
        return
    about = [(timeline.interaction_of(entry.stream, entry.data), entry) for entry in fresh]
    about = [(interaction, entry) for interaction, entry in about if interaction]
    _write_interactions(about)
    bulk.insert(InteractionFact, _rows(timeline.line, about))
    bulk.insert(Recording, _rows(recordings.recording, about))
    row = {"name": NAME, "position": fresh[-1].position}
    ProjectorPosition.insert(row).on_conflict(
        conflict_target=[ProjectorPosition.name], update={"position": row["position"]}
    ).execute()


def _rows(project: Callable[..., dict[str, Any] | None], about: list[tuple[str, Entry]]) -> Rows:
    made = (_tried(entry, project, interaction, entry.position, entry.at, entry.kind, entry.data)
            for interaction, entry in about)  # fmt: skip
    return [row for row in made if row]


def _write_interactions(about: list[tuple[str, Entry]]) -> None:
    ids = list(dict.fromkeys(interaction for interaction, _ in about))
    known = {row["id"]: row for part in _parts(ids) for row in
             Interaction.select().where(Interaction.id.in_(part)).dicts()}  # fmt: skip
    fresh: dict[str, dict[str, Any]] = {}
    for interaction, entry in about:
        row = known.get(interaction) or fresh.get(interaction)
        if row is None:
            row = fresh[interaction] = interactions.opened(interaction, entry.at)
        changed = dict(row)  # so that a fact of a wrong shape changes nothing
        row |= _tried(entry, interactions.fold, changed, entry.kind, entry.at, entry.data) or {}
    bulk.put(Interaction, [*known.values(), *fresh.values()])


def _tried(entry: Entry, project: Callable[..., Any], *args: Any) -> Any:
    """A fact of an unknown shape must not stop all that follow: it is logged and stays on the timeline."""
    try:
        return project(*args)
    except (KeyError, TypeError, ValueError, AttributeError):
        log.exception("entry %d (%s) does not fit %s", entry.position, entry.kind, project.__name__)
        return None


def _parts(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _ASKED):
        yield items[start : start + _ASKED]

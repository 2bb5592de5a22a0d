"""Interactions with their timelines, in the form of `hotline interactions --json`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from peewee import JOIN, fn

from ..database import Database
from ..phone_numbers import digits_of, tail
from ..tables import Customer, Interaction, InteractionFact, Recording
from ..text import clean
from .spelt import spelt_as

EXACT = ("agent", "queue", "outcome", "direction", "channel", "flow", "customer_id", "disposition")
# What lists are sorted by -> its terms, upwards or downwards; who has nothing there is last both ways.
SORTS: Mapping[str, Callable[[bool], list[Any]]] = {
    "opened": lambda down: [_way(Interaction.opened_at, down), _way(Interaction.id, down)],
    "from": lambda down: [Interaction.ani == "", _way(Interaction.ani, down)],
    "to": lambda down: [_way(Interaction.dnis, down)],
    "customer": lambda down: [_way(Customer.placed, down)],
    "queue": lambda down: [Interaction.queue == "", _way(Interaction.queue, down)],
    "agent": lambda down: [_way(Interaction.agent, down)],
    "outcome": lambda down: [_way(Interaction.outcome, down)],
    "waited": lambda down: [_way(Interaction.wait_s, down)],
    "talked": lambda down: [_way(Interaction.talk_s, down)],
}
MORE = ("name", "disposition", "note")  # what lists show besides the keys of `hotline interactions`


def interactions(
    db: Database, limit: int = 20, filters: Mapping[str, Any] | None = None, offset: int = 0
) -> list[dict[str, Any]]:
    """The newest interactions that pass the filters, newest first, each with its facts.

    filters: those of EXACT by equality; `opened_from`, `opened_to` (epoch seconds, from <= opened < to);
    `without_direction`: all but those; `open`: True for those that are not closed; `customer`: a customer's
    number; `text`: an id or a customer's number, or part of a phone number, a name (also as it is spelt) or a
    note. A customer's number is found whole alone: C10003 is not C100030.
    Raises ValueError on an unknown filter.
    """
    return db.read(_interactions, limit, offset, filters or {}, True)


def interaction_rows(
    db: Database,
    limit: int = 50,
    filters: Mapping[str, Any] | None = None,
    offset: int = 0,
    sort: str = "-opened",
) -> list[dict[str, Any]]:
    """The same without facts, with `name`, `disposition` and `note`, for lists.

    sort: one of SORTS, with `-` before it downwards; among equals the newest is first. Raises ValueError.
    """
    return db.read(_interactions, limit, offset, filters or {}, False, sort)


def every_interaction(
    db: Database, filters: Mapping[str, Any] | None = None, block: int = 500
) -> Iterator[dict[str, Any]]:
    """All that pass the filters as interaction_rows gives them, read in blocks: however many there are,
    the database is never held for long. What begins meanwhile is not among them, and none comes twice."""
    last: tuple[float, str] | None = None
    while found := db.read(_block, filters or {}, last, block):
        yield from (row for _, row in found)
        last = found[-1][0]


def interaction(db: Database, id: str) -> dict[str, Any] | None:
    """One interaction with its facts, or None."""
    return db.read(_interaction, id)


def recordings_of(db: Database, id: str) -> list[dict[str, Any]]:
    """The recordings of an interaction, oldest first: [{position, path, what, duration_s, at}]."""
    return db.read(_recordings, id)


def interaction_page(db: Database, id: str) -> dict[str, Any] | None:
    """One interaction with its facts and with `name`, `disposition` and `note`, or None."""
    return db.read(_interaction, id, MORE)


def moment(at: float | None) -> str | None:
    """ISO 8601, UTC, milliseconds: 2026-11-23T01:30:00.250Z."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _interactions(
    limit: int, offset: int, filters: Mapping[str, Any], whole: bool, sort: str = "-opened"
) -> list[dict[str, Any]]:
    rows = list(_sorted(filters, sort).limit(max(0, limit)).offset(max(0, offset)))
    if not whole:
        return [_listed(row) for row in rows]
    facts = _facts([row.id for row in rows])
    return [_plain(row) | {"facts": facts[row.id]} for row in rows]


def _newest(filters: Mapping[str, Any]) -> Any:
    return _sorted(filters, "-opened")


def _sorted(filters: Mapping[str, Any], sort: str) -> Any:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise ValueError(f"interactions are not sorted by {sort!r}")
    query = Interaction.select()
    if name == "customer":
        query = query.join(Customer, JOIN.LEFT_OUTER, on=(Customer.id == Interaction.customer_id))
    for condition in _conditions(filters):
        query = query.where(condition)
    newest = () if name == "opened" else SORTS["opened"](True)
    return query.order_by(*SORTS[name](sort.startswith("-")), *newest)


def _way(column: Any, down: bool) -> Any:
    nulls = "LAST" if column.null or column is Customer.placed else None
    return column.desc(nulls=nulls) if down else column.asc(nulls=nulls)


def _block(
    filters: Mapping[str, Any], last: tuple[float, str] | None, size: int
) -> list[tuple[tuple[float, str], dict[str, Any]]]:
    query = _newest(filters)
    if last:
        same = (Interaction.opened_at == last[0]) & (Interaction.id < last[1])
        query = query.where((Interaction.opened_at < last[0]) | same)
    return [((row.opened_at, row.id), _listed(row)) for row in query.limit(size)]


def _listed(row: Interaction) -> dict[str, Any]:
    return _plain(row) | {key: getattr(row, key) for key in MORE}


def _interaction(id: str, more: tuple[str, ...] = ()) -> dict[str, Any] | None:
    row = Interaction.get_or_none(Interaction.id == clean(id))
    if row is None:
        return None
    return _plain(row) | {"facts": _facts([row.id])[row.id]} | {key: getattr(row, key) for key in more}


def _conditions(filters: Mapping[str, Any]) -> Iterable[Any]:
    for name, value in filters.items():
        if value is None or value == "":
            continue
        value = clean(value) if isinstance(value, str) else value
        if name in EXACT:
            yield getattr(Interaction, name) == value
        elif name == "opened_from":
            yield Interaction.opened_at >= float(value)
        elif name == "opened_to":
            yield Interaction.opened_at < float(value)
        elif name == "without_direction":
            yield Interaction.direction != str(value)
        elif name == "open":
            yield Interaction.closed_at.is_null(bool(value))
        elif name == "customer":
            numbered = Customer.select(Customer.id).where(Customer.number == str(value).upper())
            yield Interaction.customer_id.in_(numbered)
        elif name == "text":
            yield _contains(str(value))
        else:
            raise ValueError(f"unknown filter {name!r}")


def _contains(text: str) -> Any:
    columns = (Interaction.ani, Interaction.dnis, Interaction.name, Interaction.customer_name)
    columns += (Interaction.note,)
    found = (Interaction.id == text) | (fn.UPPER(Interaction.customer_number) == text.upper())
    for column in columns:
        found |= column.contains(text)
    if (spelt := spelt_as(text)) is not None:
        found |= Interaction.customer_id.in_(Customer.select(Customer.id).where(spelt))
    for digits in {digits_of(text), tail(text) if digits_of(text) else ""} - {"", text}:
        found |= Interaction.ani.contains(digits)  # a trunk may write +86 120 ... as 0120 ...
    return found


def _facts(ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    facts: dict[str, list[dict[str, Any]]] = {id: [] for id in ids}
    rows = InteractionFact.select().where(InteractionFact.interaction.in_(ids))
    for row in rows.order_by(InteractionFact.position):
        facts[row.interaction].append({"kind": row.kind, "at": moment(row.at), "data": row.data})
    return facts


def _customer(row: Interaction) -> dict[str, Any] | None:
    if row.customer_id is None:
        return None
    known = {"number": row.customer_number, "name": row.customer_name, "tier": row.customer_tier}
    return {"id": row.customer_id} | known


def _plain(row: Interaction) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "direction": row.direction,
        "from": row.ani,
        "to": row.dnis,
        "customer": _customer(row),
        "language": row.language,
        "flow": row.flow,
        "flow_version": row.flow_version,
        "queue": row.queue or None,
        "agent": row.agent,
        "outcome": row.outcome,
        "opened_at": moment(row.opened_at),
        "closed_at": moment(row.closed_at),
        "wait_s": round(row.wait_s, 3),
        "talk_s": round(row.talk_s, 3),
        "hold_s": round(row.hold_s, 3),
        "recording": row.recording,
    }


def _recordings(id: str) -> list[dict[str, Any]]:
    columns = (Recording.position, Recording.path, Recording.what, Recording.duration_s, Recording.at)
    query = Recording.select(*columns).where(Recording.interaction == id)
    return list(query.order_by(Recording.position).dicts())

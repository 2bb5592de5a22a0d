"""Many rows by few statements whose text is made once.

Peewee makes a statement's text anew each time, which costs several times what its rows cost. Here it
makes it for a few numbers of rows, and only the values change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import peewee

_SIZES = (32, 8, 2, 1)  # rows of a statement: few texts, and few enough parameters for every database


def insert(table: type[peewee.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are not there yet. Each has all columns, by field name."""
    _write(table, rows, False)


def put(table: type[peewee.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or change those whose primary key is there."""
    _write(table, rows, True)


def _write(table: type[peewee.Model], rows: Sequence[dict[str, Any]], changes: bool) -> None:
    database = table._meta.database
    fields = table._meta.sorted_fields
    for part in _parts(rows):
        values = [field.db_value(row[field.name]) for row in part for field in fields]
        database.execute_sql(_text(table, type(database), len(part), changes), values)


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    start = 0
    while start < len(rows):
        size = next(size for size in _SIZES if size <= len(rows) - start)
        yield rows[start : start + size]
        start += size


@cache
def _text(table: type[peewee.Model], engine: type[peewee.Database], rows: int, changes: bool) -> str:
    """The statement in the engine's own words. `table` is bound to a database of that engine."""
    fields = table._meta.sorted_fields
    query = table.insert_many([(None,) * len(fields)] * rows, fields=fields)
    if changes:
        key = table._meta.primary_key
        update = {field: getattr(peewee.EXCLUDED, field.column_name) for field in fields if field is not key}
        query = query.on_conflict(conflict_target=[key], update=update)
    text: str = query.sql()[0]
    return text

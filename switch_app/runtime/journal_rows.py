"""What the journal's file is made of: its tables, the rows of a turn, and the statements that write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (       -- what happened, in order; never changed
    position INTEGER PRIMARY KEY,
    stream   TEXT NOT NULL,                -- interaction:<id> | floor
    version  INTEGER NOT NULL,             -- of the stream, counting facts only; 0 for others
    at       REAL NOT NULL,                -- epoch seconds, UTC
    what     TEXT NOT NULL,                -- signal | fact | order
    kind     TEXT NOT NULL,                -- class name of the record
    data     TEXT NOT NULL                 -- JSON
);
-- one writer at a time for each stream: the last guard
CREATE UNIQUE INDEX IF NOT EXISTS one_history ON entries (stream, version) WHERE what = 'fact';
CREATE TABLE IF NOT EXISTS open_streams (stream TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS opening AFTER INSERT ON entries
    WHEN new.what = 'fact' AND new.kind = 'InteractionOpened'
    BEGIN INSERT OR IGNORE INTO open_streams VALUES (new.stream); END;
CREATE TRIGGER IF NOT EXISTS closing AFTER INSERT ON entries
    WHEN new.what = 'fact' AND new.kind = 'InteractionClosed'
    BEGIN DELETE FROM open_streams WHERE stream = new.stream; END;
CREATE TABLE IF NOT EXISTS snapshots (stream TEXT PRIMARY KEY, version INTEGER NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS texts (hash TEXT PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL);
"""
ROWS_AT_ONCE = 100  # in one statement; each number of rows is a statement of its own in SQLite's cache

Row = tuple[str, int, float, str, str, str]  # stream version at what kind data


@dataclass(slots=True)
class Batch:
    """Rows that are committed together, and what to do then (on the hub)."""

    rows: list[Row] = field(default_factory=list)
    then: Callable[[], None] | None = None
    snapshot: tuple[str, int, str] | None = None
    text: tuple[str, str, str] | None = None
    counted: bool = True  # appended, and so waited for


def statements_of(batches: list[Batch]) -> Iterator[tuple[str, Sequence[Any]]]:
    """SQL and values, as few as can be; together they are one transaction."""
    rows = [row for batch in batches for row in batch.rows]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        yield _insert(len(part)), [value for row in part for value in row]
    for batch in batches:
        if batch.snapshot:
            yield "INSERT OR REPLACE INTO snapshots VALUES (?,?,?)", batch.snapshot
        if batch.text:
            yield "INSERT OR IGNORE INTO texts VALUES (?,?,?)", batch.text


@cache
def _insert(rows: int) -> str:
    values = ",".join(["(?,?,?,?,?,?)"] * rows)
    return f"INSERT INTO entries (stream, version, at, what, kind, data) VALUES {values}"

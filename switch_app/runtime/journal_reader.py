"""Reading the journal: facts, open streams, snapshots and texts, over a connection of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact as stored; `data` is plain (core.plain)."""

    position: int
    stream: str
    version: int
    at: float
    kind: str
    data: dict[str, Any]


class JournalReader:
    """Reads committed entries of a journal file; one connection, one thread."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)

    def facts_after(self, position: int, limit: int = 500) -> list[Entry]:
        """Facts behind a position, oldest first."""
        return list(self._facts("position > ? ORDER BY position LIMIT ?", (position, limit)))

    def facts_of(self, stream: str, after_version: int = 0) -> Iterator[Entry]:
        """One stream's facts, oldest first."""
        return self._facts("stream = ? AND version > ? ORDER BY version", (stream, after_version))

    def _facts(self, where: str, values: tuple[Any, ...]) -> Iterator[Entry]:
        sql = f"SELECT position, stream, version, at, kind, data FROM entries WHERE what = 'fact' AND {where}"
        for position, stream, version, at, kind, data in self._db.execute(sql, values):
            yield Entry(position, stream, version, at, kind, orjson.loads(data))

    def open_streams(self) -> list[str]:
        """Streams of interactions that are not closed."""
        return [stream for (stream,) in self._db.execute("SELECT stream FROM open_streams ORDER BY stream")]

    def closed_lately(self, entries: int) -> list[str]:
        """Streams of interactions that were closed in the newest so many entries."""
        sql = """SELECT stream FROM entries WHERE what = 'fact' AND kind = 'InteractionClosed'
            AND position > (SELECT ifnull(max(position), 0) FROM entries) - ?"""
        return [stream for (stream,) in self._db.execute(sql, (entries,))]

    def snapshot(self, stream: str) -> tuple[int, str] | None:
        """(version, JSON) of the last snapshot."""
        sql = "SELECT version, data FROM snapshots WHERE stream = ?"
        row: tuple[int, str] | None = self._db.execute(sql, (stream,)).fetchone()
        return row

    def last_at(self) -> float:
        """When the newest entry was made; 0.0 of an empty journal."""
        row = self._db.execute("SELECT at FROM entries ORDER BY position DESC LIMIT 1").fetchone()
        return float(row[0]) if row else 0.0

    def texts(self, kind: str) -> dict[str, str]:
        """hash -> text, of flow versions or prompt manifests."""
        return dict(self._db.execute("SELECT hash, text FROM texts WHERE kind = ?", (kind,)))

    def last(self) -> Entry | None:
        """The newest fact."""
        for entry in self._facts("1 ORDER BY position DESC LIMIT 1", ()):
            return entry
        return None

    def figures(self) -> dict[str, Any]:
        """entries, open (interactions); oldest and newest: position and moment, None when there are none."""
        ends = (
            self._db.execute(f"SELECT position, at FROM entries ORDER BY position {way} LIMIT 1").fetchone()
            for way in ("ASC", "DESC")
        )
        oldest, newest = ({"position": end[0], "at": end[1]} if end else None for end in ends)
        entries: int = self._db.execute("SELECT count(*) FROM entries").fetchone()[0]
        return {"entries": entries, "open": len(self.open_streams()), "oldest": oldest, "newest": newest}

    def close(self) -> None:
        self._db.close()

"""What is long over leaves the journal for a compressed file: one JSON line for each entry.

An interaction leaves whole: closed, nothing said of it since, neither in its own stream nor by the floor,
and all of it in the CRM's rows. The floor's entries leave where a snapshot holds what came of them and they
tell of no interaction that stays. The newest entry always stays, because positions go on behind it. What
is in the journal and the archives together is what was in the journal before.
"""

from __future__ import annotations

import gzip
import heapq
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from .journal_reader import Entry, JournalReader

FILES = "*.jsonl.gz"
BLOCK = 1000
CHOOSE = """
CREATE TEMP TABLE leaving_streams AS
    SELECT stream FROM entries WHERE stream LIKE 'interaction:%' GROUP BY stream
    HAVING max(at) < :before AND max(position) <= :through AND max(position) < :newest
       AND max(what = 'fact' AND kind = 'InteractionClosed');
DELETE FROM leaving_streams WHERE stream IN (SELECT stream FROM open_streams)
    OR stream IN (SELECT 'interaction:' || json_extract(data, '$.interaction') FROM entries
                  WHERE stream = 'floor' AND what = 'fact'
                    AND (at >= :before OR position > :through OR position = :newest OR version > :held));
CREATE TEMP TABLE staying_streams AS
    SELECT DISTINCT stream FROM entries
    WHERE stream LIKE 'interaction:%' AND stream NOT IN (SELECT stream FROM leaving_streams);
CREATE TEMP TABLE leaving AS
    SELECT position FROM entries WHERE stream IN (SELECT stream FROM leaving_streams)
    UNION
    SELECT position FROM entries
    WHERE stream = 'floor' AND at < :before AND position <= :through AND position < :newest
      AND (what <> 'fact' OR (version <= :held
           AND 'interaction:' || ifnull(json_extract(data, '$.interaction'), '')
               NOT IN (SELECT stream FROM staying_streams)));
"""
TAKE = """
SELECT position, stream, version, at, what, kind, data
FROM entries JOIN leaving USING (position) ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class Archived:
    """What has left. file: None when nothing did."""

    file: Path | None
    interactions: int
    entries: int


def archive(journal: Path, folder: Path, before: float, through: int) -> Archived:
    """Take what was over before that moment out of the journal into a file in `folder`.

    through: the last position that the CRM's rows have. To be called while nobody writes. Raises OSError,
    sqlite3.Error: then nothing has left the journal. A crash may leave entries in both, which does no harm.
    """
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            interactions, entries = _choose(db, before, through)
            file = _keep(db, folder) if entries else None
            if file:
                _forget(db)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
        with suppress(sqlite3.Error):  # it wants the room of a second file; without it the room is used again
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Archived(file, interactions, entries)


def history(reader: JournalReader, folder: Path) -> Iterator[Entry]:
    """All facts of the archives and the journal, oldest first, each once."""
    seen = 0
    parts = [_facts_in(file) for file in sorted(folder.glob(FILES))]
    for entry in heapq.merge(*parts, _facts_of(reader), key=lambda entry: entry.position):
        if entry.position > seen:
            seen = entry.position
            yield entry


def damaged(folder: Path) -> Path | None:
    """The first archive that cannot be read to its end."""
    for file in sorted(folder.glob(FILES)):
        try:
            for _ in _lines_in(file):
                pass
        except (OSError, EOFError, zlib.error):
            return file
    return None


def _choose(db: sqlite3.Connection, before: float, through: int) -> tuple[int, int]:
    newest = db.execute("SELECT max(position) FROM entries").fetchone()[0] or 0
    snapshot = db.execute("SELECT version FROM snapshots WHERE stream = 'floor'").fetchone()
    values = {"before": before, "through": through, "newest": newest, "held": snapshot[0] if snapshot else 0}
    for statement in CHOOSE.split(";")[:-1]:
        db.execute(statement, values)
    interactions: int = db.execute("SELECT count(*) FROM leaving_streams").fetchone()[0]
    entries: int = db.execute("SELECT count(*) FROM leaving").fetchone()[0]
    return interactions, entries


def _keep(db: sqlite3.Connection, folder: Path) -> Path:
    """Write the file whole, for its owner's eyes alone, and see that it can be read again."""
    folder.mkdir(mode=0o700, exist_ok=True)
    first, last, count = db.execute("SELECT min(position), max(position), count(*) FROM leaving").fetchone()
    file = folder / f"journal-{first}-{last}.jsonl.gz"
    new = file.with_suffix(".new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as packed:
                for row in db.execute(TAKE):
                    packed.write(_line(*row).encode("utf-8", "surrogatepass"))
            raw.flush()
            os.fsync(raw.fileno())
        if sum(1 for _ in _lines_in(new)) != count:
            raise OSError(f"{new} cannot be read again as it was written")
        os.replace(new, file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    _settle(folder)
    return file


def _forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM entries WHERE position IN (SELECT position FROM leaving)")


def _settle(folder: Path) -> None:
    """The file's name is on the disk before its entries leave the journal."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(position: int, stream: str, version: int, at: float, what: str, kind: str, data: str) -> str:
    """`data` stands in it as the journal had it."""
    head = {"position": position, "stream": stream, "version": version, "at": at, "what": what, "kind": kind}
    return f'{json.dumps(head)[:-1]}, "data": {data}}}\n'


def _lines_in(file: Path) -> Iterator[bytes]:
    with gzip.open(file, "rb") as packed:
        yield from packed


def _facts_in(file: Path) -> Iterator[Entry]:
    for line in _lines_in(file):
        found = orjson.loads(line)
        if found.pop("what") == "fact":
            yield Entry(**found)


def _facts_of(reader: JournalReader) -> Iterator[Entry]:
    position = 0
    while entries := reader.facts_after(position, BLOCK):
        yield from entries
        position = entries[-1].position

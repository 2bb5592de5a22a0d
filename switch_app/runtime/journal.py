"""The journal: the append-only log and the one commit point, in a SQLite file of the call server's own.

One writer thread takes batches from a queue and commits everything that has gathered (group
commit); when a batch is safe, its callback runs on the gevent hub, in the order of the batches.
When the disk refuses, batches are kept in memory and tried again: routing goes on, `alarm` says so.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from _queue import Empty, SimpleQueue  # the C queue: blocks a native thread, whatever gevent does
from collections import deque
from collections.abc import Callable
from pathlib import Path

import gevent
from gevent.event import Event
from gevent.threadpool import ThreadPool

from .checkpoints import LIMIT_PAGES, Checkpoints
from .journal_reader import Entry as Entry
from .journal_reader import JournalReader
from .journal_rows import ROWS_AT_ONCE, SCHEMA, statements_of
from .journal_rows import Batch as Batch
from .journal_rows import Row as Row
from .way import Way

log = logging.getLogger(__name__)

GATHER_IN_MS = 1000
RETRY_S = 1.0  # until the disk is tried again, when nothing new comes
KEEP_WHEN_FULL = 200_000  # entries that wait in memory for a disk that refuses
UNFIT = (  # it is the batch and not the disk: trying again would hold up all that follow
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    ValueError,  # text that is not Unicode
    OverflowError,
)


class Journal:
    """Open with `Journal(path)`, `start()`; `append` never blocks; `close()` flushes."""

    def __init__(self, path: Path, full_sync: bool = False) -> None:
        self.path = path
        self.alarm = ""  # why the disk refuses, "" when all is well
        self.lost = 0  # entries that had to be dropped
        self.closed = False
        self._full_sync = full_sync
        self._in: SimpleQueue[Batch | None] = SimpleQueue()
        self._done: deque[Batch] = deque()
        self._wake = Event()
        self._way: Way | None = None
        self._pool = ThreadPool(1)
        self._after_commit: list[Callable[[], None]] = []
        self._when_well: list[Callable[[], None]] = []
        self._checkpoints = Checkpoints(path)
        self._db = self._connect()
        with self._db:
            self._db.executescript(SCHEMA)
        self._file = _identity(path)

    def _connect(self) -> sqlite3.Connection:
        with contextlib.suppress(OSError):  # a new one is its owner's alone (-wal and -shm follow it)
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        db = sqlite3.connect(
            self.path, check_same_thread=False, isolation_level=None, cached_statements=2 * ROWS_AT_ONCE
        )
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA wal_autocheckpoint={LIMIT_PAGES}")
        db.execute(f"PRAGMA synchronous={'FULL' if self._full_sync else 'NORMAL'}")
        return db

    def go_on_behind(self, seen: int) -> int:
        """Before `start`: let positions go on behind the last one that somebody has seen. Returns how many
        are skipped, 0 when the journal has them all. A power cut may take from it what the CRM has kept."""
        newest: int = self._db.execute("SELECT ifnull(max(position), 0) FROM entries").fetchone()[0]
        if newest >= seen:
            return 0
        told = f'{{"after": {newest:d}, "through": {seen:d}}}'
        row = (seen, "journal", 0, time.time(), "signal", "PositionsLost", told)
        self._db.execute("INSERT INTO entries VALUES (?,?,?,?,?,?,?)", row)
        return seen - newest

    # --- writing ----------------------------------------------------------------------------------
    def start(self) -> None:
        """Begin to take batches. `append` before it only queues."""
        self._async = gevent.get_hub().loop.async_()
        self._async.start(self._wake.set)
        self._way = Way()
        for _ in range(self._in.qsize()):
            self._way.wait()
        self._checkpoints.start()
        self._writer = self._pool.spawn(self._write_for_ever)
        self._carrier = gevent.spawn(self._carry)

    def append(self, batch: Batch) -> None:
        """Queue a batch; its `then` runs on the hub once the batch is on disk."""
        self._in.put(batch)
        if self._way:
            self._way.wait()

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call (in the writer's thread) after each commit: the projector's nudge."""
        self._after_commit.append(call)

    def on_well(self, call: Callable[[], None]) -> None:
        """Call (on the hub) when a disk that refused takes entries again."""
        self._when_well.append(call)

    def _tell_well(self) -> None:
        for call in self._when_well:
            call()

    def close(self) -> None:
        """Write what is queued, run what waits for it, leave one whole file."""
        self._in.put(None)
        self._writer.get()
        while self._done:
            self._run_one()
        self._carrier.kill()
        if self._way:
            self._way.close()
            self._way = None
        self._async.stop()
        self._async.close()
        self._db.close()
        self._pool.kill()
        self.closed = True

    def _write_for_ever(self) -> None:
        running = True
        held: list[Batch] = []
        while running:
            batches = self._next(RETRY_S if held else None)
            if None in batches:
                running = False
            fresh = [batch for batch in batches if batch is not None]
            held = self._commit(held, fresh)
            self._done.extend(fresh)
            self._async.send()
            for call in self._after_commit:
                call()
        if held:
            self.lost += (rows := sum(len(batch.rows) for batch in held))
            log.error("journal: %d entries are lost at the end: %s", rows, self.alarm)
        self._checkpoints.stop()
        self._gather_in()

    def _next(self, wait_s: float | None) -> list[Batch | None]:
        """All that has come; nothing after `wait_s` in which nothing came."""
        try:
            batches = [self._in.get(timeout=wait_s)]
        except Empty:
            return []
        while not self._in.empty():
            batches.append(self._in.get())
        return batches

    def _gather_in(self) -> None:
        """Bring the write-ahead log into the file, so that a copy of it alone is whole. Readers may be open;
        one that is in the middle of reading is waited for that long, and then keeps the log."""
        with contextlib.suppress(sqlite3.Error):  # e.g. a full disk: the log stays, and nothing is lost
            self._db.execute(f"PRAGMA busy_timeout={GATHER_IN_MS}")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _commit(self, held: list[Batch], fresh: list[Batch]) -> list[Batch]:
        """Write held and fresh batches; the batches that the disk refused."""
        batches = held + fresh
        try:
            self._write(batches)
        except UNFIT:
            return self._commit_singly(batches)
        except sqlite3.Error as refusal:
            return self._hold(batches, refusal)
        if self.alarm:
            log.warning("journal: the disk takes entries again")
            self.alarm = ""
            self._done.append(Batch(then=self._tell_well, counted=False))
        return []

    def _commit_singly(self, batches: list[Batch]) -> list[Batch]:
        """A batch is unfit, a bug: a second history, which the guard refuses, or what is no text or number.
        It is lost, and no other with it."""
        self._db.rollback()
        for number, batch in enumerate(batches):
            try:
                self._write([batch])
            except UNFIT as refusal:
                self._db.rollback()
                log.error("journal: %d rows of %s are lost: %s", len(batch.rows), batch.rows[0][0], refusal)
                self.alarm = str(refusal)
                self.lost += len(batch.rows)
            except sqlite3.Error as refusal:
                return self._hold(batches[number:], refusal)
        return []

    def _hold(self, batches: list[Batch], refusal: sqlite3.Error) -> list[Batch]:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        if not self.alarm:
            log.error("journal cannot be written, routing goes on in memory: %s", refusal)
        self.alarm = str(refusal)
        size = sum(len(batch.rows) for batch in batches)
        while batches and size > KEEP_WHEN_FULL:
            dropped = batches.pop(0)
            size -= len(dropped.rows)
            self.lost += len(dropped.rows)
        return batches

    def _write(self, batches: list[Batch]) -> None:
        """One transaction, in as few statements as can be: the hub and this thread hand the interpreter's
        lock to and fro at each of them, which costs more than the rows."""
        statements = list(statements_of(batches))
        self._checkpoints.written(sum(len(batch.rows) for batch in batches))
        if len(statements) == 1:
            self._db.execute(*statements[0])  # a transaction by itself
            return
        self._db.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            self._db.execute(sql, values)
        self._db.execute("COMMIT")

    def _carry(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._done:
                self._run_one()

    def _run_one(self) -> None:
        batch = self._done.popleft()
        if self._way and batch.counted:
            self._way.over()
        if batch.then is None:
            return
        try:
            batch.then()
        except Exception:
            log.exception("orders after a commit failed")

    def displaced(self) -> str:
        """Why what is written can't be found under the path, with the remedy; "" when it can."""
        if _identity(self.path) == self._file:
            return ""
        return (
            f"{self.path} is not the file that is written: it was moved, deleted or replaced. "
            "Remedy: put it back, and start again"
        )

    def limit_pages(self, pages: int) -> int:
        """The most pages that the file may have (0: only ask); the pages it has. For tests of a full disk."""
        if pages:
            self._db.execute(f"PRAGMA max_page_count = {pages:d}")
        count: int = self._db.execute("PRAGMA page_count").fetchone()[0]
        return count

    # --- reading (own connections: readers never wait for the writer) ----------------------------------
    def reader(self) -> JournalReader:
        """A reader with its own connection, for one thread."""
        return JournalReader(self.path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

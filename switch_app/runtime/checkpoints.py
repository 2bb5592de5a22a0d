"""The journal's write-ahead log goes into its file beside the commits, not inside one.

SQLite would do it in the commit that reaches wal_autocheckpoint pages, and every turn behind that one would
wait for two fsyncs (https://www.sqlite.org/wal.html, 3.3 and 6: a passive checkpoint holds no writer up).
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

AFTER_ROWS = 20_000
LIMIT_PAGES = 20_000  # the writer itself does it then: the log never grows without bound


class Checkpoints:
    """`written(rows)` after each commit; a native thread of its own does the work. Ends with `stop`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = 0
        self._due = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def written(self, rows: int) -> None:
        """By the writer's thread."""
        self._rows += rows
        if self._rows >= AFTER_ROWS:
            self._rows = 0
            self._due.set()

    def stop(self) -> None:
        """Wait for the one that is under way."""
        self._stopping = True
        self._due.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._stopping:
                return
            try:
                with closing(sqlite3.connect(self._path, isolation_level=None)) as db:
                    db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            except sqlite3.Error as refusal:  # a full disk: the log holds all, the next one tries again
                log.warning("journal: the write-ahead log stays as it is for now: %s", refusal)

"""The projector's feed: from the journal to the CRM's rows, in a native thread of its own.

Behind by a moment in normal times, by as long as it takes when the database is away; the calls never
wait for it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from .journal import Journal
from .journal_reader import Entry

log = logging.getLogger(__name__)

BATCH = 500
NUDGE_S = 0.5  # looked at without a nudge too
GATHER_S = 0.03  # the facts of a moment go in one transaction,
EVERY_S = 0.3  # and those of so long when there are many: a transaction costs as much as many rows
AWAY_S = 1.0  # between tries when the database is away


class Rows(Protocol):
    def position(self) -> int: ...
    def apply(self, entries: list[Entry]) -> None: ...
    def close(self) -> None: ...


class Feed:
    """`open_rows` is called in the feed's thread, so that the database connection belongs to it."""

    def __init__(self, journal: Journal, open_rows: Callable[[], Rows]) -> None:
        self._journal, self._open = journal, open_rows
        self._nudge = threading.Event()
        self._stop = threading.Event()
        self.position = 0
        self.alarm = ""
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        journal.on_commit(self._nudge.set)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Bring the rows up to date once more and end."""
        self._stop.set()
        self._nudge.set()

    def join(self, timeout_s: float = 2.0) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        rows: Rows | None = None
        reader = self._journal.reader()
        while True:
            last, begun_at = self._stop.is_set(), time.monotonic()
            try:
                if rows is None:
                    rows = self._open()
                    self.position = rows.position()
                while entries := reader.facts_after(self.position, BATCH):
                    rows.apply(entries)
                    self.position = entries[-1].position
                self.alarm = ""
            except Exception as error:
                if not self.alarm:
                    log.error("the CRM database takes no rows, they wait in the journal: %r", error)
                    log.debug("where", exc_info=True)
                self.alarm = f"{type(error).__name__}: {error}"
                if rows is not None:
                    with contextlib.suppress(Exception):
                        rows.close()
                rows = None
                self._nudge.clear()
                self._nudge.wait(AWAY_S)
            if last:
                reader.close()
                if rows is not None:
                    rows.close()
                return
            if self._nudge.wait(NUDGE_S) and not self._stop.is_set():
                self._stop.wait(max(GATHER_S, begun_at + EVERY_S - time.monotonic()))
            self._nudge.clear()

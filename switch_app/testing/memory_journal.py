"""A journal in memory, for Turns and recovery: commits now or later; a kill loses what it has not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import orjson

from switch_app.runtime.journal import Batch, Entry, Row

from .virtual_clock import VirtualClock


class MemoryJournal:
    """As runtime.journal.Journal: a commit, and what waits for it, is never inside the turn that appended.

    delay_s: from append to commit, each time anew. after_commit: called when no batch is left to commit.
    """

    def __init__(self, clock: VirtualClock, delay_s: Callable[[], float] = lambda: 0.0) -> None:
        self._clock, self._delay_s = clock, delay_s
        self.after_commit: Callable[[], None] = lambda: None
        self.alarm = ""  # why the disk refuses, "" when all is well
        self.opened = 0  # contacts
        self._queue: deque[Batch] = deque()
        self._safe_at = 0.0
        self._facts: dict[str, list[tuple[int, Row]]] = {}
        self._open: dict[str, None] = {}
        self._snapshots: dict[str, tuple[int, str]] = {}
        self._position = 0
        self._at = 0.0
        self._held: list[Batch] = []  # while the disk refuses

    @property
    def pending(self) -> int:
        """Batches that a kill would lose."""
        return len(self._queue) + len(self._held)

    def append(self, batch: Batch) -> None:
        self._queue.append(batch)
        self._safe_at = max(self._safe_at, self._clock.now() + self._delay_s())
        self._clock.call_at(self._safe_at, self._commit_next, batch)

    def lose_pending(self) -> set[str]:
        """kill -9: what was not committed never happened, and what waits for it is never done.

        The streams of which something was done all the same, while the disk refused.
        """
        done = {row[0] for batch in self._held for row in batch.rows}
        self._queue.clear()
        self._held.clear()
        self.alarm = ""
        return done

    def refuse(self) -> None:
        """The disk is full: batches are held in memory, and what waits for them is done all the same."""
        self.alarm = "the disk is full"

    def accept(self) -> None:
        """There is room again, and what was held is written."""
        self.alarm = ""
        self._write_held()

    def _commit_next(self, batch: Batch) -> None:
        if not self._queue or self._queue[0] is not batch:
            return
        self._held.append(self._queue.popleft())
        if not self.alarm:
            self._write_held()
        if batch.then:
            batch.then()
        if not self._queue:
            self.after_commit()

    def _write_held(self) -> None:
        held, self._held = self._held, []
        for each in held:
            self._write(each)

    def _write(self, batch: Batch) -> None:
        for row in batch.rows:
            self._at = row[2]
            if row[3] == "fact":
                self._keep(row)
        if batch.snapshot:
            stream, version, data = batch.snapshot
            self._snapshots[stream] = version, data
            facts = self._facts.get(stream, [])
            self._facts[stream] = [each for each in facts if each[1][1] > version]

    def _keep(self, row: Row) -> None:
        stream, version, kind = row[0], row[1], row[4]
        facts = self._facts.setdefault(stream, [])
        if facts and facts[-1][1][1] + 1 != version:
            raise AssertionError(f"{stream}: fact {version} follows {facts[-1][1][1]}")  # one_history
        self._position += 1
        facts.append((self._position, row))
        if kind == "InteractionOpened":
            self._open[stream] = None
            self.opened += 1
        elif kind == "InteractionClosed":
            self._open.pop(stream, None)

    def forget(self, stream: str) -> None:
        """Nobody asks for this stream any more: a long run must not fill the memory."""
        self._facts.pop(stream, None)

    def streams(self) -> list[str]:
        return list(self._facts)

    # --- as JournalReader --------------------------------------------------------------------------------
    def reader(self) -> MemoryJournal:
        return self

    def facts_of(self, stream: str, after_version: int = 0) -> Iterator[Entry]:
        for position, (name, version, at, _, kind, data) in self._facts.get(stream, []):
            if version > after_version:
                yield Entry(position, name, version, at, kind, orjson.loads(data))

    def open_streams(self) -> list[str]:
        return sorted(self._open)

    def last_at(self) -> float:
        """When something was written last."""
        return self._at

    def snapshot(self, stream: str) -> tuple[int, str] | None:
        return self._snapshots.get(stream)

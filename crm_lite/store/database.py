"""The CRM database: SQLite by default, PostgreSQL by a URL. The one file that knows which it is.

All work goes through `Database.read` and `Database.write`, which run a plain function while the tables
are bound to this database. A greenlet that yields inside an SQLite transaction would stall every other
(busy_timeout long), so with `cooperative=True` the functions run in one native thread of their own and
the hub goes on; otherwise they run in the caller's thread under a lock. A function must do no I/O but SQL.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import peewee
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

from .tables import TABLES

R = TypeVar("R")

DatabaseError = peewee.PeeweeException  # whatever the database refuses
MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 5.0  # of another process
_SERVER_TIME_OUT = "-c statement_timeout=5000 -c lock_timeout=3000"


class Database:
    """An open CRM database. Use `open`; end with `close`."""

    def __init__(self, engine: peewee.Database, cooperative: bool = False) -> None:
        self.engine = engine
        self._lock = RLock()
        self._pool = _one_native_thread() if cooperative else None

    def read(self, work: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run `work(*args, **kwargs)`, which only reads, and return its result."""
        return self._run(self._bound, work, args, kwargs)

    def write(self, work: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run `work(*args, **kwargs)` in one transaction: committed when it returns, else rolled back."""
        return self._run(self._in_transaction, work, args, kwargs)

    def aside(self, work: Callable[..., R], *args: Any) -> R:
        """Run costly work (a password hash) off the hub too; `read` and `write` within it run at once."""
        return self._apply(work, *args) if self._pool is not None else work(*args)

    def migrate(self) -> list[str]:
        """Apply the missing migrations, in order; two processes may ask at once. Returns their names."""
        return self._run(self._migrate, None, (), {})

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._run(lambda *_: self.engine.close(), None, (), {})
        if self._pool is not None:
            self._pool.kill()

    def _run(self, how: Callable[..., R], work: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        if self._pool is not None:
            return self._apply(how, work, args, kwargs)
        with self._lock:
            return how(work, args, kwargs)

    def _apply(self, work: Callable[..., R], *args: Any) -> R:
        """In the pool's thread, which would also write into the log what is raised there."""
        result, error = self._pool.apply(_caught, (work, args))
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def _bound(self, work: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        with self.engine.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False):
            return work(*args, **kwargs)

    def _in_transaction(self, work: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        with self.engine.bind_ctx(TABLES, bind_refs=False, bind_backrefs=False), self.engine.atomic():
            return work(*args, **kwargs)

    def _migrate(self, *_: Any) -> list[str]:
        self._connect()
        with self.engine.atomic():  # SQLite: BEGIN IMMEDIATE, so a second process waits and finds all done
            names: list[str] = Runner(self.engine, str(MIGRATIONS)).up()
            return names

    def _connect(self) -> None:
        """SQLite waits for no other process while a new file goes over to its log (`PRAGMA journal_mode`)."""
        deadline = time.monotonic() + _BUSY_S
        while True:
            try:
                self.engine.connect(reuse_if_open=True)
                return
            except peewee.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)


def open(url: str | Path, cooperative: bool = False, migrate: bool = True) -> Database:
    """Open the database at a path or a `postgresql://` URL and bring its tables up to date.

    Raises peewee.OperationalError when it can't be opened.
    """
    database = Database(_engine(str(url)), cooperative)
    if migrate:
        database.migrate()
    return database


def _engine(url: str) -> peewee.Database:
    if url.startswith(("postgresql://", "postgres://")):
        # psycopg 3 is cooperative under gevent; psycopg2 would stop every call while a query runs.
        return PooledPostgresqlDatabase(url, prefer_psycopg3=True, options=_SERVER_TIME_OUT)
    if url != ":memory:":
        Path(url).parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # a new one is its owner's alone, as -wal and -shm then are
            os.close(os.open(url, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    # One connection, used by one thread at a time (Database sees to it).
    return peewee.SqliteDatabase(
        url,
        pragmas={"journal_mode": "wal", "synchronous": "normal", "foreign_keys": 1, "cache_size": -16_000},
        timeout=_BUSY_S,
        lock_type="IMMEDIATE",
        thread_safe=False,
        check_same_thread=False,
    )


def _caught(work: Callable[..., R], args: tuple[Any, ...]) -> tuple[R | None, Exception | None]:
    try:
        return work(*args), None
    except Exception as error:  # noqa: BLE001 - raised again where it was asked for
        return None, error


def _one_native_thread() -> Any:
    from gevent.threadpool import ThreadPool  # only where a hub must go on

    return ThreadPool(1)

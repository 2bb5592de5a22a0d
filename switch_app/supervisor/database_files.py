"""Whether the SQLite files of a start can be read and written: asked before anything is started."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ..core.errors import Refused

LOCKED_S = 2.0  # a copy that was killed may be in its last moments
LOOKED_THROUGH = 32 * 1024 * 1024  # bytes; a larger file would take too long at each start
SAVED = "Remedy: mend its owner or rights, or put a saved copy back (README, Backups)"


def require_usable(path: Path) -> None:
    """Raise Refused unless the file can be used; one that is not there yet can. It is left as it is."""
    if not path.exists():
        return
    problem = "it is a folder" if path.is_dir() else _problem(path)
    if problem:
        raise Refused("database_unusable", f"{path} cannot be used: {problem}. {SAVED}")


def _problem(path: Path) -> str:
    try:
        with closing(sqlite3.connect(path, LOCKED_S, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")  # refused where the file, or the log beside it, cannot be written
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            found = "ok"
            if path.stat().st_size <= LOOKED_THROUGH:
                found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0]).replace("\n", ", ")
            db.execute("ROLLBACK")
    except (sqlite3.Error, OSError) as error:
        return str(error)
    return "" if found == "ok" else f"it is damaged ({found})"

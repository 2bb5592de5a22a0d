"""The audit line: who changed what, when."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .database import Database
from .tables import Audit
from .text import clean

Change = tuple[str, Any, Any]  # what, its value before (None: there was none), its value now
LONGEST = 10_000
LONGEST_VALUE = 1_000  # of a text within a change, so that the line stays whole


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs, in the order of `after`."""
    return [(name, before.get(name), value) for name, value in after.items() if before.get(name) != value]


def write_audit(
    who: str, what: str, subject: str = "", detail: str | Sequence[Change] = "", at: float | None = None
) -> None:
    """Within Database.write, beside the change itself: both are kept or neither."""
    if not isinstance(detail, str):
        detail = json.dumps([_cut(each) for each in detail], ensure_ascii=False)
    Audit.create(
        at=time.time() if at is None else at,
        who=clean(who, 64),
        what=clean(what, 64),
        subject=clean(subject, 200),
        detail=clean(detail, LONGEST),
    )


def audit_lines(db: Database, limit: int = 50, offset: int = 0, subject: str = "") -> list[dict[str, Any]]:
    """The newest lines first, of one subject or of all: [{at, who, what, subject, detail, changes}].

    changes: the list that was written, None for a detail that is a text.
    """
    return db.read(_lines, limit, offset, subject)


def _lines(limit: int, offset: int, subject: str) -> list[dict[str, Any]]:
    query = Audit.select(Audit.at, Audit.who, Audit.what, Audit.subject, Audit.detail)
    if subject:
        query = query.where(Audit.subject == subject)
    rows = query.order_by(Audit.id.desc()).limit(limit).offset(offset).dicts()
    return [{**row, "changes": _changes(row["detail"])} for row in rows]


def _cut(change: Change) -> Change:
    name, before, after = (each[:LONGEST_VALUE] if isinstance(each, str) else each for each in change)
    return name, before, after


def _changes(detail: str) -> list[list[Any]] | None:
    if not detail.startswith("["):
        return None
    try:
        found = json.loads(detail)
    except ValueError:
        return None
    fits = isinstance(found, list) and all(isinstance(each, list) and len(each) == 3 for each in found)
    return found if fits else None

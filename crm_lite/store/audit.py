"""The audit line: who changed what, when."""

from __future__ import annotations

import time
from typing import Any

from .database import Database
from .tables import Audit
from .text import clean


def write_audit(who: str, what: str, subject: str = "", detail: str = "", at: float | None = None) -> None:
    """Within Database.write, beside the change itself: both are kept or neither."""
    Audit.create(
        at=time.time() if at is None else at,
        who=clean(who, 64),
        what=clean(what, 64),
        subject=clean(subject, 200),
        detail=clean(detail, 10_000),
    )


def audit_lines(db: Database, limit: int = 50, offset: int = 0, subject: str = "") -> list[dict[str, Any]]:
    """The newest lines first, of one subject or of all: [{at, who, what, subject, detail}]."""
    return db.read(_lines, limit, offset, subject)


def _lines(limit: int, offset: int, subject: str) -> list[dict[str, Any]]:
    query = Audit.select(Audit.at, Audit.who, Audit.what, Audit.subject, Audit.detail)
    if subject:
        query = query.where(Audit.subject == subject)
    return list(query.order_by(Audit.id.desc()).limit(limit).offset(offset).dicts())

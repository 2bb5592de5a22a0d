"""The details of audit lines in words: which field, what it was, what it is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app

from crm_lite.store.audit import audit_lines
from crm_lite.store.database import Database

from . import show
from .queue_titles import queue_title
from .speaking import t

Line = dict[str, Any]


def lines(db: Database, limit: int, offset: int = 0, subject: str = "") -> list[Line]:
    """audit_lines with `told`: [(field, before, now)], texts; before is "" where there was nothing. A line
    that holds a text has that alone."""
    zone = current_app.config["HOTLINE"].timezone
    return [{**line, "told": _told(line, zone)} for line in audit_lines(db, limit, offset, subject)]


def _told(line: Line, zone: str) -> list[tuple[str, str, str]]:
    if line["changes"] is None:
        return [("", "", line["detail"])] if line["detail"] else []
    created = line["what"].endswith(".created")
    return [
        (t(f"users.field.{name}", name), _value(name, before, zone), _value(name, now, zone))
        for name, before, now in line["changes"]
        if not (created and now in (None, "", []))
    ]


def _value(name: str, value: Any, zone: str) -> str:
    if name == "until" and isinstance(value, int | float):
        return show.when(value, zone, "%Y-%m-%d %H:%M")
    if value is None or value == "" or value == []:
        return t("users.new_secret") if name == "password" and value == "" else ""
    if isinstance(value, bool):
        return t("common.yes") if value else t("common.no")
    if name == "accounts" and isinstance(value, list):
        return ", ".join(f"{number} {show.money(minor, currency)}" for number, minor, currency in value)
    return _WORDS[name](str(value)) if name in _WORDS else str(value)


def _family(prefix: str) -> Callable[[str], str]:
    return lambda value: t(prefix + value, value)


_WORDS: dict[str, Callable[[str], str]] = {
    "role": _family("common.role."),
    "tier": _family("common.tier."),
    "language": _family("common.tongue."),
    "outcome": _family("common.outcome."),
    "direction": _family("common.direction."),
    "queue": queue_title,
}

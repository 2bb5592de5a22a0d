"""The list of interactions as a table for spreadsheets, headed in the asking person's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .. import show
from ..queue_titles import queue_title
from ..speaking import t

MOMENTS = ("interactions.opened", "interactions.closed")  # in the centre's time
COLUMNS = (
    "interactions.id",
    "interactions.opened",
    "interactions.closed",
    "interactions.channel",
    "interactions.direction",
    "interactions.from",
    "interactions.calls_itself",
    "interactions.to",
    "interactions.customer_number",
    "interactions.customer",
    "interactions.tier",
    "interactions.language",
    "interactions.flow",
    "interactions.queue",
    "interactions.agent",
    "interactions.outcome",
    "interactions.waited_s",
    "interactions.talked_s",
    "interactions.held_s",
    "interactions.recording",
    "interactions.disposition",
    "interactions.note",
)


def table(rows: Iterable[dict[str, Any]], zone: str) -> Iterator[list[Any]]:
    """The heading, then a line for each row of crm_lite.store.queries.interactions.every_interaction."""
    yield [f"{t(key)} ({zone})" if key in MOMENTS else t(key) for key in COLUMNS]
    for row in rows:
        yield _line(row, zone)


def _line(row: dict[str, Any], zone: str) -> list[Any]:
    customer = row["customer"] or {}
    tier = customer.get("tier") or ""
    return [
        row["id"],
        show.when(row["opened_at"], zone),
        None if row["closed_at"] is None else show.when(row["closed_at"], zone),
        row["channel"],
        t(f"common.direction.{row['direction']}", row["direction"]),
        row["from"],
        row["name"],
        row["to"],
        customer.get("number"),
        customer.get("name"),
        t(f"common.tier.{tier}", tier) if tier else None,
        row["language"],
        row["flow"],
        queue_title(row["queue"]) if row["queue"] else None,
        row["agent"],
        t(f"common.outcome.{row['outcome'] or 'open'}", row["outcome"]),
        _had(row, "wait_s", "queue"),
        _had(row, "talk_s", "agent"),
        _had(row, "hold_s", "agent"),
        row["recording"],
        t(f"common.disposition.{row['disposition']}", row["disposition"]) if row["disposition"] else None,
        row["note"],
    ]


def _had(row: dict[str, Any], name: str, where: str) -> float | None:
    """Seconds; nothing for a contact that goes on, or had no queue to wait in or agent to talk with: noughts
    would lower every mean."""
    nothing = row["closed_at"] is None or not row[where]
    return None if nothing and not row[name] else float(row[name])

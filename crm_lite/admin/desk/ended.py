"""A call that has ended, in the form of a live one: whoever writes its disposition still sees who it was."""

from __future__ import annotations

from typing import Any


def ended(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """Of crm_lite.store.queries.interactions.interaction_page; None for no row."""
    if row is None:
        return None
    collected = {
        fact["data"]["name"]: fact["data"]["value"]
        for fact in row["facts"]
        if fact["kind"] == "VariableSet" and {"name", "value"} <= fact["data"].keys()
    }
    return {
        "interaction": row["id"],
        "ani": row["from"],
        "name": row["name"],
        "dnis": row["to"],
        "queue": row["queue"],
        "language": row["language"],
        "customer": row["customer"],
        "collected": collected,
        "ended": row["closed_at"] is not None,
    }

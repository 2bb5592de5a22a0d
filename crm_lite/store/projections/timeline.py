"""The timeline of an interaction: every fact about it, from its own stream and from the floor's."""

from __future__ import annotations

from typing import Any

from ..text import clean, clean_data

INTERNAL = frozenset({"SessionMoved"})  # where a flow resumes: for recovery, may hold what was keyed in
_PREFIX = "interaction:"
Row = dict[str, Any]


def interaction_of(stream: str, data: dict[str, Any]) -> str:
    """Which interaction a fact is about, "" when none."""
    if stream.startswith(_PREFIX):
        return clean(stream.removeprefix(_PREFIX), 64)
    return clean(data.get("interaction") or "", 64)


def line(interaction: str, position: int, at: float, kind: str, data: Row) -> Row | None:
    """The row of tables.InteractionFact, None for a fact that is not for people."""
    if kind in INTERNAL:
        return None
    return {
        "position": position,
        "interaction": interaction,
        "at": at,
        "kind": clean(kind, 64),
        "data": clean_data(data),
    }

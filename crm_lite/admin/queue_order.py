"""Queues as lists of them are sorted: by their title or by their live figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crm_lite.store.spelling import order as spelt

from .tongue import language

COLUMNS = {
    "queue": False, "waiting": True, "longest_wait": True, "ready": False, "talking": True, "answered": True,
    "abandoned": True, "service_level": False,
}  # fmt: skip
Live = Mapping[str, Any]


def keys(live: Callable[[Any], Live | None], title: Callable[[Any], Mapping[str, str]]) -> Any:
    """A key for each column (Sorting.ordered). live: a row's part of the floor's snapshot; title: its own."""

    def figure(name: str) -> Callable[[Any], Any]:
        return lambda row: (live(row) or {}).get(name)

    return {
        "queue": lambda row: spelt(title(row).get(language()) or _name(row)),
        "waiting": figure("waiting"),
        "longest_wait": lambda row: figure("longest_wait_s")(row) if figure("waiting")(row) else None,
        "ready": figure("ready"),
        "talking": figure("talking"),
        "answered": figure("answered_today"),
        "abandoned": figure("abandoned_today"),
        "service_level": figure("service_level"),
    }


def _name(row: Any) -> str:
    return str(row["name"])

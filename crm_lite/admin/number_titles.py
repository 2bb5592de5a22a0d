"""What people call a number that callers dial: its title in conf/numbers.yml, a campaign as a rule."""

from __future__ import annotations

from typing import Any

from .conf_titles import title_in


def number_title(number: str | None) -> str:
    """The title in the asking person's language; "" for a number without one."""
    return title_in("numbers.yml", _entries, number, "") if number else ""


def _entries(written: dict[str, Any]) -> dict[str, Any]:
    inbound = written.get("inbound")
    return inbound if isinstance(inbound, dict) else {}

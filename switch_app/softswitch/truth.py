"""What counts as true in a variable or a parameter (FreeSWITCH's switch_true)."""

from __future__ import annotations

_TRUE = frozenset(("yes", "on", "true", "t", "enabled", "active", "allow"))


def is_true(value: str | None) -> bool:
    """One of the words, or a number other than 0."""
    if not value:
        return False
    return value.lower() in _TRUE or (value.lstrip("-").isdecimal() and int(value) != 0)

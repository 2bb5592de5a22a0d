"""Customers by how their names are spelt (spelling.py), as a condition of a query."""

from __future__ import annotations

from typing import Any

from .. import spelling
from ..tables import Customer


def spelt_as(text: str) -> Any | None:
    """The condition, None for a text that is no spelling."""
    wanted = spelling.asked(text)
    if not wanted:
        return None
    whole, *words = [Customer.found_by.contains(each) for each in wanted]
    each_word = words[0] if words else None
    for word in words[1:]:
        each_word &= word
    return whole if each_word is None else whole | each_word

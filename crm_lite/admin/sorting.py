"""Lists sorted by a heading that somebody chose: `?sort=name`, `?sort=-name` downwards.

The address of a list in its own order has no `sort`, so that each order has one address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Sorting:
    """The order asked for. columns: name -> whether one wants it downwards first (the newest, the longest).

    own: the list's own order, "" for one that is none of the columns'.
    """

    columns: Mapping[str, bool]
    own: str
    text: str

    @property
    def by(self) -> str:
        return self.text.removeprefix("-")

    @property
    def down(self) -> bool:
        return self.text.startswith("-")

    @property
    def args(self) -> dict[str, str]:
        """What an address needs to keep the order."""
        return {} if self.text == self.own else {"sort": self.text}

    def turned(self, name: str) -> dict[str, str]:
        """The same after a click on the heading `name`."""
        down = not self.down if name == self.by else self.columns[name]
        text = f"-{name}" if down else name
        return {} if text == self.own else {"sort": text}

    def direction(self, name: str) -> str:
        """For aria-sort: ascending, descending, or "" for a heading that the list is not sorted by."""
        return ("descending" if self.down else "ascending") if name == self.by else ""

    def ordered(self, rows: Iterable[Row], keys: Mapping[str, Callable[[Row], Any]]) -> list[Row]:
        """The rows in this order by a key for each column; None is last both ways, ties stay as they were."""
        rows = list(rows)
        key = keys.get(self.by)
        if key is None:
            return rows
        there = [row for row in rows if key(row) is not None]
        return sorted(there, key=key, reverse=self.down) + [row for row in rows if key(row) is None]


def asked(columns: Mapping[str, bool], own: str = "") -> Sorting:
    """What the request asks for; nonsense is the list's own order."""
    text = request.args.get("sort", "")
    return Sorting(columns, own, text if text.removeprefix("-") in columns else own)

"""Changes that people make: short transactions, each with its audit line."""

from __future__ import annotations


class Unfit(Exception):
    """A change that the rows don't allow. field: what is wrong; reason: taken | unknown | no_agent |
    last_admin."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason

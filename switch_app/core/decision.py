"""The result of a turn: facts that happened and orders to carry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Decision:
    """Facts are appended in order; orders are carried out after the commit, in order."""

    facts: list[Any] = field(default_factory=list)
    orders: list[Any] = field(default_factory=list)

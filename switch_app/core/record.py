"""`record`: a frozen dataclass with slots, the form of all signals, facts, orders and data between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Class decorator."""
    return dataclass(frozen=True, slots=True)(cls)

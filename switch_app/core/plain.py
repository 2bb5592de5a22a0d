"""Records (signals, facts, orders) to plain JSON-able data and back.

A record is a frozen dataclass. Its kind is its class name; the journal and the control socket
store `kind` beside `data`. Nested records, tuples and mappings are restored by their annotations.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

R = TypeVar("R")

_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def kind_of(record: object) -> str:
    """The stored name of a record: its class name."""
    return type(record).__name__


def to_plain(record: object) -> dict[str, Any]:
    """The record's fields as JSON-able data (tuples become lists)."""
    plain: dict[str, Any] = _adapter(type(record)).dump_python(record, mode="json")
    return plain


def to_json(record: object) -> bytes:
    """The record's fields as JSON bytes."""
    return _adapter(type(record)).dump_json(record)


def from_plain(cls: type[R], data: dict[str, Any]) -> R:
    """Restore a record. Raises pydantic.ValidationError on data that is not of the class."""
    record: R = _adapter(cls).validate_python(data)
    return record


def from_json(cls: type[R], data: bytes | str) -> R:
    """Restore a record from its JSON. Raises pydantic.ValidationError."""
    record: R = _adapter(cls).validate_json(data)
    return record

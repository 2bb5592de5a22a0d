"""An event in JSON (switch_event_serialize_json) to its headers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .errors import RemoteWireError

_fast: Callable[[bytes], Any] | None
try:
    from orjson import loads as _fast
except ImportError:  # a pure Python installation
    _fast = None


def _slow(raw: bytes) -> Any:
    """cJSON writes bytes that are not UTF-8 as they are; they become U+FFFD."""
    return json.loads(raw.decode("utf-8", "replace"), strict=False)


def parse_json_event(raw: bytes) -> dict[str, str]:
    """Headers by name, the body under `_body`. An array is joined as on the plain wire.

    Raises RemoteWireError on anything but an object.
    """
    try:
        parsed = _fast(raw) if _fast else _slow(raw)
    except ValueError:
        parsed = _second_try(raw)
    if not isinstance(parsed, dict):
        raise RemoteWireError("a JSON event is not an object")
    if all(type(value) is str for value in parsed.values()):
        return parsed
    return {name: _as_text(value) for name, value in parsed.items()}


def _second_try(raw: bytes) -> Any:
    try:
        return _slow(raw)
    except (ValueError, RecursionError):
        raise RemoteWireError("a JSON event cannot be parsed") from None


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "ARRAY::" + "|:".join(map(_as_text, value))
    return json.dumps(value)

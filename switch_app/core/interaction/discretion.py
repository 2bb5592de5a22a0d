"""What the journal may keep of a record: no secret digits, no PIN, no request filled with secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from .. import orders as o
from .. import signals as s
from .state import Interaction

HIDDEN = "*"


def discreet_signal(before: Interaction | None, record: Any) -> Any:
    """The signal as it is stored. before: its stream's state before the turn."""
    if isinstance(record, s.DigitPressed) and _wait(before).get("secret"):
        return replace(record, digit=HIDDEN)
    return record


def discreet_order(before: Interaction | None, after: Interaction | None, record: Any) -> Any:
    """The order as it is stored. A secret may have come, or have been used up, in the turn itself."""
    if isinstance(record, o.CheckPin):
        return replace(record, pin=HIDDEN)
    if isinstance(record, o.Play) and _wait(after).get("hushed"):
        return replace(record, sounds=(HIDDEN,))
    if not (_session(before).get("secrets") or _session(after).get("secrets")):
        return record
    if isinstance(record, o.CallHttp):
        parts = urlsplit(record.url)
        return replace(record, url=f"{parts.scheme}://{parts.netloc}/{HIDDEN}", headers={}, body=HIDDEN)
    if isinstance(record, o.LookUpCustomer):
        return replace(record, value=HIDDEN)
    return record


def _session(state: Interaction | None) -> dict[str, Any]:
    return (state.session if state else None) or {}


def _wait(state: Interaction | None) -> dict[str, Any]:
    wait: dict[str, Any] = _session(state).get("wait", {})
    return wait

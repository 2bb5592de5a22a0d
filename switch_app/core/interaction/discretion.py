"""What the journal may keep of a record: no secret digits, no PIN, no request filled with secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import orders as o
from .. import signals as s
from .state import Interaction

HIDDEN = "*"


def discreet(state: Interaction | None, record: Any) -> Any:
    """The record as it is stored. state: of its stream before the turn."""
    session = (state.session if state else None) or {}
    if isinstance(record, s.DigitPressed) and session.get("wait", {}).get("secret"):
        return replace(record, digit=HIDDEN)
    if isinstance(record, o.CheckPin):
        return replace(record, pin=HIDDEN)
    if isinstance(record, o.CallHttp) and session.get("secrets"):
        return replace(record, url=record.url.partition("?")[0], headers={}, body=HIDDEN)
    return record

"""What a form was made from, so that nobody overwrites unseen what somebody else has saved meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from .fields import Fields


def mark(values: Mapping[str, Any]) -> str:
    """A short mark of plain values."""
    told = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def check(fields: Fields, now: Mapping[str, Any]) -> str:
    """Note an error where the form was made from other values than those now; the mark of those now."""
    fresh = mark(now)
    if fields.typed.get("seen", fresh) != fresh:
        fields.errors["seen"] = "common.error.seen"
    return fresh

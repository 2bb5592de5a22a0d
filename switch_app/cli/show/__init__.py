"""How commands print: JSON for programs, aligned columns for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from unicodedata import category, east_asian_width


def as_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Aligned columns with a heading; Chinese characters take two places."""
    lines = [list(columns)] + [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def moment(at: float | None) -> str:
    """Epoch seconds as people read them (UTC); "" for never."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def iso(at: float | None) -> str | None:
    """Epoch seconds as programs read them: ISO 8601, UTC, milliseconds; None for never."""
    if not at:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cell(value: Any) -> str:
    text = "-" if value is None or value == "" else f"{value:g}" if isinstance(value, float) else str(value)
    return plain(text)


def plain(text: str) -> str:
    """Text of callers without the characters that drive a terminal (control, bidi)."""
    return "".join(c if category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else "\ufffd" for c in text)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

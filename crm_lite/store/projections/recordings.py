"""The recordings of an interaction: one row for each that was kept."""

from __future__ import annotations

from typing import Any

from ..text import clean

Row = dict[str, Any]


def recording(interaction: str, position: int, at: float, kind: str, data: Row) -> Row | None:
    """The row of tables.Recording, None for any other fact. KeyError or ValueError on another shape."""
    if kind not in ("RecordingKept", "VoicemailLeft"):
        return None
    return {
        "position": position,
        "interaction": interaction,
        "path": clean(data["path"]),
        "what": clean(data["what"], 16) if kind == "RecordingKept" else "voicemail",
        "duration_s": float(data["duration_s"]),
        "at": at,
    }

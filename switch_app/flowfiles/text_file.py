"""The text of a file that people write: UTF-8, or the problem that keeps it from being read."""

from __future__ import annotations

from pathlib import Path

from switch_app.core.errors import FlowProblem


def read_text(path: Path) -> str | FlowProblem:
    """Never raises. Line ends become `\\n`; a byte order mark stays (yaml_nodes knows it)."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return FlowProblem("unreadable", f"cannot be read: {error.strerror}", str(path), 1, 1)
    try:
        return raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line_begin = before.rfind(b"\n") + 1
        place = before.count(b"\n") + 1, len(before[line_begin:].decode("utf-8", "replace")) + 1
        message = f"the byte {raw[error.start]:02x} is not UTF-8"
        return FlowProblem("unreadable", message, str(path), *place, "save the file as UTF-8")

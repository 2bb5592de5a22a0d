"""A child's output as a log file that is rotated: NAME.log, NAME.log.1 (newer) ... NAME.log.KEEP."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class RotatingLog:
    """Takes whole lines. A full disk loses lines, never the process that writes them."""

    def __init__(self, path: Path, limit: int, keep: int) -> None:
        self.path = path
        self._limit = limit
        self._keep = keep
        self._file = _open(path)
        self._size = os.fstat(self._file).st_size

    def write(self, lines: bytes) -> None:
        if self._size and self._size + len(lines) > self._limit:
            self._rotate()
        with contextlib.suppress(OSError):
            self._size += os.write(self._file, lines)

    def tail(self, count: int = 5) -> list[str]:
        """The last lines, for people."""
        with contextlib.suppress(OSError), open(self.path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 8192))
            return file.read().decode("utf-8", "replace").splitlines()[-count:]
        return []

    def close(self) -> None:
        os.close(self._file)

    def _rotate(self) -> None:
        with contextlib.suppress(OSError):
            for number in range(self._keep - 1, 0, -1):
                older = self.path.with_name(f"{self.path.name}.{number}")
                if older.exists():
                    os.replace(older, self.path.with_name(f"{self.path.name}.{number + 1}"))
            os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
            new = _open(self.path)
            os.close(self._file)
            self._file, self._size = new, 0


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

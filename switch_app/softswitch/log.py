"""Logging to stderr only, one line per record, safe against control characters in what callers send."""

from __future__ import annotations

import logging
import sys
import time

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029)}


class OneLine(logging.Formatter):
    """Keeps each record on one line: a caller's newline must not forge a log record."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        head, found, trace = text.partition("\nTraceback (most recent call last)")
        clean = head.translate(_CONTROL)
        return clean + found + trace if record.exc_info else clean


def configure(level: str) -> None:
    """Send all records of `level` and above to stderr."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.upper())


class Throttled:
    """Passes on at most `limit` records per second and counts the rest: floods must not fill the disk."""

    def __init__(self, logger: logging.Logger, limit: int = 5) -> None:
        self._logger, self._limit = logger, limit
        self._second, self._seen, self._dropped = 0, 0, 0

    def warning(self, message: str, *args: object) -> None:
        second = int(time.monotonic())
        if second != self._second:
            if self._dropped:
                self._logger.warning("%d similar messages left out", self._dropped)
            self._second, self._seen, self._dropped = second, 0, 0
        self._seen += 1
        if self._seen <= self._limit:
            self._logger.warning(message, *args)
        else:
            self._dropped += 1

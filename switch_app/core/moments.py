"""Moments are epoch seconds (UTC); what lies between two of them is told in whole milliseconds."""

from __future__ import annotations


def seconds(begin: float, end: float) -> float:
    """From `begin` to `end`; 0.0 when the machine's clock was set back in between."""
    return round(max(0.0, end - begin), 3)

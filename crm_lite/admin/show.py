"""How values are written on a page: moments in the centre's time, durations, phone numbers, money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def local(moment: float | str | None, zone: str) -> datetime | None:
    """A moment (epoch seconds, or ISO 8601 as queries give it) in the centre's time."""
    try:
        if isinstance(moment, str):
            return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
        if isinstance(moment, int | float):
            return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError, OSError):
        pass  # no moment: a page shows a dash
    return None


def when(moment: float | str | None, zone: str, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """2026-11-23 09:30:00, a dash for none."""
    at = local(moment, zone)
    return at.strftime(form) if at else "–"


def offset(moment: float | str | None, zone: str) -> str:
    """How the centre's time stood to UTC at a moment: UTC+8, UTC-3:30, UTC; "" for none."""
    at = local(moment, zone)
    if at is None:
        return ""
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "UTC" + (f"{sign}{hours}" if minutes else "") + (f":{rest:02}" if rest else "")


def duration(seconds: float | None) -> str:
    """9 s as 0:09, 75 s as 1:15, an hour as 1:00:00; a dash for none."""
    if seconds is None:
        return "–"
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def money(minor: int, currency: str) -> str:
    """-55.00 CNY, with thin thousands."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02} {currency}"


def percent(share: float | None) -> str:
    """A share 0..1 as 83.7 %, a dash for none."""
    return "–" if share is None else f"{share * 100:.1f} %"

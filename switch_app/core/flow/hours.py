"""Opening hours: is a calendar open at a local time, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..world import LocalTime

Ranges = tuple[tuple[int, int], ...]  # minutes of the day, from (included) to (not included)
MONDAY = 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """week: ISO weekday (1 = Monday) -> ranges. dates: ISO date -> ranges, goes before all else.

    holidays: ranges on a public holiday, None = like any other day. make_up_days: a weekend day that
    is worked (China) has Monday's hours.
    """

    name: str
    week: Mapping[int, Ranges] = field(default_factory=dict)
    dates: Mapping[str, Ranges] = field(default_factory=dict)
    holidays: Ranges | None = ()
    make_up_days: bool = True
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """holiday: its name if it is what decided, or ""."""

    open: bool
    why: str
    holiday: str = ""


def decide(calendar: Calendar, local: LocalTime) -> Opening:
    """Whether the calendar is open at a local time."""
    if local.date in calendar.dates:
        ranges, why, holiday = calendar.dates[local.date], f"date {local.date}", local.holiday
    elif local.holiday and calendar.holidays is not None:
        ranges, why, holiday = calendar.holidays, f"holiday {local.holiday}", local.holiday
    elif local.make_up_day and calendar.make_up_days:
        ranges, why, holiday = calendar.week.get(MONDAY, ()), "make-up day", ""
    else:
        ranges, why, holiday = calendar.week.get(local.weekday, ()), f"weekday {local.weekday}", ""
    is_open = any(start <= local.minute < end for start, end in ranges)
    return Opening(is_open, f"{why}: {written(ranges)}", "" if is_open else holiday)


def written(ranges: Ranges) -> str:
    """The ranges as text: 09:00-12:00, 13:00-18:00; or closed."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in ranges) or "closed"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"

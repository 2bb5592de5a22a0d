"""conf/calendars.yml: opening hours by name."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.hours import Calendar, Ranges
from switch_app.core.flow.model import Flaw, did_you_mean, validate
from switch_app.core.flow.steps.base import NAME, Written

from .conf_file import ConfText, read_conf

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])\Z")



def _written(value: Any) -> Any:
    if not all(isinstance(each, str) for each in (value if isinstance(value, list) else [value])):
        raise ValueError('hours are wanted: closed, or a list such as ["09:00-12:00", "13:00-18:00"]')
    return value


Hours = Annotated[list[str] | str, BeforeValidator(_written)]


class CalendarText(Written):
    """A calendar as it is written: hours are `closed`, or a list such as ["09:00-12:00", "13:00-18:00"]."""

    title: dict[str, str] = Field(default_factory=dict)
    week: dict[str, Hours]
    holidays: Hours = "closed"  # or `as usual`
    make_up_days: bool = True
    dates: dict[str, Hours] = Field(default_factory=dict)


def load_calendars(path: Path | ConfText) -> tuple[dict[str, Calendar] | None, list[FlowProblem]]:
    """name -> Calendar; None with problems. Never raises."""
    return read_conf(path, _calendars)


def _calendars(data: Any, flaws: list[Flaw]) -> dict[str, Calendar]:
    if not isinstance(data, dict):
        flaws.append(Flaw((), "schema", "a mapping of calendar names is wanted"))
        return {}
    return {name: calendar for name, text in data.items() if (calendar := _calendar(name, text, flaws))}


def _calendar(name: str, written: Any, flaws: list[Flaw]) -> Calendar | None:
    if not re.match(NAME, name):
        flaws.append(Flaw((name,), "schema", f"{name} is not a name", key=True))
        return None
    text = validate(CalendarText, written, (name,), flaws)
    if text is None:
        return None
    holidays = None if text.holidays == "as usual" else _ranges(text.holidays, (name, "holidays"), flaws)
    week = _week(name, text.week, flaws)
    dates = {}
    for day, hours in text.dates.items():
        if _is_date(day):
            dates[day] = _ranges(hours, (name, "dates", day), flaws)
        else:
            flaws.append(Flaw((name, "dates", day), "schema", f"{day} is not a date (2026-12-31)", key=True))
    return Calendar(name, week, dates, holidays, text.make_up_days, text.title)


def _week(name: str, written: dict[str, Hours], flaws: list[Flaw]) -> dict[int, Ranges]:
    week: dict[int, Ranges] = {}
    for days, hours in written.items():
        path = (name, "week", days)
        numbers = _days(days)
        if not numbers:
            hint = _round_the_end(days) or did_you_mean(days, DAYS)
            flaws.append(Flaw(path, "schema", f"{days} is not a day or a range of days", hint, key=True))
        ranges = _ranges(hours, path, flaws)
        for number in numbers:
            if number in week:
                flaws.append(Flaw(path, "calendar-overlap", f"{DAYS[number - 1]} is there twice", key=True))
            week[number] = ranges
    missing = [day for number, day in enumerate(DAYS, 1) if number not in week]
    if missing and all(map(_days, written)):
        message = f"no hours for {', '.join(missing)}"
        flaws.append(Flaw((name, "week"), "calendar-gap", message, "say closed if it is meant", key=True))
    return week


def _round_the_end(text: str) -> str:
    """A hint for a range over the end of the week."""
    first, _, last = text.lower().partition("-")
    return f"write {_span(first, 'sun')} and {_span('mon', last)}" if {first, last} <= set(DAYS) else ""


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _days(text: str) -> range:
    """`mon` or `mon-fri` as ISO weekdays; empty if it is neither."""
    first, _, last = text.lower().partition("-")
    if first not in DAYS or (last and last not in DAYS):
        return range(0)
    return range(DAYS.index(first) + 1, DAYS.index(last or first) + 2)


def _ranges(written: Hours, path: tuple[str | int, ...], flaws: list[Flaw]) -> Ranges:
    if written == "closed":
        return ()
    ranges: list[tuple[int, int]] = []
    for at, text in enumerate([written] if isinstance(written, str) else written):
        found = _RANGE.match(text)
        start, end = (_minute(found, 1), _minute(found, 3)) if found else (0, 0)
        here = (*path, at) if isinstance(written, list) else path
        if not found or end > 24 * 60:
            flaws.append(Flaw(here, "schema", f"{text} is not a range such as 09:00-18:00"))
        elif start >= end:
            hint = "write the part after midnight on the next day"
            flaws.append(Flaw(here, "schema", f"{text} does not end after it begins", hint))
        elif ranges and start < ranges[-1][1]:
            flaws.append(Flaw(here, "calendar-overlap", f"{text} begins before the range before it ends"))
        else:
            ranges.append((start, end))
    return tuple(ranges)


def _minute(found: re.Match[str], group: int) -> int:
    return int(found[group]) * 60 + int(found[group + 1])


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

"""Local time and opening hours where summer time begins and ends, and on public holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from switch_app import secrets_store
from switch_app.bootstrap.process import CallServerProcess
from switch_app.core.flow.hours import Calendar, Ranges, decide
from switch_app.core.world import LocalTime
from switch_app.runtime.clock import WallClock
from switch_app.runtime.public_holidays import public_holidays
from switch_app.settings import ROOT, load

BERLIN, NEW_YORK, SHANGHAI = "Europe/Berlin", "America/New_York", "Asia/Shanghai"
CHANGES = [  # a Sunday each: the zone, the day, the moment (UTC), whether an hour is left out
    (BERLIN, "2026-03-29", "2026-03-29T01:00", True),
    (BERLIN, "2026-10-25", "2026-10-25T01:00", False),
    (NEW_YORK, "2026-03-08", "2026-03-08T07:00", True),
    (NEW_YORK, "2026-11-01", "2026-11-01T06:00", False),
]
HOUR_S = 3600
ALL_DAY: Ranges = ((0, 1440),)


def moment(utc: str) -> float:
    return datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()


def around(zone: str, change: str, hours: int = 30) -> Iterator[LocalTime]:
    """Each minute from `hours` before a change to `hours` after it."""
    clock, at = WallClock(zone), moment(change)
    for minute in range(-60 * hours, 60 * hours):
        yield clock.local(at + 60 * minute)


def week(ranges: Ranges = (), **days: Ranges) -> Calendar:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return Calendar("c", {number: days.get(name, ranges) for number, name in enumerate(names, 1)})


@pytest.mark.parametrize("zone, day, change, left_out", CHANGES)
def test_the_clock_where_an_hour_is_left_out_or_comes_twice(zone: str, day: str, change: str, left_out: bool) -> None:
    clock, at = WallClock(zone), moment(change)
    before, after = clock.local(at - 1), clock.local(at)
    jump = (before.minute, after.minute)
    expected = {(BERLIN, True): (119, 180), (BERLIN, False): (179, 120), (NEW_YORK, True): (119, 180), (NEW_YORK, False): (119, 60)}
    assert jump == expected[zone, left_out]
    assert before.date == after.date == day and before.weekday == after.weekday == 7
    assert before.iso[-6:] != after.iso[-6:]  # the fact tells which of the two hours it was


@pytest.mark.parametrize("zone, day, change, left_out", CHANGES)
def test_a_day_has_23_or_25_hours_and_begins_at_midnight(zone: str, day: str, change: str, left_out: bool) -> None:
    times = list(around(zone, change))
    on_it = [at for at in times if at.date == day]
    assert len(on_it) == (23 if left_out else 25) * 60
    assert on_it[0].minute == 0 and on_it[-1].minute == 1439
    assert all(decide(week(ALL_DAY), at).open for at in times)
    only_then = replace(week(), dates={day: ALL_DAY})
    assert [at for at in times if decide(only_then, at).open] == on_it


@pytest.mark.parametrize("zone, day, change, left_out", CHANGES)
def test_hours_that_touch_the_change(zone: str, day: str, change: str, left_out: bool) -> None:
    times = list(around(zone, change))

    def minutes_open(begin: int, end: int) -> int:
        calendar = week(sun=((60 * begin, 60 * end),))
        return sum(decide(calendar, at).open for at in times)

    doubled = 2 if zone == BERLIN else 1  # the hour that comes twice begins here
    if left_out:
        assert minutes_open(2, 3) == 0
        assert minutes_open(1, 4) == 2 * 60
    else:
        assert minutes_open(doubled, doubled + 1) == 2 * 60
        assert minutes_open(1, 4) == 4 * 60
    assert minutes_open(9, 18) == 9 * 60


@pytest.mark.parametrize("zone, day, change, left_out", CHANGES)
def test_a_night_of_the_change_is_open_throughout(zone: str, day: str, change: str, left_out: bool) -> None:
    calendar = week(sat=((1320, 1440),), sun=((0, 360),))
    states = [decide(calendar, at).open for at in around(zone, change)]
    opened = [n for n, is_open in enumerate(states) if is_open]
    assert len(opened) == (7 if left_out else 9) * 60
    assert opened == list(range(opened[0], opened[-1] + 1))


# --- public holidays ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "setting, zone, day, name, is_worked",
    [
        ("auto", SHANGHAI, "2026-10-01", "国庆节", False),
        ("auto", SHANGHAI, "2026-10-10", "", True),  # a Saturday
        ("auto", SHANGHAI, "2026-10-11", "", False),
        ("CN", BERLIN, "2026-10-01", "国庆节", False),
        ("DE", BERLIN, "2026-10-03", "Tag der Deutschen Einheit", False),
        ("DE-BE", BERLIN, "2026-03-08", "Frauentag", False),
        ("DE", BERLIN, "2026-03-08", "", False),
        ("US", NEW_YORK, "2026-07-04", "Independence Day", False),
    ],
)
def test_public_holidays(setting: str, zone: str, day: str, name: str, is_worked: bool) -> None:
    known = public_holidays(setting, zone)
    assert known and known(day) == (name, is_worked)
    local = WallClock(zone, known).local(moment(f"{day}T12:00"))
    assert (local.date, local.holiday, local.make_up_day) == (day, name, is_worked)


def test_none_are_known_where_none_are_asked_for() -> None:
    assert public_holidays("none", SHANGHAI) is None
    assert public_holidays("auto", BERLIN) is None


@pytest.mark.parametrize("setting", ["XX", "cn", "DE-ZZ", "", "logging", "CN-", "D E"])
def test_a_place_that_is_not_known(setting: str) -> None:
    with pytest.raises(ValueError, match="no country"):
        public_holidays(setting, SHANGHAI)


def test_the_call_server_knows_them(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    settings = load({"HOTLINE_VAR": str(var)}, ROOT)
    secrets_store.ensure(settings.secrets)
    process = CallServerProcess(settings)
    process.journal.start()
    assert process.clock.local(moment("2026-10-01T02:00")).holiday == "国庆节"
    assert process.clock.local(moment("2026-10-10T02:00")).make_up_day
    process.journal.close()
    process.crm.close()

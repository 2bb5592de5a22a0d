"""Finding interactions: days, numbers however they are written, and what cannot be asked for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from furnished import Entry
from visiting import Browser, Centre

from crm_lite.store.projector import Projector

ZONE = ZoneInfo("Asia/Shanghai")


def listed(browser: Browser, query: str) -> list[str]:
    return re.findall(r'class="cover" href="/interactions/([\w-]+)"', browser.page(f"/interactions?{query}"))


@pytest.fixture
def browser(centre: Centre) -> Browser:
    """Three calls of July 2025: at the first moment of the 1st, in the last one of the 2nd, and on the 3rd."""
    moments = {
        "first": datetime(2025, 7, 1, tzinfo=ZONE),
        "last": datetime(2025, 7, 3, tzinfo=ZONE) - timedelta(milliseconds=1),
        "after": datetime(2025, 7, 3, tzinfo=ZONE),
    }
    for place, (id, at) in enumerate(moments.items()):
        data = {"interaction": id, "channel": "voice", "direction": "inbound", "leg": id, "ani": "013800138000",
                "name": "", "dnis": "4000", "flow": "main", "version": "1"}  # fmt: skip
        entry = Entry(9000 + place, f"interaction:{id}", at.timestamp(), "InteractionOpened", data)
        Projector(centre.db).apply([entry])
    return centre.of("supervisor")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("since=2025-07-01&until=2025-07-02", ["last", "first"]),
        ("since=2025-07-01&until=2025-07-01", ["first"]),
        ("until=2025-07-03", ["after", "last", "first"]),
        ("since=2025-07-03&until=2025-07-03", ["after"]),
        ("since=2025-07-03&until=2025-07-01", []),
        ("until=2025-07-31&text=%2B86+138+0013+8000", ["after", "last", "first"]),
        ("until=2025-07-31&text=0013-80", ["after", "last", "first"]),
        ("until=2025-07-31&text=0013-81", []),
    ],
)
def test_days_and_numbers(browser: Browser, query: str, ids: list[str]) -> None:
    assert listed(browser, query) == ids


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "9999-12-31", "0001-01-01", "٢٠٢٥-07-01"])
def test_what_is_no_day_is_left_out(browser: Browser, day: str) -> None:
    page = browser.get("/interactions", query_string={"since": day, "until": day})
    assert page.status_code == 200

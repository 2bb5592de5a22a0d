"""Finding interactions: days, numbers however they are written, and what cannot be asked for."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from furnished import Entry
from visiting import Browser, Centre

from crm_lite.store.projector import Projector
from crm_lite.store.tables import Customer

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


def test_a_customers_number_is_found_whole(centre: Centre) -> None:
    """C10001 is not C100010, nor is C10003 whom a note mentions."""

    def another() -> None:
        Customer.create(id=29_999, number="C100010", name="Nobody else", tier="gold", placed="nobody else")

    centre.db.write(another)
    other = {"id": 29_999, "number": "C100010", "name": "Nobody else", "tier": "gold"}
    call = {"channel": "voice", "direction": "inbound", "leg": "l", "name": "", "dnis": "4000", "flow": "main",
            "version": "1", "interaction": "other", "ani": ""}  # fmt: skip
    kinds = (("InteractionOpened", call), ("CustomerIdentified", {"customer": other, "by": "number"}))
    kinds += (("DispositionSet", {"agent": "1001", "code": "other", "note": "Same house as C10003"}),)
    now = time.time()
    Projector(centre.db).apply(
        [Entry(9000 + n, "interaction:other", now, kind, data) for n, (kind, data) in enumerate(kinds)]
    )
    browser = centre.of("supervisor")
    all_of = re.search(r'href="/interactions\?([^"]+)"', browser.page("/customers/3"))
    assert all_of
    of_three = listed(browser, all_of[1])
    assert len(of_three) == 15 and "other" not in of_three
    assert listed(browser, "customer=c100010") == ["other"] == listed(browser, "text=c100010")
    assert 'name="customer" value="C10003"' in browser.page(f"/interactions?{all_of[1]}")
    assert listed(browser, "text=C10001") == ["i-1"]
    assert listed(browser, "customer=C1000") == []
    assert 'href="/customers/29999"' not in browser.page("/customers?text=C10001")
    assert 'href="/customers/29999"' in browser.page("/customers?text=c100010")

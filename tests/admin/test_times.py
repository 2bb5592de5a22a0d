"""Moments are in the centre's time, and every page says which that is."""

from __future__ import annotations

import re

import pytest
from visiting import Centre

from crm_lite.admin import show

WINTER, SUMMER = "2026-01-15T12:00:00.000Z", "2026-07-15T12:00:00.000Z"


@pytest.mark.parametrize(
    ("zone", "moment", "said"),
    [
        ("Asia/Shanghai", SUMMER, "UTC+8"),
        ("Europe/Berlin", WINTER, "UTC+1"),
        ("Europe/Berlin", SUMMER, "UTC+2"),
        ("America/St_Johns", WINTER, "UTC-3:30"),
        ("Asia/Kathmandu", WINTER, "UTC+5:45"),
        ("UTC", WINTER, "UTC"),
        ("UTC", None, ""),
    ],
)
def test_the_offset_is_that_of_the_moment(zone: str, moment: str | None, said: str) -> None:
    assert show.offset(moment, zone) == said


@pytest.mark.parametrize("path", ["/wallboard", "/interactions", "/agents", "/audit", "/health"])
def test_pages_name_their_time_zone(centre: Centre, path: str) -> None:
    text = centre.of("admin").page(path)
    assert "Asia/Shanghai（UTC+8）" in text


def test_the_list_tells_the_year(centre: Centre) -> None:
    assert re.search(r'class="cover"[^>]*>20\d\d-\d\d-\d\d \d\d:\d\d:\d\d<', centre.of("admin").page("/interactions"))

"""Public holidays, and weekend days that are worked instead of others, of the package `holidays`.

A year whose days off are not announced yet has its holidays, but no days moved: those are written into
conf/calendars.yml (dates) until the package knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

Holidays = Callable[[str], tuple[str, bool]]  # date -> (holiday's name, is a weekend day that is worked)

AUTO, NONE = "auto", "none"
CHINESE_ZONES = ("Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "Asia/Kashgar", "PRC")
_PLACE = re.compile(r"([A-Z]{2})(?:-(\w{1,20}))?")


def public_holidays(setting: str, zone: str) -> Holidays | None:
    """Of a country (CN), a part of it (DE-BY), none; auto: China's in its zones. Raises ValueError."""
    if setting == AUTO:
        setting = "CN" if zone in CHINESE_ZONES else NONE
    return None if setting == NONE else _of(setting)


def _of(place: str) -> Holidays:
    import holidays  # takes a moment, and most commands ask for none

    found = _PLACE.fullmatch(place)
    try:
        if not found:
            raise NotImplementedError
        language = holidays.country_holidays(found[1], subdiv=found[2]).default_language
        table = holidays.country_holidays(found[1], subdiv=found[2], language=language)
    except NotImplementedError:
        raise ValueError(f"{place!r} is no country whose public holidays are known (CN, DE, DE-BY)") from None

    @lru_cache(maxsize=8)
    def on(day: str) -> tuple[str, bool]:
        name = str(table.get(day) or "")  # reads the whole year, with the weekend days that are worked
        return name, date.fromisoformat(day) in table.weekend_workdays

    return on

"""What an author probably meant by a comparison that comes to nothing, as the hint `write ...`."""

from __future__ import annotations

import re
from typing import Any

from ..expressions import written
from ..model import did_you_mean
from .kinds import Kind, Kinds

_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d\d))?\s*(am|pm)?", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_ZH = "一二三四五六日"
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def advice(left: str, mark: str, right: str, a: Kinds, b: Kinds) -> str:
    """A hint for `left mark right`, whose sides are of these kinds; "" where none is known."""
    if mark in ("in", "not in"):
        numbers = all(kind.name == "number" for kind in a) and any(kind.name == "text" for kind in b)
        return f"write text({left}) {mark} {right}" if numbers else ""
    known, value = _sides(a, b)
    name = left if known in a else right
    named, meant = _meant(name, known, value) if known else ("", "")
    if not named:
        return _choices(a, b) if mark in ("==", "!=") else ""
    first, second = (named, meant) if known in a else (meant, named)
    return f"write {first} {mark} {second}" if first and second else f"write {first or second}"


def _sides(a: Kinds, b: Kinds) -> tuple[Kind | None, Any]:
    """The side of which something is known, and the constant beside it."""
    for one, other in ((a, b), (b, a)):
        if len(other) == 1 and other[0].is_constant:
            known = next((kind for kind in one if not (kind.absent or kind.is_constant)), None)
            if known:
                return known, other[0].constant
    return None, None


def _meant(name: str, known: Kind, value: Any) -> tuple[str, str]:
    """The name and the value that belong together; "" for what is not to be guessed."""
    if known.name == "mapping" and name == "customer":
        return "customer.known", ""
    if known.name == "bool" and str(value).lower() in _TRUTHS:
        return name, written(_TRUTHS[str(value).lower()])
    if known.form == "date" and (found := _DATE.fullmatch(str(value))):
        return name, repr(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}")
    if known.form == "time":
        clock = _clock(value)
        return (name, repr(clock)) if clock else ("", "")
    if (known.low, known.high) == (1, 7):
        day = _day(value)
        return (name, day) if day else ("", "")
    if name.endswith(".minute") and (clock := _clock(value)):
        return f"{name.removesuffix('.minute')}.time", repr(clock)
    return "", ""


def _clock(value: Any) -> str:
    """09:00 of 9, 900, '9:00', '9am'; "" of what is no time."""
    text = str(value).strip()
    found = _CLOCK.fullmatch(text.zfill(4) if text.isdigit() and len(text) > 2 else text)
    if not found:
        return ""
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "pm" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


def _day(value: Any) -> str:
    """The ISO weekday of 0 (Sunday elsewhere), 'Monday', '周一'."""
    text = str(value).strip().lower()
    if text == "0":
        return "7"
    if re.fullmatch(r"(周|星期|礼拜)[一二三四五六日天]", text):
        return str(_DAYS_ZH.index(text[-1].replace("天", "日")) + 1)
    return next((str(at) for at, day in enumerate(_DAYS, 1) if text.startswith(day)), "")


def _choices(a: Kinds, b: Kinds) -> str:
    """The nearest, or all, of what a variable is ever set to, where that is known."""
    for one, other in ((a, b), (b, a)):
        words = [str(kind.constant) for kind in one if kind.is_constant and not kind.absent]
        open_ones = [kind for kind in one if not (kind.is_constant or kind.absent)]
        if words and not open_ones and len(other) == 1 < len(one):
            return did_you_mean(str(other[0].constant), words) if other[0].is_constant else ""
    return ""

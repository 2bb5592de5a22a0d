"""Mandarin: values to the names of recorded fragments (all of them in sounds/prompts.yml).

The usual reading: 一十五 only behind a higher place, 两 for a bare quantity of two and before 百, 千,
万, 亿, one 零 for any run of empty places, years digit by digit, 幺 for the digit 1 of a code.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

Names = tuple[str, ...]

NUMBER_LIMIT = 10**12  # 一万亿: beyond it there is no fragment


def digits(text: str) -> Names:
    """Each digit alone, as account and telephone numbers are read (1 is 幺)."""
    return tuple(f"digit_{d}" for d in text)


def number(n: int) -> Names:
    """0 <= n < NUMBER_LIMIT as a plain cardinal."""
    if n == 0:
        return ("n_0",)
    hundred_millions, rest = divmod(n, 10**8)
    ten_thousands, rest = divmod(rest, 10**4)
    out: Names = _with_unit(hundred_millions, "yi", inner=False) if hundred_millions else ()
    if ten_thousands:
        out += _zero(bool(out) and ten_thousands < 1000)
        out += _with_unit(ten_thousands, "wan", inner=bool(out))
    if rest:
        out += _zero(bool(out) and (rest < 1000 or not ten_thousands))
        out += _below_10000(rest, inner=bool(out))
    return out


def quantity(n: int) -> Names:
    """A count before a measure word: two is 两."""
    return ("liang",) if n == 2 else number(n)


def decimal(value: Decimal) -> Names:
    """A number with the digits behind its point: 十二点五."""
    whole, _, fraction = f"{value:f}".partition(".")
    point = ("point", *(f"n_{d}" for d in fraction)) if fraction else ()
    return number(int(whole)) + point


def amount(cents: int) -> Names:
    """Money in fen: 一百二十三元四角五分; 一百元零五分."""
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    out: Names = (*quantity(yuan), "yuan") if yuan or not rest else ()
    if jiao:
        out += (f"jiao_{jiao}",)
    if fen:
        out += _zero(bool(out) and not jiao) + (f"fen_{fen}",)
    return out


def calendar_date(day: date) -> Names:
    """二零二六年十一月二十三日."""
    year = tuple(f"n_{d}" for d in f"{day.year:04d}")
    return (*year, "year", f"month_{day.month}", f"day_{day.day}")


def time_of_day(moment: time) -> Names:
    """十八点三十分; 九点整; 两点零五分 (24 hours)."""
    return (f"hour_{moment.hour}", f"minute_{moment.minute}" if moment.minute else "sharp")


def position(place: int) -> Names:
    """The place in the queue, told as the callers ahead: 您前面还有两位客户在等候."""
    if place <= 10:
        return (f"position_{place}",)
    return ("position_before", *quantity(place - 1), "position_after")


def minutes(n: int) -> Names:
    """四分钟."""
    return (f"minutes_{n}",) if 1 <= n <= 30 else (*quantity(n), "minutes")


def fragments() -> frozenset[str]:
    """Every name that the functions above can give."""
    return frozenset(
        [f"digit_{d}" for d in range(10)]
        + [f"n_{n}" for n in range(100)]
        + [f"inner_{n}" for n in range(10, 20)]
        + [
            f"{unit}_{n}"
            for unit in ("hundred", "thousand", "wan", "yi", "jiao", "fen")
            for n in range(1, 10)
        ]
        + [f"month_{n}" for n in range(1, 13)]
        + [f"day_{n}" for n in range(1, 32)]
        + [f"hour_{n}" for n in range(24)]
        + [f"minute_{n}" for n in range(1, 60)]
        + [f"minutes_{n}" for n in range(1, 31)]
        + [f"position_{n}" for n in range(1, 11)]
        + ["liang", "wan", "yi", "point", "minus", "yuan", "year", "sharp", "minutes"]
        + ["position_before", "position_after"]
    )


def _with_unit(n: int, unit: str, inner: bool) -> Names:
    return (f"{unit}_{n}",) if n < 10 else (*_below_10000(n, inner), unit)


def _below_10000(n: int, inner: bool) -> Names:
    thousands, rest = divmod(n, 1000)
    hundreds, rest = divmod(rest, 100)
    out: Names = (f"thousand_{thousands}",) if thousands else ()
    if hundreds:
        out += (f"hundred_{hundreds}",)
    if rest:
        out += _zero(bool(out) and (rest < 10 or not hundreds))
        out += (f"inner_{rest}" if 10 <= rest < 20 and (out or inner) else f"n_{rest}",)
    return out


def _zero(wanted: bool) -> Names:
    return ("n_0",) if wanted else ()

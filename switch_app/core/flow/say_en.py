"""English: values to the names of recorded fragments (all of them in sounds/prompts.yml).

British manner for numbers (one hundred *and* five), month before an ordinal day, twelve hours.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

Names = tuple[str, ...]

NUMBER_LIMIT = 10**12
_GROUPS = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))


def digits(text: str) -> Names:
    """Each digit alone."""
    return tuple(f"digit_{d}" for d in text)


def number(n: int) -> Names:
    """0 <= n < NUMBER_LIMIT as a cardinal: one thousand and five."""
    if n == 0:
        return ("n_0",)
    out: Names = ()
    for size, name in _GROUPS:
        count, n = divmod(n, size)
        if count:
            out += (*_below_1000(count), name)
    if n:
        out += (("and",) if out and n < 100 else ()) + _below_1000(n)
    return out


quantity = number


def decimal(value: Decimal) -> Names:
    """A number with the digits behind its point: twelve point five."""
    whole, _, fraction = f"{value:f}".partition(".")
    point = ("point", *(f"n_{d}" for d in fraction)) if fraction else ()
    return number(int(whole)) + point


def amount(cents: int) -> Names:
    """Money in fen, said in yuan: twenty-three point four five yuan."""
    yuan, rest = divmod(cents, 100)
    point = ("point", f"n_{rest // 10}", f"n_{rest % 10}") if rest else ()
    return (*number(yuan), *point, "yuan")


def calendar_date(day: date) -> Names:
    """November twenty-third, twenty twenty-six."""
    return (f"month_{day.month}", f"day_{day.day}", *_year(day.year))


def time_of_day(moment: time) -> Names:
    """Six thirty p.m.; six oh five p.m.; noon; midnight."""
    if moment.minute == 0 and moment.hour % 12 == 0:
        return ("noon" if moment.hour else "midnight",)
    past: Names = (f"n_{moment.minute}",) if moment.minute else ()
    if 0 < moment.minute < 10:
        past = ("oh", *past)
    return (f"n_{moment.hour % 12 or 12}", *past, "am" if moment.hour < 12 else "pm")


def position(place: int) -> Names:
    """The place in the queue: you are number three in the queue."""
    if place <= 10:
        return (f"position_{place}",)
    return ("position_before", *number(place), "position_after")


def minutes(n: int) -> Names:
    """Four minutes."""
    return (f"minutes_{n}",) if 1 <= n <= 30 else (*number(n), "minutes")


def fragments() -> frozenset[str]:
    """Every name that the functions above can give."""
    return frozenset(
        [f"digit_{d}" for d in range(10)]
        + [f"n_{n}" for n in range(100)]
        + [f"hundred_{n}" for n in range(1, 10)]
        + [f"month_{n}" for n in range(1, 13)]
        + [f"day_{n}" for n in range(1, 32)]
        + [f"minutes_{n}" for n in range(1, 31)]
        + [f"position_{n}" for n in range(1, 11)]
        + [name for _, name in _GROUPS]
        + ["and", "oh", "hundred", "am", "pm", "noon", "midnight", "point", "minus", "yuan", "minutes"]
        + ["position_before", "position_after"]
    )


def _year(year: int) -> Names:
    century, rest = divmod(year, 100)
    if century % 10 == 0 and rest < 10 or century < 10:
        return number(year)  # two thousand and five
    if rest == 0:
        return (f"n_{century}", "hundred")
    return (f"n_{century}", *(("oh",) if rest < 10 else ()), f"n_{rest}")


def _below_1000(n: int) -> Names:
    hundreds, rest = divmod(n, 100)
    out: Names = (f"hundred_{hundreds}",) if hundreds else ()
    if rest:
        out += (("and",) if hundreds else ()) + (f"n_{rest}",)
    return out

"""Phone numbers: kept as E.164, found again by their tail however a trunk writes them.

A trunk may deliver +8612012345678, 008612012345678, 8612012345678, 012012345678, 12012345678 or, within a
town, the last seven or eight digits. Two numbers match when one, without its prefixes, ends the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

TAIL = 7  # fewer digits are extensions and short codes: they match nobody
FEWEST = 3  # digits of a part of a number that is looked for
LONGEST = 15  # E.164
_NOT_DIAL = re.compile(r"[^0-9+]")
_SCHEME = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)


def normalise(raw: str, country: str = "86") -> str:
    """E.164 of a number as a person writes it ("0571 8888 1234"), or "" when it can't be one.

    country: the calling code of numbers written without one.
    """
    digits, international = _dialled(raw)
    if not international:
        digits = country + digits
    return f"+{digits}" if TAIL <= len(digits) <= LONGEST else ""


def tail(number: str) -> str:
    """The last digits, by which candidates are found; "" for a short number."""
    digits, _ = _dialled(number)
    return digits[-TAIL:] if len(digits) >= TAIL else ""


def same(e164: str, presented: str) -> bool:
    """Whether a number that a trunk presents is the one kept as `e164`."""
    kept, (digits, international) = e164.lstrip("+"), _dialled(presented)
    if len(digits) < TAIL:
        return False
    return kept == digits if international else kept.endswith(digits)


def best(presented: str, kept: Iterable[tuple[str, int]]) -> int | None:
    """The one owner among (e164, owner) whose number matches; None when nobody's or several people's does."""
    owners = {owner for e164, owner in kept if same(e164, presented)}
    return owners.pop() if len(owners) == 1 else None


def digits_of(text: str) -> str:
    """What somebody who looks for a number typed of it, without spaces and signs; "" for other words."""
    digits = re.sub(r"[\s()+./-]", "", text)
    return digits if digits.isascii() and digits.isdecimal() and len(digits) >= FEWEST else ""


def _dialled(raw: str) -> tuple[str, bool]:
    """(digits without prefixes, whether a country code is in front for sure)."""
    text = _NOT_DIAL.sub("", _SCHEME.sub("", raw.strip()).split("@")[0].split(";")[0])
    digits = text.replace("+", "")
    if text.startswith("+"):
        return digits, True
    if digits.startswith("00"):
        return digits[2:], True
    return digits.removeprefix("0"), False

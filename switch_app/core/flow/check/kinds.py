"""What a value may be, as far as it is known before a call: the alternatives that the linter reckons with."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .. import expressions

Name = Literal["any", "number", "bool", "text", "mapping", "list"]
OPEN: Any = object()  # the constant of a kind that has none

FORMS = {  # of a text: all of it, and how it may begin where it is compared by its order
    "digits": (re.compile(r"[0-9]+"), re.compile(r"[0-9]+")),
    "time": (re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]"), re.compile(r"([01][0-9]|2[0-4])(:[0-5][0-9])?")),
    "date": (
        re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
        re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"),
    ),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """form: of a text (FORMS), "" = any. low, high: of a number. parts: of a mapping (name -> shape; None:
    of every name) or a list (the shape of its items). absent: the empty text where nothing is there."""

    name: Name
    constant: Any = OPEN
    form: str = ""
    low: float = -math.inf
    high: float = math.inf
    parts: Any = None
    absent: bool = False

    @property
    def is_constant(self) -> bool:
        return self.constant is not OPEN

    @property
    def is_number(self) -> bool:
        """To count and compare with; true and false are 1 and 0."""
        return self.name in ("number", "bool")

    @property
    def is_word(self) -> bool:
        """A text that is no number, whatever it says."""
        if self.is_constant:
            return self.name == "text" and not expressions.is_digits(self.constant)
        return self.form in ("time", "date")


Kinds = tuple[Kind, ...]  # alternatives
Shape = Any  # Kinds of a plain value; {name: shape} of attributes; [shape] of a list's items, [] for any

ANY: Kinds = (Kind("any"),)
NUMBER: Kinds = (Kind("number"),)
TEXT: Kinds = (Kind("text"),)
DIGITS: Kinds = (Kind("text", form="digits"),)
BOOL: Kinds = (Kind("bool", low=0, high=1),)
ABSENT: Kinds = (Kind("text", constant="", absent=True),)


def count(low: float = 0, high: float = math.inf) -> Kinds:
    """A number within bounds."""
    return (Kind("number", low=low, high=high),)


def constant(value: Any) -> Kinds:
    """Just this value."""
    match value:
        case bool():
            return (Kind("bool", value, low=value, high=value),)
        case int() | float():
            return (Kind("number", value, low=value, high=value),)
        case str():
            return (Kind("text", value),)
        case _:
            return ANY


def of_shape(shape: Shape) -> Kinds:
    """The kinds of what has a shape."""
    if isinstance(shape, tuple):
        return shape
    return (Kind("list" if isinstance(shape, list) else "mapping", parts=shape),)


def either(*groups: Kinds) -> Kinds:
    """All alternatives of several, each once."""
    found: list[Kind] = []
    for kind in _each(groups):
        if kind not in found:
            found.append(kind)
    return tuple(found)


def _each(groups: tuple[Kinds, ...]) -> Iterator[Kind]:
    for group in groups:
        yield from group


def part(kinds: Kinds, key: Any) -> Kinds:
    """What is at a key (None: known only in a call) of a mapping or a list."""
    return either(*(ABSENT if kind.absent else _part(kind.parts, key) for kind in kinds))


def _part(shape: Any, key: Any) -> Kinds:
    if isinstance(shape, Mapping):
        inner = shape.get(key, shape.get(None))
        return ANY if inner is None else of_shape(inner)
    if isinstance(shape, list) and shape and isinstance(key, int):
        return either(of_shape(shape[0]), ABSENT)
    return ANY


def told(kinds: Kinds) -> str:
    """In an author's words: a number, a text such as '09:30'."""
    wide = {kind.name for kind in kinds if not kind.is_constant}
    known = [kind for kind in kinds if not (kind.absent or (kind.is_constant and kind.name in wide))]
    words = list(dict.fromkeys(_told(kind) for kind in known or kinds))
    return " or ".join(words[:4]) + (" ..." if len(words) > 4 else "")


_FORM = {"time": "a text such as '09:30'", "date": "a text such as '2026-12-31'", "digits": "digits"}


def _told(kind: Kind) -> str:
    if kind.is_constant:
        return expressions.written(kind.constant)
    if kind.name == "number":
        return _bounds(kind)
    if kind.name == "text":
        return _FORM.get(kind.form, "a text")
    return {"bool": "true or false", "mapping": "a group of values", "list": "a list"}.get(
        kind.name, "a value"
    )


def _bounds(kind: Kind) -> str:
    return "a number" if math.isinf(kind.high) else f"a number from {kind.low:g} to {kind.high:g}"

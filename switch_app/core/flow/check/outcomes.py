"""What an operator does with two kinds of values: the rules of `expressions`, for values not known yet.

The answers err on the side of "may be": only what holds for every value of the kinds is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from .. import expressions
from .kinds import ANY, FORMS, NUMBER, TEXT, Kind, Kinds, constant, either

FAILS: Any = object()  # it cannot be worked out
Outcomes = frozenset[Any]  # of True, False and FAILS
EITHER: Outcomes = frozenset({True, False})
UNKNOWN: Outcomes = EITHER | {FAILS}
_ONLY = {value: frozenset({value}) for value in (True, False, FAILS)}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}


def compared(op: type[ast.cmpop], a: Kind, b: Kind) -> Outcomes:
    """What `a op b` may come to."""
    if a.is_constant and b.is_constant:
        return frozenset({_worked_out(op, a.constant, b.constant)})
    if "any" in (a.name, b.name):
        return UNKNOWN
    if op in (ast.In, ast.NotIn):
        return _within(a, b)
    if op is ast.Eq:
        return _equal(a, b)
    if op is ast.NotEq:
        return frozenset(each if each is FAILS else not each for each in _equal(a, b))
    return _ordered(op, a, b)


def _worked_out(op: type[ast.AST], a: Any, b: Any) -> Any:
    try:
        return expressions.OPERATORS[op](a, b)
    except Exception:  # noqa: BLE001 - whatever it is, it is one in a call too
        return FAILS


def _within(a: Kind, b: Kind) -> Outcomes:
    """`in` looks for a text in a text or among names, and for anything in a list."""
    if (
        b.is_number
        or (b.name == "text" and a.name != "text")
        or (b.name == "mapping" and a.name in ("mapping", "list"))
    ):
        return _ONLY[FAILS]
    return EITHER


def _equal(a: Kind, b: Kind) -> Outcomes:
    a, b = _as_number(a, b), _as_number(b, a)
    if a.is_number and b.is_number:
        return EITHER if max(a.low, b.low) <= min(a.high, b.high) else _ONLY[False]
    if a.name == b.name == "text":
        return _ONLY[False] if _misformed(a, b) or _misformed(b, a) else EITHER
    if a.name == b.name or (a.is_number and _may_be_number(b)) or (b.is_number and _may_be_number(a)):
        return EITHER
    return _ONLY[False]


def _misformed(formed: Kind, other: Kind) -> bool:
    """Whether no text of the form is the other one."""
    if not formed.form:
        return False
    if other.is_constant:
        return not FORMS[formed.form][0].fullmatch(other.constant)
    return other.form not in ("", formed.form)


def are_ill_formed(a: Kind, b: Kind) -> bool:
    """Whether a time or a date is put in order with a text that is written otherwise: '9:00', '2026-1-5'."""
    return _ill_formed(a, b) or _ill_formed(b, a)


def _ill_formed(formed: Kind, other: Kind) -> bool:
    known = other.is_constant and other.name == "text" and not other.absent
    return formed.form in ("time", "date") and known and not FORMS[formed.form][1].fullmatch(other.constant)


def _ordered(op: type[ast.cmpop], a: Kind, b: Kind) -> Outcomes:
    if "mapping" in (a.name, b.name):
        return _ONLY[FAILS]
    if a.name == b.name and not a.is_number:
        return UNKNOWN if a.name == "list" else EITHER
    if not (a.is_number or b.is_number):
        return _ONLY[FAILS]  # a list and a text
    if "" in (a.constant, b.constant):
        return _ONLY[False]
    a, b = _as_number(a, b), _as_number(b, a)
    if a.is_number and b.is_number:
        return _by_bounds(op, a, b)
    return UNKNOWN if _may_be_number(a) and _may_be_number(b) else _ONLY[FAILS]


def _by_bounds(op: type[ast.cmpop], a: Kind, b: Kind) -> Outcomes:
    if op in (ast.Gt, ast.GtE):
        return _by_bounds(_MIRRORED[op], b, a)
    worked_out = expressions.OPERATORS[op]
    if not worked_out(a.low, b.high):
        return _ONLY[False]
    return _ONLY[True] if worked_out(a.high, b.low) else EITHER


def _may_be_number(kind: Kind) -> bool:
    return kind.is_number or (kind.name == "text" and not kind.is_word)


def _as_number(kind: Kind, beside: Kind) -> Kind:
    """Digits beside a number count as one."""
    if kind.name == "text" and kind.is_constant and beside.is_number and expressions.is_digits(kind.constant):
        return constant(expressions.as_number(kind.constant))[0]
    return kind


def reckoned(op: type[ast.operator], a: Kind, b: Kind) -> Kinds | None:
    """What `a op b` may be; None: it cannot be worked out."""
    if a.is_constant and b.is_constant:
        value = _worked_out(op, a.constant, b.constant)
        return None if value is FAILS else constant(value)
    if op is ast.Add and "text" in (a.name, b.name):
        return _joined(a, b)
    if not (_countable(a) and _countable(b)):
        return None
    if op in (ast.Div, ast.FloorDiv, ast.Mod) and b.is_constant and not expressions.as_number(b.constant):
        return None
    return ANY if op is ast.Add and a.name == b.name == "any" else NUMBER


def _joined(a: Kind, b: Kind) -> Kinds | None:
    """Two texts are joined; beside a number digits count as one."""
    if a.name == b.name:
        return TEXT
    if "any" in (a.name, b.name):
        return ANY
    return NUMBER if _countable(a) and _countable(b) else None


def _countable(kind: Kind) -> bool:
    return kind.name == "any" or _may_be_number(kind)


def one_of(a: Kind, b: Kind) -> Kinds | None:
    """What min and max give of two; None: they cannot be worked out."""
    if "any" in (a.name, b.name) or a.name == b.name == "list":
        return ANY
    if a.name == b.name == "text":
        return either((a,), (b,))
    return NUMBER if _countable(a) and _countable(b) else None


def truths(kinds: Iterable[Kind]) -> Outcomes:
    """Whether a condition that is nothing but such a value holds."""
    return frozenset(truth for kind in kinds for truth in _truth(kind))


def _truth(kind: Kind) -> Outcomes:
    if kind.is_constant:
        return _ONLY[bool(kind.constant)]
    if kind.name == "mapping" or kind.form or kind.low > 0 or kind.high < 0:
        return _ONLY[True]
    return EITHER


def may_count(kind: Kind) -> bool:
    """Whether it is a number, digits, or may be."""
    return kind.name != "bool" and _countable(kind)

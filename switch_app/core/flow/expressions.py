"""Conditions of flows: `customer.tier == "gold" and balance > 100`. Bounded, no side effects.

Parsed at load; only the nodes below pass, so that no expression can loop, call or reach into an object.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from simpleeval import DEFAULT_OPERATORS, InvalidExpression, SimpleEval  # type: ignore[import-untyped]

LONGEST = 500  # characters
BIGGEST = 10**15  # of a number
LONGEST_TEXT = 10_000
_DIGITS = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")

_NODES: tuple[type[ast.AST], ...] = (
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.UAdd,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.In,
    ast.NotIn,
    ast.IfExp,
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.Subscript,
    ast.Constant,
    ast.Call,
)


HABITS = (  # of other languages, in what cannot be read -> what to write
    (r"\{\{", "names stand without {{ }} here"),
    (r"\$", "names stand without $ here"),
    (r"\+\+|[-+*/]=", "write x + 1"),
    (r"&&|\|\|", "write and, or"),
    (r"[‘’“”]", "write straight quotes"),
    (r"[^=!<>]=[^=]", "to compare, write =="),
)
_ONE_BY_ONE = "; compare one by one: caller == '1' or caller == '2'"
INSTEAD = {
    **dict.fromkeys(("List", "Tuple"), _ONE_BY_ONE),
    **dict.fromkeys(("Is", "IsNot"), "; write == or !="),
    **dict.fromkeys(("Set", "Dict"), "; names stand without {{ }} here"),
    "Pow": "; write x * x",
}


class ExpressionError(Exception):
    """The expression cannot be read, or cannot be worked out with these values."""


def _number(value: Any) -> float:
    """A number of a number or of digits; 0 of anything else."""
    try:
        number = float(str(value)) if "." in str(value) else int(str(value))
    except ValueError:
        return 0
    return number if math.isfinite(number) else 0


def is_digits(value: Any) -> bool:
    """Whether a value is a text that counts as a number: pressed digits, -3, 2.50."""
    return isinstance(value, str) and _DIGITS.fullmatch(value) is not None


def as_number(value: Any) -> Any:
    """Pressed digits count as a number. Raises InvalidExpression."""
    if isinstance(value, (int, float)):
        return value
    if is_digits(value):
        return _number(value)
    raise InvalidExpression("only numbers can be used here")


def _of_all(choose: Callable[..., Any]) -> Callable[..., Any]:
    """min and max; beside a number digits count as one."""

    def chosen(*values: Any) -> Any:
        counted = any(isinstance(value, (int, float)) for value in values)
        return choose(as_number(value) for value in values) if counted else choose(values)

    return chosen


CONSTANTS = {"true": True, "false": False, "none": ""}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "len": lambda value: len(value) if isinstance(value, (str, list, tuple, dict)) else 0,
    "number": _number,
    "text": lambda value: str(value)[:LONGEST_TEXT],
    "starts": lambda value, prefix: str(value).startswith(str(prefix)),
    "ends": lambda value, suffix: str(value).endswith(str(suffix)),
    "min": _of_all(min),
    "max": _of_all(max),
}
# how many values each takes; the others one
_VALUES = {"starts": (2, 2), "ends": (2, 2), "min": (2, LONGEST), "max": (2, LONGEST)}


def _numeric(act: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def bounded(a: Any, b: Any) -> Any:
        result = act(as_number(a), as_number(b))
        if abs(result) > BIGGEST:
            raise InvalidExpression("the number is too big")
        return result

    return bounded


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, str) and isinstance(b, str):
        return (a + b)[:LONGEST_TEXT]
    return _numeric(operator.add)(a, b)


def _comparing(act: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Digits compare as a number with a number; what is absent is neither greater nor smaller."""

    def compared(a: Any, b: Any) -> bool:
        if type(a) is not type(b) and (isinstance(a, (int, float)) or isinstance(b, (int, float))):
            if "" in (a, b):
                return act is operator.ne
            if act in (operator.eq, operator.ne):
                a, b = (_number(v) if is_digits(v) else v for v in (a, b))
            else:
                a, b = as_number(a), as_number(b)
        return act(a, b)

    return compared


OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    **DEFAULT_OPERATORS,
    ast.Add: _add,
    ast.Sub: _numeric(operator.sub),
    ast.Mult: _numeric(operator.mul),
    ast.Div: _numeric(operator.truediv),
    ast.FloorDiv: _numeric(operator.floordiv),
    ast.Mod: _numeric(operator.mod),
    ast.USub: lambda a: -as_number(a),
    ast.UAdd: as_number,
    ast.Eq: _comparing(operator.eq),
    ast.NotEq: _comparing(operator.ne),
    ast.Lt: _comparing(operator.lt),
    ast.LtE: _comparing(operator.le),
    ast.Gt: _comparing(operator.gt),
    ast.GtE: _comparing(operator.ge),
}


class _Evaluator(SimpleEval):  # type: ignore[misc]
    """Attributes are keys of mappings and nothing else; what is absent is an empty text."""

    def _eval_attribute(self, node: ast.Attribute) -> Any:
        return _item(self._eval(node.value), node.attr)

    def _eval_subscript(self, node: ast.Subscript) -> Any:
        return _item(self._eval(node.value), self._eval(node.slice))


def _item(owner: Any, key: Any) -> Any:
    if isinstance(owner, Mapping):
        value = owner.get(key, "")
        return "" if value is None else value
    if isinstance(owner, (list, tuple)) and isinstance(key, int):
        return owner[key] if -len(owner) <= key < len(owner) else ""
    return ""


@lru_cache(maxsize=4096)
def parse(source: str) -> ast.expr:
    """The tree of an expression. Raises ExpressionError."""
    if len(source) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} characters")
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        hint = next((f"; {hint}" for sign, hint in HABITS if re.search(sign, source)), "")
        raise ExpressionError(f"cannot be read: {getattr(error, 'msg', error)}{hint}") from error
    for node in ast.walk(tree):
        _allow(node)
    return tree


def _allow(node: ast.AST) -> None:
    if not isinstance(node, _NODES):
        hint = INSTEAD.get(type(node).__name__, "")
        raise ExpressionError(f"{type(node).__name__} is not allowed here{hint}")
    if isinstance(node, ast.Constant):
        _allow_constant(node)
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
        raise ExpressionError(f"only these can be called: {', '.join(FUNCTIONS)}")
    if isinstance(node, ast.Call):
        _allow_call(node)


def _allow_call(node: ast.Call) -> None:
    if node.keywords:
        raise ExpressionError("arguments have no names here")
    name = node.func.id  # type: ignore[attr-defined]
    least, most = _VALUES.get(name, (1, 1))
    if not least <= len(node.args) <= most:
        wanted = f"{least} values" if least == most > 1 else "2 values or more" if most > 1 else "one value"
        raise ExpressionError(f"{name} takes {wanted}, and here are {len(node.args)}")


def _allow_constant(node: ast.Constant) -> None:
    """Texts, true and false, and numbers that can be counted with."""
    if isinstance(node.value, (int, float)):
        if abs(node.value) > BIGGEST:
            raise ExpressionError("a number has at most 15 digits; a longer one is a text, in quotes")
    elif not isinstance(node.value, str):
        raise ExpressionError(f"{ast.unparse(node)[:40]} is not allowed here")


def written(value: Any) -> str:
    """A text, a number, true or false as an expression has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def names_in(source: str) -> frozenset[str]:
    """The variables that an expression reads. Raises ExpressionError."""
    tree = parse(source)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)}  # type: ignore[attr-defined]
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)) - called


def operands_in(source: str) -> frozenset[str]:
    """The variables that are added, multiplied ...: an empty text can't be. Raises ExpressionError."""
    sides = (
        side
        for node in ast.walk(parse(source))
        if isinstance(node, ast.BinOp)
        for side in (node.left, node.right)
    )
    return frozenset(side.id for side in sides if isinstance(side, ast.Name))


Chain = tuple[str | int | None, ...]  # a.b[0][c] is ("a", "b", 0, None)


def chains_in(source: str) -> frozenset[Chain]:
    """The ways into variables that an expression takes. None: known only then. Raises ExpressionError."""
    return frozenset(chain for node in ast.walk(parse(source)) if (chain := _chain(node)))


def _chain(node: ast.AST) -> Chain:
    parts: list[str | int | None] = []
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        parts.append(node.attr if isinstance(node, ast.Attribute) else _constant(node.slice))
        node = node.value
    return (node.id, *reversed(parts)) if parts and isinstance(node, ast.Name) else ()


def _constant(node: ast.expr) -> str | int | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)) else None


def evaluate(source: str, names: Mapping[str, Any]) -> Any:
    """The value with these names; an unknown name is an error. Raises ExpressionError."""
    known = {**names, **CONSTANTS}
    try:
        engine = _Evaluator(OPERATORS, dict(FUNCTIONS), known)
        return engine.eval(source, previously_parsed=parse(source))
    except ExpressionError:
        raise
    except (
        Exception
    ) as error:  # simpleeval lets the operands' own errors through (TypeError, ZeroDivisionError)
        raise ExpressionError(f"{source}: {error}") from error

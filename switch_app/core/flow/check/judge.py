"""Works an expression out with kinds in place of values, and tells what can't come to anything."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .. import expressions
from . import kinds as k
from . import outcomes as o
from .advice import advice
from .kinds import Kind, Kinds

MARKS: dict[type[ast.AST], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

Pair = tuple[Kind, Kind]
Side = tuple[ast.expr, Kinds]


@dataclass(frozen=True, slots=True)
class Finding:
    """source: the part that is wrong. comes_to: FAILS, or the value that it always has (of a condition:
    whether it holds); OPEN where it has many, but not the one that was meant."""

    source: str
    comes_to: Any
    message: str
    hint: str = ""


class Judge:
    """known: what a name may be. findings: of all that was asked so far."""

    def __init__(self, known: Callable[[str], Kinds]) -> None:
        self._known = known
        self.findings: list[Finding] = []

    def kinds(self, node: ast.expr) -> Kinds:
        """The alternatives of an expression's value."""
        match node:
            case ast.Constant(value=value):
                return k.constant(value)
            case ast.Name(id=name):
                constants = expressions.CONSTANTS
                return k.constant(constants[name]) if name in constants else self._known(name)
            case ast.Attribute(value=owner, attr=attribute):
                return k.part(self.kinds(owner), attribute)
            case ast.Subscript(value=owner, slice=key):
                self.kinds(key)
                return k.part(self.kinds(owner), key.value if isinstance(key, ast.Constant) else None)
            case ast.BoolOp(values=values):
                return k.either(*(self.kinds(value) for value in values))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.condition(test)
                return k.either(self.kinds(body), self.kinds(orelse))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.condition(operand)
                return k.BOOL
            case ast.UnaryOp(operand=operand):
                return self._signed(node, self.kinds(operand))
            case ast.BinOp():
                return self._reckoned(node)
            case ast.Compare():
                return self._compared(node)
            case ast.Call(func=ast.Name(id=name)):
                return self._called(node, name)
        return k.ANY

    def condition(self, node: ast.expr, before: ast.expr | None = None) -> None:
        """Judge what only has to hold. before: what stands to the left of its `and` or `or`."""
        match node:
            case ast.BoolOp(values=values):
                for left, value in zip([None, *values], values, strict=False):
                    self.condition(value, left)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.condition(operand)
            case ast.Compare() | ast.Constant(value=bool()) | ast.Name(id="true" | "false"):
                self.kinds(node)
            case _:
                known = self.kinds(node)
                truths = o.truths(known)
                if len(truths) == 1:
                    self._always(node, known, truths == {True}, before)

    def _always(self, node: ast.expr, known: Kinds, holds: bool, before: ast.expr | None) -> None:
        source = ast.unparse(node)
        hint = "write customer.known" if source == "customer" else ""
        if isinstance(before, ast.Compare) and isinstance(before.ops[0], ast.Eq):
            left = ast.unparse(before.left)
            hint = f"write {ast.unparse(before)} or {left} == {source}"
        message = f"{source} alone is always {'true' if holds else 'false'}"
        if not isinstance(node, ast.Constant):
            message += f": it is {k.told(known)}"
        self._find(source, holds, message, hint)

    # --- operators ----------------------------------------------------------------------------------
    def _compared(self, node: ast.Compare) -> Kinds:
        sides = [node.left, *node.comparators]
        known = [self.kinds(side) for side in sides]
        for op, (left, right), (a, b) in zip(node.ops, pairwise(sides), pairwise(known), strict=True):
            self._pair(op, left, right, a, b)
        return k.BOOL

    def _pair(self, op: ast.cmpop, left: ast.expr, right: ast.expr, a: Kinds, b: Kinds) -> None:
        found = [((x, y), o.compared(type(op), x, y)) for x in a for y in b]
        may_be = {each for _, outcomes in found for each in outcomes} - {o.FAILS}
        unlike = isinstance(op, (ast.NotEq, ast.NotIn))
        if _all_fail((pair, outcomes == {o.FAILS}) for pair, outcomes in found):
            comes_to, says = o.FAILS, "cannot be worked out"
        elif may_be == {unlike}:
            comes_to, says = unlike, f"is always {'true' if unlike else 'false'}"
        elif isinstance(op, _ORDER) and any(o.are_ill_formed(*pair) for pair, _ in found):
            comes_to, says = k.OPEN, "goes letter by letter"
        else:
            return
        source = ast.unparse(ast.Compare(left, [op], [right]))
        hint = advice(ast.unparse(left), MARKS[type(op)], ast.unparse(right), a, b)
        self._find(source, comes_to, f"{source} {says}{_because((left, a), (right, b))}", hint)

    def _signed(self, node: ast.UnaryOp, a: Kinds) -> Kinds:
        act = ast.Sub if isinstance(node.op, ast.USub) else ast.Add
        zero = k.constant(0)[0]
        return self._result(node, [((zero, x), o.reckoned(act, zero, x)) for x in a], (node.operand, a))

    def _reckoned(self, node: ast.BinOp) -> Kinds:
        a, b = self.kinds(node.left), self.kinds(node.right)
        found = [((x, y), o.reckoned(type(node.op), x, y)) for x in a for y in b]
        return self._result(node, found, (node.left, a), (node.right, b))

    def _result(self, node: ast.expr, found: list[tuple[Pair, Kinds | None]], *sides: Side) -> Kinds:
        """What an operator gives; what fails is found, and may be anything."""
        if _all_fail((pair, result is None) for pair, result in found):
            source = ast.unparse(node)
            self._find(source, o.FAILS, f"{source} cannot be worked out{_because(*sides)}")
            return k.ANY
        return k.either(*(result for _, result in found if result is not None))

    # --- functions ----------------------------------------------------------------------------------
    def _called(self, node: ast.Call, name: str) -> Kinds:
        given = [(each, self.kinds(each)) for each in node.args]
        match name:
            case "min" | "max":
                return self._extreme(node, given)
            case "number" | "len":
                return self._counted(node, name, *given[0])
            case "text":
                return k.either(*((kind,) if kind.name == "text" else k.TEXT for kind in given[0][1]))
        return k.BOOL

    def _extreme(self, node: ast.Call, given: list[Side]) -> Kinds:
        found = given[0][1]
        for side in given[1:]:
            pairs = [((x, y), o.one_of(x, y)) for x in found for y in side[1]]
            found = self._result(node, pairs, *given)
            if found == k.ANY:
                break
        return found

    def _counted(self, node: ast.Call, name: str, argument: ast.expr, known: Kinds) -> Kinds:
        """number and len give 0 of what they are not made for."""
        is_nothing = _no_number if name == "number" else _no_length
        if all(is_nothing(kind) for kind in known) and any(_present(kind) for kind in known):
            source = ast.unparse(node)
            self._find(source, 0, f"{source} is always 0{_because((argument, known))}")
        return k.NUMBER if name == "number" else k.count()

    def _find(self, source: str, comes_to: Any, message: str, hint: str = "") -> None:
        self.findings.append(Finding(source, comes_to, message, hint))


def _all_fail(fails: Iterable[tuple[Pair, bool]]) -> bool:
    """Whether it fails with whatever is there: an absent value may be there another time."""
    present = [failing for pair, failing in fails if _present(*pair)]
    return bool(present) and all(present)


def _present(*kinds: Kind) -> bool:
    return not any(kind.absent for kind in kinds)


def _no_number(kind: Kind) -> bool:
    return kind.absent or kind.form in ("time", "date") or kind.name in ("mapping", "list")


def _no_length(kind: Kind) -> bool:
    return kind.absent or kind.is_number


def _because(*sides: Side) -> str:
    """What is known of the sides that do not stand there as they are."""
    known = dict.fromkeys(
        f"{ast.unparse(side)} is {k.told(kinds)}"
        for side, kinds in sides
        if not (isinstance(side, ast.Constant) or kinds == k.ANY)
    )
    return f": {', '.join(known)}" if known else ""

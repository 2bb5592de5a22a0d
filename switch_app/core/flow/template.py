"""Texts with values in them: `{{ account }}`, `{{ customer.name | default("?") }}`.

Values are compared, added and subtracted as in conditions (`expressions`): digits count as a number, and what
is absent is an empty text.

Jinja2's sandbox bounds neither time nor memory, so the tree is checked at load against a list of
nodes and filters that cannot loop or call, and the result is cut at LONGEST_RESULT.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import ChainableUndefined, Template, TemplateError, Undefined, meta, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import ImmutableSandboxedEnvironment

from . import expressions, template_tree

LONGEST = 2_000  # characters of a template
LONGEST_RESULT = 4_000
FILTERS = (
    "abs",
    "default",
    "first",
    "int",
    "last",
    "length",
    "lower",
    "round",
    "tojson",
    "trim",
    "upper",
)

_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Add,
    nodes.Sub,
    nodes.If,
)


_INSTEAD = dict.fromkeys(
    ("Mul", "Div", "FloorDiv", "Mod", "Pow"), "; work it out before, with `compute` of a set step"
)


class TemplateProblem(Exception):
    """The template cannot be read or filled."""


def _quoted(value: Any) -> str:
    return quote(str(value), safe="")


class _Generator(CodeGenerator):
    """Comparisons are the environment's."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        self.write("environment.compared(")
        self.visit(node.expr, frame)
        for operand in node.ops:
            self.write(f", {operand.op!r}, ")
            self.visit(operand.expr, frame)
        self.write(")")


class _Environment(ImmutableSandboxedEnvironment):
    """`a.b` and `a[b]` are entries of mappings and lists and nothing else of an object."""

    code_generator_class = _Generator
    intercepted_binops = frozenset("+-")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        return _worked_out(operator, left, right)

    def compared(self, left: Any, *rest: Any) -> bool:
        """Of `left < middle <= right`: (left, "lt", middle, "lteq", right)."""
        for operator, right in zip(rest[::2], rest[1::2], strict=True):
            if not _worked_out(operator, left, right):
                return False
            left = right
        return True

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and argument in obj:
            return "" if obj[argument] is None else obj[argument]
        if isinstance(obj, (list, tuple)) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))


def _worked_out(operator: str, left: Any, right: Any) -> Any:
    return expressions.OPERATORS[template_tree.OPERATORS[operator]](_present(left), _present(right))


def _present(value: Any) -> Any:
    return "" if value is None or isinstance(value, Undefined) else value


_environment = _Environment(optimized=False, undefined=ChainableUndefined, autoescape=False)
_environment.globals.clear()
_environment.filters = {name: _environment.filters[name] for name in FILTERS if name != "round"}


def _round(value: Any, precision: int = 0) -> float | str:
    """Jinja2's own computes 10 ** precision, however great. What is absent stays so."""
    if _present(value) == "":
        return ""
    return round(float(value), max(0, min(int(precision), 9)))


_environment.filters["round"] = _round
_url_environment = _environment.overlay(finalize=_quoted)


@lru_cache(maxsize=4096)
def compile_template(source: str, url: bool = False) -> Template:
    """url: values are URL-encoded. Raises TemplateProblem."""
    _parse(source)
    return (_url_environment if url else _environment).from_string(source)


def _parse(source: str) -> nodes.Template:
    if len(source) > LONGEST:
        raise TemplateProblem(f"longer than {LONGEST} characters")
    try:
        tree = _environment.parse(source)
    except (TemplateError, RecursionError) as error:
        raise TemplateProblem(f"cannot be read: {error}") from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _NODES):
            name = type(node).__name__
            raise TemplateProblem(f"{name} is not allowed in a template{_INSTEAD.get(name, '')}")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateProblem(f"the filter {node.name} is not allowed; these are: {', '.join(FILTERS)}")
    return tree


def is_template(value: Any) -> bool:
    """Whether a text has values to fill in."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def names_in(source: str) -> frozenset[str]:
    """The variables that a template reads. Raises TemplateProblem."""
    return frozenset(meta.find_undeclared_variables(_parse(source)))


def chains_in(source: str) -> frozenset[expressions.Chain]:
    """The ways into variables that a template takes (expressions.chains_in). Raises TemplateProblem."""
    parts = _parse(source).find_all((nodes.Getattr, nodes.Getitem))
    return frozenset(chain for node in parts if (chain := _chain(node)))


def trees_in(source: str) -> Iterator[tuple[ast.expr, bool]]:
    """What a template works out (template_tree.trees). Raises TemplateProblem."""
    return template_tree.trees(_parse(source))


def _chain(node: nodes.Node) -> expressions.Chain:
    parts: list[str | int | None] = []
    while isinstance(node, (nodes.Getattr, nodes.Getitem)):
        parts.append(node.attr if isinstance(node, nodes.Getattr) else _constant(node.arg))
        node = node.node
    return (node.name, *reversed(parts)) if parts and isinstance(node, nodes.Name) else ()


def _constant(node: nodes.Node) -> str | int | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, (str, int)) else None


def fill(source: str, names: Mapping[str, Any], url: bool = False) -> str:
    """The text with its values, at most LONGEST_RESULT characters. Raises TemplateProblem."""
    if not is_template(source):
        return source
    size, pieces = 0, []
    try:
        for piece in compile_template(source, url).generate(names):
            pieces.append(piece[: LONGEST_RESULT - size])
            size += len(pieces[-1])
            if size >= LONGEST_RESULT:
                break
    except TemplateProblem:
        raise
    except Exception as error:  # a filter meets a value that it was not made for
        raise TemplateProblem(f"cannot be filled: {error}") from error
    return "".join(pieces)


def fill_all(value: Any, names: Mapping[str, Any]) -> Any:
    """`fill` in all texts of nested lists and mappings."""
    if isinstance(value, str):
        return fill(value, names)
    if isinstance(value, list):
        return [fill_all(item, names) for item in value]
    if isinstance(value, Mapping):
        return {key: fill_all(item, names) for key, item in value.items()}
    return value

"""What a template works out, as trees of `expressions`: its operators do the same there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from jinja2 import nodes

OPERATORS: dict[str, type[ast.AST]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "lt": ast.Lt,
    "lteq": ast.LtE,
    "gt": ast.Gt,
    "gteq": ast.GtE,
    "in": ast.In,
    "notin": ast.NotIn,
    "+": ast.Add,
    "-": ast.Sub,
}
ELSE = "..."  # the name of what expressions do not have: filters


def trees(tree: nodes.Template) -> Iterator[tuple[ast.expr, bool]]:
    """(tree, whether it only has to hold) of all that is worked out, in reading order."""
    for node in tree.find_all((nodes.Output, nodes.If)):
        if isinstance(node, nodes.If):
            yield tree_of(node.test), True
        elif isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield tree_of(part), False


def tree_of(node: Any) -> ast.expr:
    """One expression of a template."""
    match node:
        case nodes.Const():
            return ast.Constant("" if node.value is None else node.value)
        case nodes.Name():
            return ast.Name(node.name, ast.Load())
        case nodes.Getattr():
            return ast.Attribute(tree_of(node.node), node.attr, ast.Load())
        case nodes.Getitem():
            return ast.Subscript(tree_of(node.node), tree_of(node.arg), ast.Load())
        case nodes.CondExpr():
            otherwise = tree_of(node.expr2) if node.expr2 else ast.Constant("")
            return ast.IfExp(tree_of(node.test), tree_of(node.expr1), otherwise)
        case nodes.Not():
            return ast.UnaryOp(ast.Not(), tree_of(node.node))
        case nodes.And() | nodes.Or():
            both = ast.And() if isinstance(node, nodes.And) else ast.Or()
            return ast.BoolOp(both, [tree_of(node.left), tree_of(node.right)])
        case nodes.Add() | nodes.Sub():
            sign = ast.Add() if isinstance(node, nodes.Add) else ast.Sub()
            return ast.BinOp(tree_of(node.left), sign, tree_of(node.right))
        case nodes.Compare():
            marks: list[Any] = [OPERATORS[each.op]() for each in node.ops]
            return ast.Compare(tree_of(node.expr), marks, [tree_of(each.expr) for each in node.ops])
    return ast.Name(ELSE, ast.Load())

"""A flow as a picture: nodes and edges (`graph_of`), placed in layers (`lay_out`), drawn (`svg_of`)."""

from __future__ import annotations

from .drawing import svg_of
from .layout import Layout, lay_out
from .picture import Edge, Graph, Node, graph_of

__all__ = ["Edge", "Graph", "Layout", "Node", "graph_of", "lay_out", "svg_of"]

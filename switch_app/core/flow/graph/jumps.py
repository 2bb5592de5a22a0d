"""Which ways of a flow are named in their step's box instead of drawn.

To the end; to a step that stands far above or below; and to a step that many lead to, but for its
nearest few. Each step keeps a way that is drawn.
"""

from __future__ import annotations

from ..steps.base import END
from .picture import Graph
from .ranks import ranks_of

MOST_DRAWN = 3  # ways into one step
MOST_BACK = 1  # of them upwards
LONGEST = 3  # rows that a drawn way goes down
LONGEST_BACK = 5  # rows that a drawn way goes up


def jumps_of(graph: Graph, closing: set[int]) -> set[int]:
    """The numbers of the edges. closing: those that close a circle."""
    jumps = {at for at, edge in enumerate(graph.edges) if edge.target == END}
    while True:
        ranks = ranks_of(graph, closing | jumps)
        more = set().union(*(_too_many(graph, node.name, ranks, closing | jumps) for node in graph.nodes))
        if not more:
            return jumps | _far_back(graph, ranks, closing)
        jumps |= more


def _too_many(graph: Graph, node: str, ranks: dict[str, int], without: set[int]) -> set[int]:
    """The edges down into a node that come from far below its highest source, or are too many."""
    into = [at for at, edge in enumerate(graph.edges) if edge.target == node and at not in without]
    into.sort(key=lambda at: ranks[graph.edges[at].source])
    far = {at for at in into if ranks[graph.edges[at].source] - ranks[graph.edges[into[0]].source] >= LONGEST}
    return far | set(into[MOST_DRAWN:])


def _far_back(graph: Graph, ranks: dict[str, int], closing: set[int]) -> set[int]:
    drawn: dict[str, int] = {}
    jumps = set()
    for at in sorted(closing):
        edge = graph.edges[at]
        drawn[edge.target] = drawn.get(edge.target, 0) + 1
        if ranks[edge.source] - ranks[edge.target] > LONGEST_BACK or drawn[edge.target] > MOST_BACK:
            jumps.add(at)
    return jumps

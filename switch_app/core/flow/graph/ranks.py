"""Ranks of a picture's nodes: the row in which each stands."""

from __future__ import annotations

from .picture import Graph


def closing_edges(graph: Graph) -> set[int]:
    """Edges that close a circle, found depth first from the starts, in the file's order."""
    ways: dict[str, list[tuple[int, str]]] = {node.name: [] for node in graph.nodes}
    for at, edge in enumerate(graph.edges):
        if edge.target in ways:
            ways[edge.source].append((at, edge.target))
    back: set[int] = set()
    state: dict[str, int] = {}  # 1 = on the way, 2 = done
    for root in [*graph.starts.values(), *ways]:
        stack = [] if root in state else [(root, iter(ways[root]))]
        state.setdefault(root, 1)
        while stack:
            node, following = stack[-1]
            at, target = next(following, (-1, ""))
            if at < 0:
                state[node] = 2
                stack.pop()
            elif state.get(target) == 1:
                back.add(at)
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(ways[target])))
    return back


def ranks_of(graph: Graph, without: set[int]) -> dict[str, int]:
    """The longest way from above, by the edges that are not `without`. Those must have no circle."""
    forward = [edge for at, edge in enumerate(graph.edges) if at not in without]
    ranks = {node.name: 0 for node in graph.nodes}
    for _ in graph.nodes:
        changed = False
        for edge in forward:
            if ranks[edge.target] < ranks[edge.source] + 1:
                ranks[edge.target] = ranks[edge.source] + 1
                changed = True
        if not changed:
            break
    return ranks

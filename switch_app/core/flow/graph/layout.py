"""Layered layout (Sugiyama): ranks by longest way, dummy nodes on long edges, barycentre ordering.

Ways that lead back up are routed at the side and do not count for the ranks. Ways that would cross
half the picture (jumps.py) are not drawn but named in their step's box. All in pixels; y grows down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .jumps import jumps_of
from .picture import Edge, Graph
from .ranks import closing_edges, ranks_of

NODE_W, NODE_H = 210, 74
JUMP_H = 15  # of a line that names a jump
GAP_X, GAP_Y = 34, 66
DUMMY_W = 18
MARGIN = 28
BACK_LANE = 16
SWEEPS = 8

Point = tuple[float, float]


@dataclass(slots=True)
class Layout:
    """places: node -> centre of its upper border. heights: node -> its height. routes: of the drawn edges,
    from border to border. back: drawn edges that go up. jumps: edges that are named, not drawn."""

    width: float
    height: float
    places: dict[str, Point] = field(default_factory=dict)
    routes: dict[int, list[Point]] = field(default_factory=dict)
    back: set[int] = field(default_factory=set)
    jumps: set[int] = field(default_factory=set)
    heights: dict[str, float] = field(default_factory=dict)


def lay_out(graph: Graph) -> Layout:
    """Places for all nodes and routes for all edges; the same for the same graph."""
    closing = closing_edges(graph)
    jumps = jumps_of(graph, closing)
    ranks = ranks_of(graph, closing | jumps)
    rows, chains = _rows(graph, ranks, closing | jumps)
    _order(rows, chains)
    last = {row[-1] for row in rows if row}
    back = {at for at in closing - jumps if _ends(graph.edges[at]) <= last}  # others would cross boxes
    jumps |= closing - back
    return _place(graph, rows, chains, back, jumps)


def _ends(edge: Edge) -> set[str]:
    return {edge.source, edge.target}


Rows = list[list[str]]
Chains = dict[int, list[str]]  # edge -> the nodes that it passes, dummies between


def _rows(graph: Graph, ranks: Mapping[str, int], back: set[int]) -> tuple[Rows, Chains]:
    rows: Rows = [[] for _ in range(max(ranks.values(), default=0) + 1)]
    for node in graph.nodes:
        rows[ranks[node.name]].append(node.name)
    chains: Chains = {}
    for at, edge in enumerate(graph.edges):
        if at in back:
            continue
        chain = [edge.source]
        for rank in range(ranks[edge.source] + 1, ranks[edge.target]):
            dummy = f"\0{at}:{rank}"
            rows[rank].append(dummy)
            chain.append(dummy)
        chains[at] = [*chain, edge.target]
    return rows, chains


def _order(rows: Rows, chains: Chains) -> None:
    """Sweep down and up, each node to the mean of its neighbours' places."""
    up: dict[str, list[str]] = {name: [] for row in rows for name in row}
    down: dict[str, list[str]] = {name: [] for row in rows for name in row}
    for chain in chains.values():
        for one, other in zip(chain, chain[1:], strict=False):
            down[one].append(other)
            up[other].append(one)
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        neighbours = up if downwards else down
        order = range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1)
        for rank in order:
            beside = rows[rank - 1] if downwards else rows[rank + 1]
            where = {name: at / max(len(beside), 1) for at, name in enumerate(beside)}
            _sort_row(rows[rank], neighbours, where)


def _sort_row(row: list[str], neighbours: Mapping[str, list[str]], where: Mapping[str, float]) -> None:
    mean = {}
    for at, name in enumerate(row):
        near = [where[other] for other in neighbours[name] if other in where]
        mean[name] = sum(near) / len(near) if near else at / len(row)
    row.sort(key=mean.__getitem__)


def _width(name: str) -> int:
    return DUMMY_W if name.startswith("\0") else NODE_W


def _place(graph: Graph, rows: Rows, chains: Chains, back: set[int], jumps: set[int]) -> Layout:
    xs = _columns(rows, chains)
    left = min((x - _width(name) / 2 for name, x in xs.items()), default=0.0)
    right = max((x + _width(name) / 2 for name, x in xs.items()), default=0.0)
    shift = MARGIN - left
    heights = {node.name: float(NODE_H) for node in graph.nodes}
    for at in jumps:
        heights[graph.edges[at].source] += JUMP_H
    places: dict[str, Point] = {}
    floors: dict[str, float] = {}  # the lowest border of a node's row
    y = float(MARGIN)
    for row in rows:
        places |= {name: (xs[name] + shift, y) for name in row}
        y += max((heights.get(name, 0.0) for name in row), default=0.0)
        floors |= dict.fromkeys(row, y)
        y += GAP_Y
    lanes = len(back) * BACK_LANE + (MARGIN if back else 0)
    layout = Layout(right - left + 2 * MARGIN + lanes, y - GAP_Y + MARGIN, back=back, jumps=jumps)
    layout.heights = heights
    layout.places = {name: place for name, place in places.items() if name in heights}
    for at in chains:
        layout.routes[at] = _through(at, graph, chains, places, heights, floors)
    for lane, at in enumerate(sorted(back), 1):
        layout.routes[at] = _around(graph.edges[at], places, right + shift + BACK_LANE * lane)
    return layout


def _columns(rows: Rows, chains: Chains) -> dict[str, float]:
    """x of each node: near the mean of its neighbours, rows kept in order and apart."""
    xs: dict[str, float] = {}
    for row in rows:
        x = 0.0
        for name in row:
            xs[name] = x + _width(name) / 2
            x += _width(name) + GAP_X
        for name in row:
            xs[name] -= x / 2
    near: dict[str, list[str]] = {name: [] for name in xs}
    for chain in chains.values():
        for one, other in zip(chain, chain[1:], strict=False):
            near[one].append(other)
            near[other].append(one)
    for _ in range(SWEEPS):
        for row in rows:
            wanted = {n: sum(xs[o] for o in near[n]) / len(near[n]) if near[n] else xs[n] for n in row}
            _settle(row, wanted, xs)
    return xs


def _settle(row: list[str], wanted: Mapping[str, float], xs: dict[str, float]) -> None:
    """As near to the wanted places as order and gaps allow: the mean of packing from left and from right."""
    from_left, from_right = {}, {}
    edge = float("-inf")
    for name in row:
        from_left[name] = max(wanted[name], edge + _width(name) / 2)
        edge = from_left[name] + _width(name) / 2 + GAP_X
    edge = float("inf")
    for name in reversed(row):
        from_right[name] = min(wanted[name], edge - _width(name) / 2)
        edge = from_right[name] - _width(name) / 2 - GAP_X
    for name in row:
        xs[name] = (from_left[name] + from_right[name]) / 2


def _through(
    at: int,
    graph: Graph,
    chains: Chains,
    places: Mapping[str, Point],
    heights: Mapping[str, float],
    floors: Mapping[str, float],
) -> list[Point]:
    """Straight down to below the row, then through the dummies; the exits of a node stand apart."""
    edge = graph.edges[at]
    out, into = _port(graph, chains, at, "source", places), _port(graph, chains, at, "target", places)
    return [
        (out, places[edge.source][1] + heights[edge.source]),
        (out, floors[edge.source]),
        *(point for name in chains[at][1:-1] for point in (places[name], (places[name][0], floors[name]))),
        (into, places[edge.target][1]),
    ]


def _port(graph: Graph, chains: Chains, at: int, side: str, places: Mapping[str, Point]) -> float:
    """Where on the node's border an edge begins (or ends), in the order of the next nodes on its way."""
    beside = 1 if side == "source" else -2
    node = getattr(graph.edges[at], side)
    same = [n for n in chains if getattr(graph.edges[n], side) == node]
    same.sort(key=lambda n: places[chains[n][beside]][0])
    share = (same.index(at) + 1) / (len(same) + 1)
    return places[node][0] + (share - 0.5) * NODE_W * 0.8


def _around(edge: Edge, places: Mapping[str, Point], lane: float) -> list[Point]:
    """Back up by a lane at the right of all boxes."""
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    return [(x1 + NODE_W / 2, y1 + 46), (lane, y1 + 46), (lane, y2 + 26), (x2 + NODE_W / 2, y2 + 26)]

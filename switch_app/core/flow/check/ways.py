"""A flow as a directed graph: the steps and the ways between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..model import Flow
from ..steps.base import END, Exit

Graph = Mapping[str, Iterable[str]]


def starts(flow: Flow) -> Iterator[tuple[str, str]]:
    """(field, step) of all that the flow is entered by."""
    for name in ("start", "on_error", "on_hangup"):
        if getattr(flow, name):
            yield name, getattr(flow, name)


def exits(flow: Flow) -> Iterator[tuple[str, Exit]]:
    """(step, way out) of all steps."""
    for name, step in flow.steps.items():
        for each in step.exits():
            yield name, each


def known_exits(flow: Flow, name: str) -> list[Exit]:
    """The ways out of a step that lead to a step or to the end."""
    return [each for each in flow.steps[name].exits() if each.target in flow.steps or each.target == END]


def graph_of(flow: Flow, by: Iterable[str] = ("flow", "keys", "silence", "world")) -> dict[str, list[str]]:
    """step -> the steps that it may go to (END left out), for the reasons `by`."""
    reasons = set(by)
    return {
        name: [each.target for each in known_exits(flow, name) if each.by in reasons and each.target != END]
        for name in flow.steps
    }


def reached(graph: Graph, roots: Iterable[str]) -> set[str]:
    """All that can be reached from the roots, themselves too."""
    found: set[str] = set()
    waiting = [root for root in roots if root in graph]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += graph[node]
    return found


def reverse(graph: Graph) -> dict[str, list[str]]:
    """The same ways backwards."""
    back: dict[str, list[str]] = {node: [] for node in graph}
    for node, targets in graph.items():
        for target in targets:
            back[target].append(node)
    return back


def circles(graph: Graph, without: Iterable[str] = ()) -> list[list[str]]:
    """The strongly connected parts that have a circle, each in the graph's order (Kosaraju)."""
    left_out = set(without)
    trimmed = {n: [t for t in graph[n] if t not in left_out] for n in graph if n not in left_out}
    order = {node: at for at, node in enumerate(trimmed)}
    parts = _components(trimmed)
    return [sorted(p, key=order.__getitem__) for p in parts if len(p) > 1 or p[0] in trimmed[p[0]]]


def _components(graph: Mapping[str, list[str]]) -> list[list[str]]:
    """Kosaraju: finishing order forwards, then gather backwards."""
    finished: list[str] = []
    seen: set[str] = set()
    for root in graph:
        stack = [] if root in seen else [(root, iter(graph[root]))]
        seen.add(root)
        while stack:
            node, targets = stack[-1]
            following = next((t for t in targets if t not in seen), None)
            if following is None:
                finished.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(graph[following])))
    back, parts, taken = reverse(graph), [], set[str]()
    for root in reversed(finished):
        part: list[str] = []
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node not in taken:
                taken.add(node)
                part.append(node)
                waiting += back[node]
        if part:
            parts.append(part)
    return parts

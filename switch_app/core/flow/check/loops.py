"""Rules about loops: without a caller's key, a call must not go round for ever.

A loop that a key closes (back to the menu) is the caller's own. One that closes by itself needs a
counter: a `set` in it computes `n + 1`, and a `branch` in it reads n and can leave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import FlowProblem
from .. import expressions
from ..model import Flow
from ..steps.branch import BranchStep
from ..steps.set import SetStep
from .around import Around, problem
from .ways import circles, graph_of, reached, starts

INSTANT = ("set", "branch", "goto", "hours")  # types that take no time


def loops(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """loop-without-wait: goes round in no time. loop-unbounded: goes round for ever if nobody presses."""
    graph = graph_of(flow, ("flow", "silence", "world"))
    entered = reached(graph_of(flow), [step for _, step in starts(flow)])
    for circle in circles(graph):
        if circle[0] not in entered or _is_counted(flow, graph, circle):
            continue
        way = " -> ".join([*circle, circle[0]])
        path = ("steps", circle[0])
        if all(flow.steps[name].type in INSTANT for name in circle):
            hint = "let one of them lead out of it"
            if len(circle) == 1:
                hint = "it leads to itself: name the step that follows"
            yield problem(flow, path, "loop-without-wait", f"a loop that never waits: {way}", hint, key=True)
        else:
            hint = "count the rounds with set and leave with branch"
            message = f"a loop without a bound when nobody presses a key: {way}"
            yield problem(flow, path, "loop-unbounded", message, hint, key=True)


def _is_counted(flow: Flow, graph: dict[str, list[str]], circle: list[str]) -> bool:
    """Whether each round of the circle passes a counter and a branch on it that can leave."""
    inner = {name: [target for target in graph[name] if target in circle] for name in circle}
    for counter, variable in _counters(flow, circle):
        for name in circle:
            if _leaves_on(flow, name, variable, circle) and not circles(inner, [name]):
                return not circles(inner, [counter])
    return False


def _counters(flow: Flow, circle: list[str]) -> Iterator[tuple[str, str]]:
    for name in circle:
        step = flow.steps[name]
        if isinstance(step, SetStep):
            for variable, expression in step.compute.items():
                if re.fullmatch(rf"\s*{variable}\s*[+-]\s*[0-9.]+\s*", expression):
                    yield name, variable


def _leaves_on(flow: Flow, name: str, variable: str, circle: list[str]) -> bool:
    step = flow.steps[name]
    if not isinstance(step, BranchStep):
        return False
    reads = any(variable in expressions.names_in(when.condition) for when in step.when)
    return reads and any(each.target not in circle for each in step.exits())

"""The rule about variables that are made of themselves: `n + 1` fails while nothing gave n a first value."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import FlowProblem
from .. import expressions
from ..model import Flow
from ..steps.set import SetStep
from .around import Around, problem
from .ways import graph_of, reached


def first_values(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """uncounted: nothing sets the variable first; or (a warning) a way leads around what does."""
    elsewhere = {name for each in around.flows.values() if each is not flow for name in _given(each)}
    graph = graph_of(flow)
    for name, variable in _made_of_themselves(flow):
        given = _given(flow).get(variable, set())
        around_it = {step: () if step in given else targets for step, targets in graph.items()}
        if variable in elsewhere or name not in reached(around_it, [flow.start]):
            continue
        path = ("steps", name, "compute", variable)
        hint = f"add a set step with values: {{{variable}: 0}}"
        if given:
            message = f"there is a way to {name} on which {variable} has no first value"
            yield problem(flow, path, "uncounted", message, hint, "warning")
        elif name in reached(graph, [flow.start]):
            yield problem(flow, path, "uncounted", f"nothing gives {variable} its first value", hint)


def _made_of_themselves(flow: Flow) -> Iterator[tuple[str, str]]:
    """(step, variable) of all that is computed from its own value by arithmetic."""
    for name, step in flow.steps.items():
        if isinstance(step, SetStep):
            for variable, expression in step.compute.items():
                if variable not in step.values and variable in expressions.operands_in(expression):
                    yield name, variable


def _given(flow: Flow) -> dict[str, set[str]]:
    """variable -> the steps that set it to something else than of itself."""
    found: dict[str, set[str]] = {}
    own = set(_made_of_themselves(flow))
    for name, step in flow.steps.items():
        for _, variable in step.sets():
            if (name, variable) not in own:
                found.setdefault(variable, set()).add(name)
    return found

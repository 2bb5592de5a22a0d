"""Rules about the way through a flow: unknown targets, steps nobody reaches, dead ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import FlowProblem
from ..model import Flow, did_you_mean
from ..steps.base import END, Path, Step
from ..steps.goto import GotoStep
from ..steps.subflow import SubflowStep
from ..turn import DEEPEST
from .around import Around, problem
from .ways import exits, graph_of, known_exits, reached, reverse, starts

ALONE = ("set", "branch", "http", "lookup", "hours", "goto", "subflow", "hangup")  # without a caller
SERVED = ("queue", "transfer", "hangup")  # types with which a call comes to something


def targets(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-step: a target that is no step of this flow."""
    named: list[tuple[Path, str]] = [((name,), step) for name, step in starts(flow)]
    named += [(("steps", name, *each.path), each.target) for name, each in exits(flow)]
    for path, target in named:
        if target != END and target not in flow.steps:
            yield problem(
                flow, path, "unknown-step", f"there is no step {target}", did_you_mean(target, flow.steps)
            )


def reachable(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unreachable: a step that no way leads to."""
    found = reached(graph_of(flow), [step for _, step in starts(flow)])
    for name in flow.steps:
        if name not in found:
            message = f"no way leads to the step {name}"
            yield problem(flow, ("steps", name), "unreachable", message, severity="warning", key=True)


def _goes_elsewhere(step: Step) -> bool:
    return isinstance(step, GotoStep) and bool(step.flow)


def after_hang_up(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """hung-up: on_hangup leads to a step that needs the caller, who is gone: the flow ends there."""
    found = reached(graph_of(flow), [flow.on_hangup] if flow.on_hangup else [])
    needy = next((name for name in flow.steps if name in found and flow.steps[name].type not in ALONE), "")
    if needy:
        message = f"on_hangup leads to {needy}, but the caller is gone: the flow ends there"
        hint = f"use only {', '.join(ALONE)} there"
        yield problem(flow, ("on_hangup",), "hung-up", message, hint, "warning")


def depth(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """too-deep: subflows within subflows, more than a call can keep. Told once, where it becomes too deep."""
    for name, step in flow.steps.items():
        other = around.flows.get(step.flow) if isinstance(step, SubflowStep) else None
        if other and _depth(other, around.flows, {}) == DEEPEST:
            message = f"subflows within {other.name} are nested {DEEPEST} deep already"
            yield problem(flow, ("steps", name, "flow"), "too-deep", message, "goto enters a flow for good")


def _depth(flow: Flow, flows: Mapping[str, Flow], known: dict[str, int]) -> int:
    """How deep subflows are nested in a flow. known: what was found so far."""
    if flow.name not in known:
        known[flow.name] = 0  # in a circle, which is told as one
        entered = [(flows.get(getattr(step, "flow", "")), step) for step in flow.steps.values()]
        depths = [_depth(to, flows, known) + isinstance(step, SubflowStep) for to, step in entered if to]
        known[flow.name] = max(depths, default=0)
    return known[flow.name]


def dead_ends(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """dead-end: from here the call never comes to an agent nor to an end."""
    graph = graph_of(flow)
    ending = [
        name
        for name, step in flow.steps.items()
        if step.type in SERVED
        or _goes_elsewhere(step)
        or any(each.target == END for each in known_exits(flow, name))
    ]
    alive = reached(reverse(graph), ending)
    broken = {name for name, each in exits(flow) if each.target != END and each.target not in flow.steps}
    leads_to_broken = reached(reverse(graph), broken)  # those are reported as unknown-step
    dead = [name for name in flow.steps if name not in alive and name not in leads_to_broken]
    entered = reached(graph, [step for _, step in starts(flow)])
    first = next((name for name in dead if name in entered), None)
    if first:
        others = ", ".join(name for name in dead if name != first)
        message = f"from {first} the call comes to no agent and no end" + (
            f" (nor from {others})" if others else ""
        )
        hint = "let one of its ways lead to a queue, a transfer, voicemail, a hangup or end"
        yield problem(flow, ("steps", first), "dead-end", message, hint, key=True)

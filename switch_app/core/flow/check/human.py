"""How far it is to a human: keys and seconds at worst.

Callers choose the best way; data, clock and other systems choose the worst; everything is listened to
in the slowest language, and every lookup takes its whole time. A min-max value iteration over the
flow with its subflows written out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...errors import FlowProblem
from .. import durations
from ..greetings import DEFAULT_PROMPT
from ..model import Flow
from ..prompts import Manifest
from ..steps.asking import AskingStep
from ..steps.base import END, Exit, Part, Step
from ..steps.goto import GotoStep
from ..steps.greeting import GreetingStep
from ..steps.http import HttpStep
from ..steps.lookup import LIMIT_S
from ..steps.subflow import SubflowStep
from ..steps.voicemail import VoicemailStep
from .around import Around, problem
from .ways import known_exits

VALUE_S = {"digits": 8.0, "amount": 6.0, "number": 4.0, "date": 4.0}  # of a usual length, read out
SHORT_VALUE_S = 3.0
MOST_NODES = 5_000
Cost = Callable[["Way"], float]
Node = tuple[str, ...]  # steps that were entered as subflows, outermost first, then the step

TALK: Node = ("",)  # with whom a transfer connects


@dataclass(frozen=True, slots=True)
class Way:
    """One way on: to a node (None: the call is over without a human), its keys and seconds."""

    to: Node | None
    keys: int
    seconds: float
    by: str


@dataclass(frozen=True, slots=True)
class Distance:
    """At worst; math.inf where the worst case comes to no human. lost: the steps of such a case, in order."""

    keys: float
    seconds: float
    lost: tuple[str, ...] = ()


def distance(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """human-never, human-far: only for the flows that callers' numbers lead to."""
    if flow.name not in around.entries:
        return
    worst = distance_of(flow, around)
    path = ("steps", flow.start)
    if math.isinf(worst.seconds):
        message = f"there is a case in which no key leads to an agent: {' -> '.join(worst.lost)}"
        yield problem(flow, path, "human-never", message, severity="warning", key=True)
    elif worst.keys > around.most_keys or worst.seconds > around.most_s:
        message = f"an agent is {worst.keys:.0f} keys and {worst.seconds:.0f} s away at worst"
        limit = f"at most {around.most_keys} keys and {around.most_s:.0f} s are wanted"
        yield problem(flow, path, "human-far", message, limit, "warning", key=True)


def distance_of(flow: Flow, around: Around) -> Distance:
    """Keys and seconds from the answer to the queue, at worst."""
    nodes = _written_out(flow, around)
    start: Node = (flow.start,)
    seconds = _settle(nodes, lambda way: way.seconds)
    pressed = {node: ways and _with_keys(ways) for node, ways in nodes.items()}
    keys = _settle(pressed, _keys_of)
    if math.isinf(keys.get(start, math.inf)):
        keys = _settle(nodes, _keys_of)  # only who says nothing comes to an agent
    lost = _lost(nodes, seconds, start)
    return Distance(keys.get(start, math.inf), seconds.get(start, math.inf), tuple(node[-1] for node in lost))


def _lost(nodes: Mapping[Node, list[Way] | None], seconds: Mapping[Node, float], start: Node) -> list[Node]:
    """The steps of a case that comes to no agent: to its end, or once round its circle."""
    steps: list[Node] = []
    at: Node | None = start
    while at is not None and at not in steps and math.isinf(seconds.get(at, 0.0)):
        steps.append(at)
        ways = sorted(nodes.get(at) or [], key=lambda way: way.by in ("keys", "silence"))
        astray = (way.to for way in ways if way.to is None or math.isinf(seconds.get(way.to, math.inf)))
        at = next(astray, None)
    return steps


def _keys_of(way: Way) -> float:
    return float(way.keys)


def _with_keys(ways: list[Way]) -> list[Way]:
    """Without the ways of those who say nothing, where a key can be pressed."""
    by_key = any(way.by == "keys" for way in ways)
    return [way for way in ways if not (by_key and way.by == "silence")]


def _settle(nodes: Mapping[Node, list[Way] | None], cost: Cost) -> dict[Node, float]:
    value = {node: 0.0 if ways is None else math.inf for node, ways in nodes.items()}
    for _ in range(len(nodes) + 1):
        changed = False
        for node, ways in nodes.items():
            if ways is not None:
                new = _value(ways, value, cost)
                changed |= new != value[node]
                value[node] = new
        if not changed:
            break
    return value


def _value(ways: list[Way], value: Mapping[Node, float], cost: Cost) -> float:
    def through(way: Way) -> float:
        rest = value.get(way.to, math.inf) if way.to else math.inf
        return cost(way) + rest

    chosen = [through(way) for way in ways if way.by in ("keys", "silence")]
    forced = [through(way) for way in ways if way.by not in ("keys", "silence")]
    return max([*forced, *([min(chosen)] if chosen else [])], default=math.inf)


def _written_out(flow: Flow, around: Around) -> dict[Node, list[Way] | None]:
    """node -> its ways on; None: a human is there."""
    nodes: dict[Node, list[Way] | None] = {TALK: None}
    waiting: list[tuple[Node, tuple[Flow, ...], tuple[str, ...]]] = [((flow.start,), (flow,), ())]
    while waiting and len(nodes) < MOST_NODES:
        node, flows, returns = waiting.pop()
        if node in nodes:
            continue
        ways, following = _ways(node, flows, returns, around)
        nodes[node] = ways
        waiting += following
    return nodes


_Following = tuple[Node, tuple[Flow, ...], tuple[str, ...]]


def _ways(
    node: Node, flows: tuple[Flow, ...], returns: tuple[str, ...], around: Around
) -> tuple[list[Way] | None, list[_Following]]:
    flow, name = flows[-1], node[-1]
    step = flow.steps.get(name)
    if step is None:
        return [], []
    if step.type == "queue":
        return None, []
    if step.type == "transfer":
        return [Way(TALK, 0, _say_s(step, "say", flow, around.manifest or Manifest()), "flow")], []
    if isinstance(step, (SubflowStep, GotoStep)) and step.flow:
        return _into(step, node, flows, returns, around)
    ways, following = [], []
    for each in known_exits(flow, name):
        there = _target(node, flows, returns, each.target)
        keys, seconds = _cost(step, each, flow, around.manifest or Manifest())
        ways.append(Way(there[0] if there else None, keys, seconds, each.by))
        following += [there] if there else []
    return ways, following


def _into(
    step: SubflowStep | GotoStep,
    node: Node,
    flows: tuple[Flow, ...],
    returns: tuple[str, ...],
    around: Around,
) -> tuple[list[Way], list[_Following]]:
    other = around.flows.get(step.flow)
    if other is None:
        return [], []
    if isinstance(step, SubflowStep):
        there: _Following = ((*node, other.start), (*flows, other), (*returns, step.next))
    else:
        there = ((*node[:-1], f"{other.name}:", other.start), (*flows, other), (*returns, END))
    return [Way(there[0], 0, 0.0, "flow")], [there]


def _target(node: Node, flows: tuple[Flow, ...], returns: tuple[str, ...], target: str) -> _Following | None:
    while target == END:
        if not returns:
            return None
        target, node, flows, returns = returns[-1], node[:-1], flows[:-1], returns[:-1]
    return (*node[:-1], target), flows, returns


def _cost(step: Step, way: Exit, flow: Flow, manifest: Manifest) -> tuple[int, float]:
    """Keys and seconds that a way takes."""
    spoken = _say_s(step, "say", flow, manifest)
    if isinstance(step, GreetingStep):
        return 0, _greeting_s(step, flow, manifest)
    if isinstance(step, AskingStep):
        if way.by == "silence":
            rounds = step.retries + 1
            pardon = _say_s(step, "no_input_say", flow, manifest) * step.retries
            return 0, rounds * (spoken + step.first_digit_s) + pardon
        if way.path == ("invalid",):
            pardon = _say_s(step, "invalid_say", flow, manifest) * step.retries
            return step.retries + 1, (step.retries + 1) * (spoken + 1.0 + step.inter_digit_s) + pardon
        return _keys(step, way), spoken + 1.0 * _keys(step, way) + _read_back_s(step, flow, manifest)
    if isinstance(step, HttpStep):
        return 0, step.timeout_s * (step.retries + 1)
    if step.type == "lookup":
        return 0, LIMIT_S
    if isinstance(step, VoicemailStep):
        thanks = max(_say_s(step, field, flow, manifest) for field in ("thanks_say", "empty_say"))
        return 0, spoken + step.max_s + thanks
    return 0, spoken


def _keys(step: AskingStep, way: Exit) -> int:
    choices = getattr(step, "choices", None)
    if choices:
        return len(way.label) if way.label in choices else max(map(len, choices))
    return int(getattr(step, "most", 12)) + (1 if getattr(step, "confirm", False) else 0)


def _greeting_s(step: GreetingStep, flow: Flow, manifest: Manifest) -> float:
    """Of the default words; nobody knows before what the admin will say."""
    each = [durations.prompt_s(manifest, DEFAULT_PROMPT, lang) for lang in step.languages or flow.languages]
    return sum(each) if step.languages else max(each)


def _read_back_s(step: Step, flow: Flow, manifest: Manifest) -> float:
    if not getattr(step, "confirm", False):
        return 0.0
    entered = max(durations.prompt_s(manifest, "you_entered", language) for language in flow.languages)
    return entered + VALUE_S["digits"] + _say_s(step, "confirm_say", flow, manifest)


def _say_s(step: Step, field: str, flow: Flow, manifest: Manifest) -> float:
    """Seconds of what is said, in the slowest of the flow's languages."""
    parts = getattr(step, field, ())
    return max(sum(_part_s(part, language, manifest) for part in parts) for language in flow.languages)


def _part_s(part: Part, language: str, manifest: Manifest) -> float:
    match part.kind:
        case "prompt":
            return durations.prompt_s(manifest, str(part.value), language)
        case "text":
            return durations.text_s(part.value.get(language, ""), language)
        case "silence":
            return float(part.value) / 1000
        case _:
            return VALUE_S.get(part.kind, SHORT_VALUE_S)

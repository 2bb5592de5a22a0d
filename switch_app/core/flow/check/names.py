"""Rules about names from elsewhere: calendars, queues, variables; and what may be done with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from ...errors import FlowProblem
from .. import expressions, template
from ..model import Flow, did_you_mean
from ..steps.base import RESERVED, Path
from ..steps.collect import CollectStep
from ..steps.hours import HoursStep
from ..steps.http import HttpStep, is_private
from ..steps.queue import QueueStep
from ..steps.transfer import TransferStep
from .around import Around, problem
from .ways import reached

OWN = frozenset({"agent"})  # set by steps without `save`


def calendars(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-calendar."""
    for name, step in flow.steps.items():
        if around.calendars is None or not isinstance(step, HoursStep) or step.calendar in around.calendars:
            continue
        hint = did_you_mean(step.calendar, sorted(around.calendars))
        message = f"there is no calendar {step.calendar}"
        yield problem(flow, ("steps", name, "calendar"), "unknown-calendar", message, hint)


def queues(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-queue."""
    known = [rule.name for rule in around.queues or ()]
    for name, step in flow.steps.items():
        if around.queues is not None and isinstance(step, QueueStep) and step.queue not in known:
            hint = did_you_mean(step.queue, known)
            message = f"there is no queue {step.queue}"
            yield problem(flow, ("steps", name, "queue"), "unknown-queue", message, hint)


def variables(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-variable: read, but no step of any flow sets it."""
    known = known_to(flow, around)
    for path, source, written in sources(flow):
        read = written.names_in(source) - own_entry(flow, path, written)
        for name in sorted(read - known):
            hint = did_you_mean(name, sorted(known - set(expressions.FUNCTIONS)))
            if written is expressions and not hint.startswith("did"):
                hint = f"write {name!r} in quotes"  # of a word, not of a variable
            yield problem(flow, path, "unknown-variable", f"nothing sets {name}", hint)


def secrets(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """secret-shown: a secret entry is spoken, or copied to where it would be written."""
    hidden = _secret_in(flow)
    hidden |= {n for each in _together(flow, around.flows) for n in _secret_in(each)} - set_by(flow)
    for path, read in reads(flow):
        field = path[2]
        if field in ("say", "values", "compute", "done_say", "needs", "to"):
            for name in sorted(read & hidden):
                message = f"{name} is secret and must not be said or copied"
                yield problem(flow, path, "secret-shown", message)


def _secret_in(flow: Flow) -> set[str]:
    return {s.save for s in flow.steps.values() if isinstance(s, CollectStep) and s.secret}


def _together(flow: Flow, flows: Mapping[str, Flow]) -> list[Flow]:
    """The flows that one call may pass together with this one: they share its variables."""
    ways: dict[str, set[str]] = {name: set() for name in flows}
    for name, each in flows.items():
        for other in each.links:
            ways[name].add(other)
            ways.setdefault(other, set()).add(name)
    return [flows[name] for name in reached(ways, [flow.name]) if name in flows]


def destinations(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """open-transfer: the caller's own input chooses whom we call."""
    pressed = {s.save for s in flow.steps.values() if isinstance(s, CollectStep)} | {"caller"}
    for name, step in flow.steps.items():
        if isinstance(step, TransferStep) and template.is_template(step.to):
            taken = sorted(template.names_in(step.to) & pressed)
            if taken:
                message = f"the caller chooses the number ({', '.join(taken)}): toll fraud"
                yield problem(flow, ("steps", name, "to"), "open-transfer", message, severity="warning")


def trunks(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-trunk."""
    for name, step in flow.steps.items():
        if around.trunks is None or not isinstance(step, TransferStep) or step.trunk in ("", *around.trunks):
            continue
        hint = did_you_mean(step.trunk, sorted(around.trunks)) or "conf/trunks.yml has none"
        message = f"there is no trunk {step.trunk}"
        yield problem(flow, ("steps", name, "trunk"), "unknown-trunk", message, hint)


def addresses(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """private-address: one that the http step refuses to ask."""
    for name, step in flow.steps.items():
        if isinstance(step, HttpStep) and is_private(step.host):
            message = f"{step.host} is a private address: the step always goes to failed"
            yield problem(flow, ("steps", name, "url"), "private-address", message, severity="warning")


def languages(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """flow-language: a flow that is entered from here lacks one of our languages."""
    for name, step in flow.steps.items():
        other = around.flows.get(getattr(step, "flow", ""))
        missing = [each for each in flow.languages if other and each not in other.languages]
        if other and missing:
            message = f"the flow {other.name} does not speak {', '.join(missing)}"
            yield problem(flow, ("steps", name, "flow"), "flow-language", message)


def unspoken(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-language: a step names a language that the flow does not have."""
    for name, step in flow.steps.items():
        for path, language in step.chooses():
            if language not in flow.languages:
                hint = did_you_mean(language, flow.languages)
                message = f"the flow does not speak {language}"
                yield problem(flow, ("steps", name, *path), "unknown-language", message, hint)


def known_to(flow: Flow, around: Around) -> frozenset[str]:
    """All names that may have a value: the flow's own, and what the steps of any flow set."""
    each_flow = (flow, *around.flows.values())
    return OWN | RESERVED | {name for each in each_flow for name in set_by(each)}


def names_values(text: str, known: frozenset[str]) -> bool:
    """Whether a text could as well be an expression of known names."""
    try:
        names = expressions.names_in(text) - set(expressions.CONSTANTS)
    except expressions.ExpressionError:
        return False
    return bool(names) and names <= known - set(expressions.FUNCTIONS)


def set_by(flow: Flow) -> set[str]:
    """The variables that the steps of a flow may set."""
    return {name for step in flow.steps.values() for _, name in step.sets()}


def reads(flow: Flow) -> Iterator[tuple[Path, frozenset[str]]]:
    """(path, names) of all templates and expressions."""
    for path, source, written in sources(flow):
        yield path, written.names_in(source) - own_entry(flow, path, written)


def own_entry(flow: Flow, path: Path, written: ModuleType) -> set[str]:
    """The name of what was just entered, in the collect step's own check."""
    step = flow.steps[str(path[1])]
    return {step.save} if written is expressions and isinstance(step, CollectStep) else set()


def sources(flow: Flow) -> Iterator[tuple[Path, str, ModuleType]]:
    """(path, text, what it is: the module expressions or template) of all templates and expressions."""
    for name, step in flow.steps.items():
        at: Path = ("steps", name)
        for path, source in step.expressions():
            yield (*at, *path), source, expressions
        for path, text in texts_of(step.model_dump(exclude_defaults=True)):
            if template.is_template(text):
                yield (*at, *path), text, template


def texts_of(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """(path, text) of all texts within mappings and lists."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_of(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from texts_of(item, (*path, at))

"""Rules about what expressions come to: they can be read, and then fail or mislead in every call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from ...errors import FlowProblem
from .. import expressions, template
from ..model import Flow
from ..steps.base import Path, Step
from ..steps.collect import CollectStep
from ..steps.queue import QueueStep
from . import kinds as k
from .around import Around, problem
from .judge import Finding, Judge
from .kinds import Kinds
from .names import sources
from .outcomes import FAILS, may_count
from .seen import Seen

CONDITIONS = ("if", "check")  # the fields that only have to hold


def sense(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """wrong-type: it can't be worked out, whatever is there. always-same: it can, to no purpose. unsayable:
    a value of many parts."""
    seen = Seen((flow, *(each for each in around.flows.values() if each is not flow)))
    for path, source, written in sources(flow):
        step = flow.steps[str(path[1])]
        found = findings(step, path, source, seen) if written is expressions else filled(source, seen)
        for group in groups(source, seen) if written is template else ():
            hint = "write {{ customer.name }}" if group == "customer" else ""
            message = f"{group} is a group of values, and none of them is named"
            yield problem(flow, path, "unsayable", message, hint, "warning")
        for finding in dict.fromkeys(found):
            if finding.comes_to is FAILS:
                yield problem(flow, path, "wrong-type", finding.message, finding.hint)
            else:
                yield problem(flow, path, "always-same", finding.message, finding.hint, "warning")


def findings(step: Step, path: Path, source: str, seen: Callable[[str], Kinds]) -> list[Finding]:
    """What is wrong with an expression of a step."""
    judge = Judge(lambda name: k.DIGITS if _is_entry(step, name) else seen(name))
    node = expressions.parse(source)
    if path[-1] in CONDITIONS:
        judge.condition(node)
    else:
        known = judge.kinds(node)
        if isinstance(step, QueueStep) and not any(may_count(kind) for kind in known):
            message = f"{source} is always 0 here: it is {k.told(known)}, and a number is wanted"
            judge.findings.append(Finding(source, 0, message))
    return judge.findings


def filled(source: str, seen: Callable[[str], Kinds]) -> list[Finding]:
    """What is wrong with the values of a template."""
    judge = Judge(seen)
    for node, is_condition in template.trees_in(source):
        (judge.condition if is_condition else judge.kinds)(node)
    return judge.findings


def groups(source: str, seen: Callable[[str], Kinds]) -> list[str]:
    """What a template would write out whole, with all its brackets."""
    parts = [node for node, is_condition in template.trees_in(source) if not is_condition]
    whole = [
        node for node in parts if all(kind.name in ("mapping", "list") for kind in Judge(seen).kinds(node))
    ]
    return [ast.unparse(node) for node in whole]


def _is_entry(step: Step, name: str) -> bool:
    """Whether a name is what was just entered: the collect step's own check sees it."""
    return isinstance(step, CollectStep) and step.save == name

"""Rules about skills: each requirement can be read, and at least one agent meets it.

Agents come and go without the flow being wrong, so what only they lack is a warning."""

from __future__ import annotations

from collections.abc import Iterator

from ...acd.needs import Needs, NeedsError, both
from ...errors import FlowProblem
from ...work import AgentProfile, QueueRule
from .. import template
from ..model import Flow, did_you_mean
from ..steps.queue import QueueStep
from .around import Around, problem


def served(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """needs-syntax; unknown-skill: no agent has it at all; nobody-serves: no agent has all of it."""
    rules = {rule.name: rule for rule in around.queues or ()}
    for name, step in flow.steps.items():
        if isinstance(step, QueueStep):
            for written in sorted(_variants(flow, step.needs)):
                rule = rules.get(step.queue, QueueRule(step.queue))
                yield from _served(flow, name, rule, written, around.agents)


def _variants(flow: Flow, source: str) -> set[str]:
    """What the requirement may come to: as it is, or once for each language if that alone decides."""
    if not template.is_template(source):
        return {source}
    if template.names_in(source) - {"language"}:
        return set()  # depends on data: known only in a call
    return {template.fill(source, {"language": language}) for language in flow.languages}


def _served(
    flow: Flow, name: str, rule: QueueRule, written: str, agents: tuple[AgentProfile, ...] | None
) -> Iterator[FlowProblem]:
    path = ("steps", name, "needs" if written else "queue")
    try:
        needs = both(rule.needs, written)
    except NeedsError as error:
        yield problem(flow, path, "needs-syntax", f"needs cannot be read: {error.problem}")
        return
    if agents is None or any(needs.met_by(agent.skills) for agent in agents):
        return
    skills = sorted({skill for agent in agents for skill in agent.skills})
    unknown = next((skill for skill in needs.skills if skill not in skills), "")
    if unknown:
        hint = did_you_mean(unknown, skills)
        message = f"no agent has the skill {unknown}"
        yield problem(flow, path, "unknown-skill", message, hint, "warning")
    else:
        message = f"no agent can serve this: {_text(needs, rule)}"
        yield problem(flow, path, "nobody-serves", message, severity="warning")


def _text(needs: Needs, rule: QueueRule) -> str:
    return needs.text or f"queue {rule.name}"

"""Which of the agents who qualify gets the work: the choices and what each of them ranks by.

Every choice is a total order: it ends with the agent's number. An unknown name is an error.
"""

from __future__ import annotations

from typing import Any

from ..moments import seconds
from ..work import QueueRule
from .needs import Needs, both, parse
from .state import STATES, Agent

CHOICES = (
    "longest-idle",
    "best-skill",
    "least-skilled-sufficient",
    "round-robin",
    "last-agent-first",
    "ordered",
    "fewest-calls",
    "least-talk",
    "random",
)
ABSENT = ("logged_out", "not_ready", "wrap_up", "ringing", "missed", "talking")  # for empty_means

Ordering = tuple[str, str]  # kind, skill: what a list of ready agents is sorted by
Entry = tuple[Any, ...]  # sort key of an agent, its number last

_SORTED_BY = {"last-agent-first": "longest-idle", "round-robin": "ordered", "random": "number"}


def ordering_of(rule: QueueRule) -> Ordering:
    """Queues whose ordering is the same share one list of ready agents per requirement."""
    kind = _SORTED_BY.get(rule.choice, rule.choice)
    return kind, rule.skill if kind in ("best-skill", "least-skilled-sufficient") else ""


def orderings_of(rule: QueueRule) -> set[Ordering]:
    """Those of a queue: its own, and those of its tiers."""
    return {ordering_of(rule.of(tier)) for tier in ("", *rule.tiers)}


def entry_of(ordering: Ordering, agent: Agent, needs: Needs) -> Entry:
    """The agent's place in a sorted list; constant while the agent stays ready."""
    kind, skill = ordering
    if kind == "longest-idle":
        return agent.idle_since, agent.id
    if kind == "best-skill":
        return -level(agent, needs, skill), agent.idle_since, agent.id
    if kind == "least-skilled-sufficient":
        every = sum(agent.profile.skills.values())
        return level(agent, needs, skill), every, agent.idle_since, agent.id
    if kind == "fewest-calls":
        return agent.calls, agent.idle_since, agent.id
    if kind == "least-talk":
        return agent.talk_s, agent.idle_since, agent.id
    if kind == "ordered":
        return agent.profile.order, agent.id
    return (agent.id,)


def level(agent: Agent, needs: Needs, skill: str) -> int:
    """The level of `skill`, or the sum over the skills that the needs name; a missing one adds 0."""
    levels = agent.profile.skills
    return levels.get(skill, 0) if skill else sum(levels.get(name, 0) for name in needs.skills)


def rank(rule: QueueRule, agent: Agent, needs: Needs, now: float) -> dict[str, Any]:
    """What ranked the agent, for the why: only what this choice looks at."""
    found: dict[str, Any] = {}
    kind, skill = ordering_of(rule)
    if kind in ("best-skill", "least-skilled-sufficient"):
        found["level"] = level(agent, needs, skill)
    if kind == "least-skilled-sufficient":
        found["all_levels"] = sum(agent.profile.skills.values())
    if kind == "fewest-calls":
        found["calls"] = agent.calls
    if kind == "least-talk":
        found["talk_s"] = round(agent.talk_s, 1)
    if kind == "ordered":
        found["order"] = agent.profile.order
    if kind not in ("ordered", "number"):
        found["idle_s"] = round(seconds(agent.idle_since, now), 1)
    return found


def check(rule: QueueRule) -> None:
    """Raise ValueError (`queue NAME: ...`) when the floor can't follow the rule."""
    _check_choice(f"queue {rule.name}", rule.choice)
    for tier, own in rule.tiers.items():
        _check_choice(f"queue {rule.name}: tier {tier}", own.choice or rule.choice)
    unknown = [state for state in rule.empty_means if state not in ABSENT and state not in STATES]
    if unknown:
        raise ValueError(f"queue {rule.name}: empty_means {unknown[0]!r} is unknown; of {', '.join(ABSENT)}")
    if sorted(rule.relax, key=lambda step: step.after_s) != list(rule.relax):
        raise ValueError(f"queue {rule.name}: relax: the steps are not in the order of after_s")
    parse(rule.needs)
    for step in rule.relax:
        both(rule.needs, step.needs)


def _check_choice(where: str, choice: str) -> None:
    if choice == "ring-all":
        raise ValueError(f"{where}: choice ring-all is not built; an offer rings one phone")
    if choice not in CHOICES:
        raise ValueError(f"{where}: choice {choice!r} is unknown; one of {', '.join(CHOICES)}")


def check_all(rules: tuple[QueueRule, ...]) -> None:
    """Raise ValueError on the first rule that can't be followed, or a name used twice."""
    names: set[str] = set()
    for rule in rules:
        if rule.name in names:
            raise ValueError(f"queue {rule.name} is named twice")
        names.add(rule.name)
        check(rule)

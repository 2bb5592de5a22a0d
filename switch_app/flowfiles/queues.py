"""conf/queues.yml: the queues, in their order."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field

from switch_app.core.acd.choice import ABSENT, CHOICES
from switch_app.core.acd.needs import NeedsError, both, parse
from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flaw, did_you_mean, validate
from switch_app.core.flow.steps.base import Name, Written
from switch_app.core.work import QueueRule, Relaxation, TierRule

from .conf_file import ConfText, read_conf

Choice = Literal[*CHOICES]
EmptyFactor = Literal[*ABSENT]


class Relax(Written):
    """From after_s in the queue on, `needs` holds instead of the caller's own."""

    after_s: float = Field(ge=0)
    needs: str = ""


class TierText(Written):
    """What is otherwise for the customers of a tier (the CRM's name of it)."""

    choice: Choice | None = None
    skill: str = ""
    service_level_s: float | None = Field(None, gt=0)


class QueueText(Written):
    """A queue as it is written; QueueRule (core/work.py) says what the fields mean."""

    title: dict[str, str] = Field(default_factory=dict)
    needs: str = Field("", max_length=500)
    choice: Choice = "longest-idle"
    skill: str = ""
    age_weight: float = Field(0.0, ge=0, le=100)
    ring_s: float = Field(20.0, ge=3, le=120)
    wrap_up_s: float = Field(10.0, ge=0, le=3600)
    no_answer_delay_s: float = Field(10.0, ge=0, le=3600)
    max_no_answer: int = Field(3, ge=0, le=100)
    max_wait_s: float = Field(0.0, ge=0, le=86_400)
    max_waiting: int = Field(0, ge=0)
    overflow: Name = ""
    join_when_empty: bool = False
    leave_when_empty: bool = True
    empty_means: tuple[EmptyFactor, ...] = ("logged_out",)
    announce_every_s: float = Field(30.0, ge=0)
    announce_first_s: float = Field(5.0, ge=0)
    music: Name = "music"
    relax: tuple[Relax, ...] = ()
    service_level_s: float = Field(20.0, gt=0)
    tiers: dict[Name, TierText] = Field(default_factory=dict)


def load_queues(path: Path | ConfText) -> tuple[tuple[QueueRule, ...] | None, list[FlowProblem]]:
    """The rules in the file's order; None with problems. Never raises."""
    return read_conf(path, _queues)


def _queues(data: Any, flaws: list[Flaw]) -> tuple[QueueRule, ...]:
    if not isinstance(data, dict):
        flaws.append(Flaw((), "schema", "a mapping of queue names is wanted"))
        return ()
    rules = [_rule(name, written, flaws) for name, written in data.items()]
    found = tuple(rule for rule in rules if rule)
    for rule in found:
        _check_needs(rule, flaws)
        _check_overflow(rule, {r.name: r.overflow for r in found}, list(data), flaws)
    return found


def _rule(name: str, written: Any, flaws: list[Flaw]) -> QueueRule | None:
    before = len(flaws)
    text = validate(QueueText, {} if written is None else written, (name,), flaws)
    for at in range(before, len(flaws)):
        flaws[at] = _with_choices(flaws[at], written)
    if text is None:
        return None
    fields = dict(text)
    fields["relax"] = tuple(Relaxation(step.after_s, step.needs) for step in text.relax)
    fields["tiers"] = {
        tier: TierRule(own.choice or "", own.skill, own.service_level_s or 0.0)
        for tier, own in text.tiers.items()
    }
    return QueueRule(name=name, **fields)


def _with_choices(flaw: Flaw, written: Any) -> Flaw:
    if flaw.path[-1:] != ("choice",):
        return flaw
    word = written
    for key in flaw.path[1:]:
        word = word[key]
    return Flaw(flaw.path, "unknown-choice", f"unknown choice {word}", did_you_mean(word, get_args(Choice)))


def _check_needs(rule: QueueRule, flaws: list[Flaw]) -> None:
    """What the floor would refuse (core/acd/choice.py, check), at its place."""
    try:
        parse(rule.needs)
    except NeedsError as error:
        flaws.append(Flaw((rule.name, "needs"), "needs-syntax", f"needs cannot be read: {error.problem}"))
        return
    before = 0.0
    for at, step in enumerate(rule.relax):
        path = (rule.name, "relax", at)
        if step.after_s < before:
            flaws.append(Flaw((*path, "after_s"), "relax-order", "a step begins before the step before it"))
        before = step.after_s
        try:
            both(rule.needs, step.needs)
        except NeedsError as error:
            flaws.append(Flaw((*path, "needs"), "needs-syntax", f"needs cannot be read: {error.problem}"))


def _check_overflow(rule: QueueRule, overflows: dict[str, str], names: list[str], flaws: list[Flaw]) -> None:
    if rule.overflow and rule.overflow not in names:
        hint = did_you_mean(rule.overflow, [name for name in names if name != rule.name])
        message = f"there is no queue {rule.overflow}"
        flaws.append(Flaw((rule.name, "overflow"), "unknown-queue", message, hint))
        return
    seen, at = [rule.name], rule.overflow
    while at:
        if at in seen:
            message = f"the overflow goes in a circle: {' -> '.join([*seen, at])}"
            flaws.append(Flaw((rule.name, "overflow"), "overflow-circle", message))
            return
        seen.append(at)
        at = overflows.get(at, "")

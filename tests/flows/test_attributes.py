"""What the linter takes for an attribute is what a call sees: the flow's own values, and the CRM's customer."""

from __future__ import annotations

from typing import Any

import pytest

from crm_lite.store import database, sample
from crm_lite.store.queries import find_customer
from switch_app.core.flow.check import Around, check_flow
from switch_app.core.flow.check.kinds import FORMS, Kinds
from switch_app.core.flow.check.seen import FIGURES, VALUES
from switch_app.core.flow.model import build
from switch_app.core.flow.session import Session
from switch_app.core.flow.steps.base import RESERVED
from switch_app.core.flow.turn import Turn
from switch_app.core.work import QueueRule
from switch_app.core.world import LocalTime, QueueFigures, World


def seen(customer: dict[str, Any] | None = None) -> Any:
    world = World(LocalTime("2026-11-23T09:30:00+08:00", "2026-11-23", 1, 570), {"sales": QueueFigures()})
    return Turn(Session("leg", customer=customer), world, 0.0, lambda: "r").names()


def fits(value: Any, shape: Any) -> bool:
    """Whether a value has the shape, all its attributes and no others; and each plain one is of its kinds."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and set(value) == set(shape) and all(fits(value[n], shape[n]) for n in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    return is_of(value, shape)


def is_of(value: Any, kinds: Kinds) -> bool:
    names = {bool: "bool", int: "number", float: "number", str: "text"}
    for kind in kinds:
        if kind.is_constant:
            found = value == kind.constant
        else:
            formed = not kind.form or FORMS[kind.form][0].fullmatch(value)
            found = names[type(value)] == kind.name and formed and (kind.name != "number" or kind.low <= value <= kind.high)
        if found:
            return True
    return False


def test_the_values_of_a_flow_are_known() -> None:
    names = dict(seen())
    assert fits(names.pop("queues"), {"sales": FIGURES})
    nobody = names.pop("customer")
    assert all(fits(nobody[name], VALUES["customer"][name]) for name in nobody)
    assert fits(names, {name: shape for name, shape in VALUES.items() if name != "customer"})
    assert set(VALUES) < RESERVED and "queues" in RESERVED


def test_the_customer_is_the_crms(tmp_path) -> None:
    db = database.open(tmp_path / "crm.db")
    sample.seed(db, dict.fromkeys(sample.AGENTS, "1234"), "password")
    found = find_customer(db, "number", "12000000006")
    db.close()
    customer = seen(found)["customer"]
    assert customer["accounts"]
    assert fits(customer, VALUES["customer"])


def rules(condition: str, **around: Any) -> list[str]:
    steps = {"a": {"type": "branch", "when": [{"if": condition, "go": "end"}], "else": "end"}}
    flow, flaws = build({"flow": "f", "start": "a", "steps": steps})
    assert flow, flaws
    return [f"{p.message} ({p.hint})" for p in check_flow(flow, Around(**around)) if p.rule in ("unknown-attribute", "unknown-queue")]


@pytest.mark.parametrize(
    "fine",
    [
        "customer.tier == 'gold' and customer['tier'] == 'gold'",
        "customer.accounts[0].balance + customer.accounts[len(caller)]['number']",
        "queues.sales.waiting + queues['sales']['ready'] + queues[language].longest_wait_s",
        "now.minute > 3 and starts(now.date, '2026')",
        "customer[language] and customer.interactions[0].queue and customer.numbers[0]",
    ],
)
def test_what_is_there_is_not_blamed(fine: str) -> None:
    assert rules(fine, queues=(QueueRule("sales"),)) == []


def test_each_mistake_is_told_once() -> None:
    assert rules("now.hour.x.y > 3 and now.hour > 3") == ["now has no hour (one of date, weekday, minute, time)"]


def test_where_the_queues_are_not_known_their_names_are_not_blamed() -> None:
    assert rules("queues.slaes.waiting > 3") == []
    assert rules("queues.slaes.wating > 3") == ["queues.slaes has no wating (did you mean waiting?)"]
    assert rules("queues.slaes.waiting > 3", queues=(QueueRule("sales"),)) == ["there is no queue slaes (did you mean sales?)"]

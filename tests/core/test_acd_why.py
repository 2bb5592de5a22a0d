"""Why this agent, as data and in plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from acd_run import FloorRun, agents

from switch_app.core import facts as f
from switch_app.core.acd.choice import CHOICES
from switch_app.core.acd.why import NAMED, WHOLE
from switch_app.core.acd.why import in_words as words_of
from switch_app.core.work import QueueRule, Relaxation


def why_of(run: FloorRun, interaction: str) -> dict[str, Any]:
    why: dict[str, Any] = next(fact.why for fact in run.of(f.WorkOffered) if fact.interaction == interaction)
    assert json.loads(json.dumps(why)) == why
    return why


@pytest.fixture
def run() -> FloorRun:
    run = FloorRun(
        QueueRule("support", wrap_up_s=30, no_answer_delay_s=60),
        agents({"billing": 5, "mandarin": 3}, {"billing": 3}, {}, {"billing": 9, "mandarin": 3}, {}, {"billing": 5}, {}),
    )
    run.log_in("1001", "1002", "1003", "1004", "1005", "1006")
    run.wait(45)
    run.ask("1003", "not_ready", "lunch")
    run.ask("1006", "ready_once")
    run.wait(80)
    run.arrive("call", needs="billing >= 5 and mandarin")
    return run


def test_everybody_is_named_with_what_failed(run: FloorRun) -> None:
    assert why_of(run, "call") == {
        "chosen": "1001",
        "choice": "longest-idle",
        "skill": "",
        "needs": "billing >= 5 and mandarin >= 1",
        "step": 0,
        "wait_s": 0.0,
        "customer_knows": "",
        "candidates": [{"agent": "1001", "idle_s": 125.0}, {"agent": "1004", "idle_s": 125.0}],
        "passed": [
            {
                "agent": "1002",
                "because": "skill",
                "lacks": [
                    {"skill": "billing", "lowest": 5, "highest": 99, "has": 3},
                    {"skill": "mandarin", "lowest": 1, "highest": 99, "has": None},
                ],
            },
            {"agent": "1003", "because": "not_ready", "reason": "lunch", "for_s": 80.0},
            {
                "agent": "1005",
                "because": "skill",
                "lacks": [
                    {"skill": "billing", "lowest": 5, "highest": 99, "has": None},
                    {"skill": "mandarin", "lowest": 1, "highest": 99, "has": None},
                ],
            },
            {
                "agent": "1006",
                "because": "skill",
                "lacks": [{"skill": "mandarin", "lowest": 1, "highest": 99, "has": None}],
            },
            {"agent": "1007", "because": "logged_out", "reason": "", "for_s": None},
        ],
        "counts": {"candidate": 2, "skill": 3, "logged_out": 1, "not_ready": 1},
        "whole": True,
    }


def test_in_english(run: FloorRun) -> None:
    assert words_of(why_of(run, "call"), "en")[:5] == [
        "Agent 1001 was chosen from 2 who could take it: idle for the longest time (idle 2 min 5 s).",
        "Needed: billing >= 5 and mandarin >= 1.",
        "Agent 1004 could have taken it too (idle 2 min 5 s).",
        "Agent 1002 was ready, but has billing at level 3, needed is 5 or more and does not have the skill mandarin.",
        "Agent 1003 was not ready (lunch), for 1 min 20 s.",
    ]


def test_in_chinese(run: FloorRun) -> None:
    assert words_of(why_of(run, "call"), "zh")[:5] == [
        "从 2 位符合条件的座席中选择了 1001:空闲时间最长(空闲 2分5秒)。",
        "要求:billing >= 5 and mandarin >= 1。",
        "座席 1004 也符合条件(空闲 2分5秒)。",
        "座席 1002 空闲,但billing 为 3 级,要求至少 5 级,没有技能 mandarin。",
        "座席 1003:示忙(lunch),已 1分20秒。",
    ]


def test_who_is_in_a_call_rung_or_wrapping_up_is_passed_for_that(run: FloorRun) -> None:
    run.answer("call")
    run.arrive("two", needs="billing >= 9")
    run.arrive("three", needs="billing >= 5")
    run.miss("two", "busy")
    run.over("call")
    run.arrive("four")
    passed = {one["agent"]: one for one in why_of(run, "four")["passed"]}
    assert passed["1001"]["because"] == "wrap_up"
    assert passed["1004"] == {"agent": "1004", "because": "missed", "reason": "busy", "for_s": 0.0}
    assert passed["1006"]["because"] == "offered"
    assert why_of(run, "three")["counts"]["talking"] == 1


def test_a_relaxed_step_is_said() -> None:
    run = FloorRun(QueueRule("support", relax=(Relaxation(90, ""),)), agents({}))
    run.log_in("1001")
    run.arrive("call", needs="billing")
    run.wait(90)
    assert words_of(why_of(run, "call"), "en") == [
        "Agent 1001 was the only one who could take it (idle 1 min 30 s).",
        "Relaxation step 1 had begun after 1 min 30 s of waiting.",
    ]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("language", ["zh", "en", "fr"])
def test_every_choice_can_be_said(choice: str, language: str) -> None:
    run = FloorRun(QueueRule("support", choice=choice, wrap_up_s=0), agents({"a": 9}, {"a": 3}))
    run.log_in("1001", "1002")
    for name in ("one", "two"):
        run.arrive(name, needs="a and a <= 9", customer="c1")
        run.serve(name)
        lines = words_of(why_of(run, name), language)
        assert len(lines) == 3 and not any("{" in line for line in lines)
    last = why_of(run, "two")
    if choice == "last-agent-first":
        assert (last["customer_knows"], "talked with this customer last" in words_of(last, "en")[0]) == ("1001", True)


def test_what_nobody_can_meet_and_what_is_too_much_are_said() -> None:
    why = {
        "chosen": "1", "choice": "random", "needs": "a <= 3", "step": 0, "wait_s": 0, "customer_knows": "",
        "candidates": [{"agent": "1"}], "counts": {"candidate": 1, "skill": 2}, "whole": True,
        "passed": [
            {"agent": "2", "because": "skill", "lacks": [{"skill": "a", "lowest": 1, "highest": 3, "has": 5}]},
            {"agent": "3", "because": "skill", "lacks": []},
        ],
    }  # fmt: skip
    assert words_of(why, "en")[2:] == [
        "Agent 2 was ready, but has a at level 5, allowed is 3 at most.",
        "Agent 3 was ready, but nobody can meet this requirement.",
    ]


def test_on_a_big_floor_it_is_bounded_and_counts_everybody() -> None:
    count = 400
    skills = [{"a": 5} if n % 2 else {"b": 1} for n in range(count)]
    run = FloorRun(QueueRule("support", choice="random"), agents(*skills))
    assert count > WHOLE
    run.log_in(*(str(1001 + n) for n in range(300)))
    for n in range(0, 300, 3):
        run.ask(str(1001 + n), "not_ready", "lunch")
    run.arrive("call", needs="a")
    why = why_of(run, "call")
    assert why["counts"] == {"candidate": 100, "skill": 100, "logged_out": 100, "not_ready": 100}
    assert len(json.dumps(why)) < 6000 and not why["whole"]
    named = [one["agent"] for one in why["candidates"]]
    assert why["chosen"] in named and len(named) in (NAMED, NAMED + 1)
    assert [one["because"] for one in why["passed"]] == ["logged_out"] * 10 + ["skill"] * 10 + ["not_ready"] * 10
    lines = words_of(why, "en")
    assert "And 90 more: logged out." in lines and "And 90 more: not ready." in lines
    assert f"And {100 - len(named)} more: could have taken it too." in lines

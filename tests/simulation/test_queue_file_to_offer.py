"""conf/queues.yml as it is written, to the offers that come of it: every choice and setting that the floor follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from acd_run import FloorRun

from switch_app.core.acd import floor as acd
from switch_app.core.acd.choice import ABSENT, CHOICES
from switch_app.core.work import AgentProfile
from switch_app.flowfiles.queues import load_queues

LEVELS = ({"support": 9}, {"support": 5, "sales": 5}, {"support": 5}, {"support": 2})


def floor(folder: Path, text: str) -> FloorRun:
    """A floor with the queue `support` of this text, and four agents whose ranks run backwards; the last was
    logged in first."""
    file = folder / "queues.yml"
    wrap_up = "" if "wrap_up_s" in text else "  wrap_up_s: 0\n"
    file.write_text(f"support:\n{wrap_up}{text}", encoding="utf-8")
    rules, problems = load_queues(file)
    assert rules, [str(problem) for problem in problems]
    people = [AgentProfile(str(1001 + n), "", levels, order=9 - n) for n, levels in enumerate(LEVELS)]
    run = FloorRun(rules, tuple(people))
    for agent in ("1004", "1003", "1002", "1001"):
        run.log_in(agent)
        run.wait(1)
    return run


def rung(run: FloorRun, calls: str, **work: object) -> list[str]:
    """Whom each call rings; a call in capitals is long."""
    for call in calls:
        run.arrive(call, **work)
        run.serve(call, talk_s=100 if call.isupper() else 5)
        run.wait(1)
    return [run.rung(call)[0] for call in calls]


@pytest.mark.parametrize(
    ("choice", "needs", "expected"),
    [
        ("longest-idle", "", ["1004", "1003", "1002", "1001", "1004"]),
        ("best-skill", "support", ["1001"] * 5),
        ("least-skilled-sufficient", "support >= 5", ["1003"] * 5),
        ("round-robin", "", ["1004", "1003", "1002", "1001", "1004"]),
        ("last-agent-first", "", ["1004"] * 5),
        ("ordered", "", ["1004"] * 5),
        ("fewest-calls", "", ["1004", "1003", "1002", "1001", "1004"]),
        ("least-talk", "", ["1004", "1003", "1002", "1001", "1003"]),
        ("random", "", None),
    ],
)
def test_every_choice(tmp_path: Path, choice: str, needs: str, expected: list[str] | None) -> None:
    found = rung(floor(tmp_path, f"  choice: {choice}\n"), "Abcde", needs=needs, customer="C1")
    if expected is None:
        more = rung(floor(tmp_path, f"  choice: {choice}\n"), "Abcdefghijklmnopqrstuvwxyz", customer="C1")
        assert found == more[:5] and len(set(more)) == 4
    else:
        assert found == expected


def test_no_choice_of_the_floor_is_left_out(tmp_path: Path) -> None:
    for choice in CHOICES:
        assert rung(floor(tmp_path, f"  choice: {choice}\n"), "a")


def test_without_a_limit_of_misses_an_agent_is_never_not_ready(tmp_path: Path) -> None:
    run = floor(tmp_path, "  max_no_answer: 0\n  needs: support >= 9\n")
    run.arrive("call")
    for _ in range(12):
        run.miss("call")
        assert run.state("1001") == "missed"
        run.wait(10)
    assert run.rung("call") == ["1001"] * 13


@pytest.mark.parametrize("factor", ABSENT)
def test_every_state_that_may_count_as_absent(tmp_path: Path, factor: str) -> None:
    """The one agent who could is in that state: who waits is let go, and so is who comes then."""
    run = floor(tmp_path, f"  empty_means: [{factor}]\n  needs: support >= 9\n  wrap_up_s: 30\n")
    run.ask("1001", "not_ready")
    if factor not in ("not_ready", "logged_out"):
        run.ask("1001", "ready")
    if factor == "logged_out":
        run.ask("1001", "logged_out")
    elif factor != "not_ready":
        run.arrive("first")
    if factor == "missed":
        run.miss("first")
    elif factor in ("talking", "wrap_up"):
        run.answer("first")
    if factor == "wrap_up":
        run.over("first")
    run.arrive("second")
    assert ("second", "empty") in run.left()


def test_what_is_present_keeps_callers(tmp_path: Path) -> None:
    run = floor(tmp_path, "  needs: support >= 9\n")
    run.ask("1001", "not_ready")
    run.arrive("call")
    assert run.left() == []


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("needs: billing >=", "3:10", "needs-syntax"),
        ("relax: [{after_s: 20, needs: sales and}]", "3:32", "needs-syntax"),
        ("relax: [{after_s: 20}, {after_s: 10}]", "3:36", "relax-order"),
        ("choice: ring-all", "3:11", "unknown-choice"),
        ("choice: [random]", "3:3", "unknown-choice"),
        ("max_no_answer: -1", "3:18", "schema"),
        ("empty_means: [gone]", "3:17", "schema"),
    ],
)
def test_what_the_floor_could_not_follow_is_a_problem_of_the_file(
    tmp_path: Path, text: str, place: str, rule: str
) -> None:
    file = tmp_path / "queues.yml"
    file.write_text(f"support:\n  wrap_up_s: 0\n  {text}\n", encoding="utf-8")
    rules, problems = load_queues(file)
    assert rules is None
    assert [(f"{problem.line}:{problem.column}", problem.rule) for problem in problems] == [(place, rule)]


def test_a_tier_of_customers_has_its_own_choice(tmp_path: Path) -> None:
    """R16: the best agent for gold customers, whoever is idle for the longest time for the others."""
    text = "  tiers:\n    gold: {choice: best-skill, skill: support, service_level_s: 10}\n"
    run = floor(tmp_path, text)
    assert rung(run, "ab", tier="gold") == ["1001", "1001"]
    assert rung(run, "cd", tier="silver") == ["1004", "1003"]
    assert [tier["service_level_s"] for tier in acd.live(run.floor, run.now)["queues"][0]["tiers"]] == [10.0]

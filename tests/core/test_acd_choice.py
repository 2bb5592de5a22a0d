"""Which of the agents who qualify gets the work."""

from __future__ import annotations

from collections import Counter

import pytest
from acd_run import FloorRun, agents

from switch_app.core import signals as s
from switch_app.core.acd import choice
from switch_app.core.acd import floor as acd
from switch_app.core.work import AgentProfile, QueueRule


def floor(choice: str, *skills: dict[str, int], **rule: object) -> FloorRun:
    run = FloorRun(QueueRule("support", choice=choice, wrap_up_s=0, **rule), agents(*skills))  # type: ignore[arg-type]
    for n in range(len(skills)):
        run.log_in(str(1001 + n))
        run.wait(1)
    return run


def took(run: FloorRun, count: int, **work: object) -> list[str]:
    """Who is rung for one call after the other, each served to its end."""
    found = []
    for _ in range(count):
        call = f"call-{len(run.facts)}"
        run.arrive(call, **work)
        found += run.rung(call)
        run.serve(call, talk_s=5)
        run.wait(1)
    return found


def test_longest_idle_goes_round_by_the_end_of_the_last_call() -> None:
    run = floor("longest-idle", {}, {}, {})
    assert took(run, 5) == ["1001", "1002", "1003", "1001", "1002"]


def test_a_caller_who_gives_up_does_not_cost_the_agent_the_idle_time() -> None:
    run = floor("longest-idle", {}, {})
    run.arrive("short")
    assert run.rung("short") == ["1001"]
    run.take(s.WorkWithdrawn("short", "abandoned"))
    assert took(run, 1) == ["1001"]


def test_not_ready_starts_the_idle_time_again() -> None:
    run = floor("longest-idle", {}, {})
    run.ask("1001", "not_ready", "lunch")
    run.ask("1001", "ready")
    assert took(run, 1) == ["1002"]


def test_best_skill_by_the_named_skill_or_by_the_needs() -> None:
    levels = ({"support": 5, "sales": 10}, {"support": 9}, {"support": 9}, {"sales": 3})
    assert took(floor("best-skill", *levels, skill="support"), 1) == ["1002"]
    assert took(floor("best-skill", *levels), 1, needs="support or sales") == ["1001"]


def test_least_skilled_sufficient_keeps_the_experts_free() -> None:
    run = floor("least-skilled-sufficient", {"support": 9}, {"support": 5, "sales": 8}, {"support": 5}, {"support": 4})
    assert took(run, 1, needs="support >= 5") == ["1003"]


def test_round_robin_goes_on_behind_the_last_offered_even_if_that_one_left() -> None:
    run = floor("round-robin", {}, {}, {})
    assert took(run, 4) == ["1001", "1002", "1003", "1001"]
    run.ask("1001", "logged_out")
    run.ask("1002", "not_ready")
    assert took(run, 2) == ["1003", "1003"]
    run.ask("1002", "ready")
    run.log_in("1001")
    assert took(run, 2) == ["1001", "1002"]


def test_last_agent_first_else_longest_idle() -> None:
    run = floor("last-agent-first", {}, {}, {})
    assert took(run, 2, customer="c1") == ["1001", "1001"]
    assert took(run, 1, customer="c2") == ["1002"]
    assert took(run, 1) == ["1003"]
    assert took(run, 1, customer="c2") == ["1002"]
    run.ask("1002", "not_ready")
    assert took(run, 1, customer="c2") == ["1001"]
    run.restart()
    assert took(run, 1, customer="c2") == ["1001"]


def test_last_agent_who_lacks_the_needs_is_not_taken() -> None:
    run = floor("last-agent-first", {"a": 1}, {"b": 1})
    assert took(run, 1, customer="c1", needs="a") == ["1001"]
    assert took(run, 1, customer="c1", needs="b") == ["1002"]


def test_ordered_always_begins_at_the_top() -> None:
    run = FloorRun(
        QueueRule("support", choice="ordered", wrap_up_s=0),
        (AgentProfile("1001", "Li", order=2), AgentProfile("1002", "Wang", order=1)),
    )
    run.log_in("1001", "1002")
    assert took(run, 3) == ["1002"] * 3


def test_fewest_calls_and_least_talk_count_the_day() -> None:
    for name in ("fewest-calls", "least-talk"):
        run = floor(name, {}, {})
        assert took(run, 2) == ["1001", "1002"]
        run.arrive("long")
        assert run.rung("long") == ["1001"]
        run.serve("long", talk_s=60)
        assert took(run, 2) == ["1002", "1002" if name == "least-talk" else "1001"]
        run.date = "2026-11-24"
        run.take(s.TimerFired("floor:agent:nobody"))
        assert all(agent.calls == agent.talk_s == 0 for agent in run.floor.tables.agents.values())


def test_random_is_spread_and_the_same_in_every_replay() -> None:
    one, two = floor("random", {}, {}, {}), floor("random", {}, {}, {})
    first = took(one, 60)
    assert first == took(two, 60)
    assert min(Counter(first).values()) > 8


@pytest.mark.parametrize("name", ["longest_idle", "ring-all", "", "top-down"])
def test_an_unknown_choice_is_an_error_and_changes_nothing(name: str) -> None:
    run = floor("ordered", {})
    before = acd.to_plain(run.floor)
    with pytest.raises(ValueError, match="queue support: choice"):
        run.take(s.FloorConfigured((QueueRule("support", choice=name),)))
    assert acd.to_plain(run.floor) == before


def test_every_choice_is_checked_and_used() -> None:
    for name in choice.CHOICES:
        run = floor(name, {}, {})
        assert took(run, 1, customer="c")[0] in ("1001", "1002")

"""Which work is served first, and that the order is total."""

from __future__ import annotations

import pytest
from acd_run import START, FloorRun, agents

from switch_app.core import facts as f
from switch_app.core.acd.figures import live
from switch_app.core.acd.order import across, growth, place_of
from switch_app.core.work import QueueRule, Work


def served(run: FloorRun) -> list[str]:
    return [fact.interaction for fact in run.of(f.WorkOffered)]


def floor(*rules: QueueRule, **rule: object) -> FloorRun:
    always = {"join_when_empty": True, "leave_when_empty": False, "wrap_up_s": 0.0}
    queues = rules or (QueueRule("support", **{**always, **rule}),)  # type: ignore[arg-type]
    return FloorRun(queues, agents({}))


def serve_all(run: FloorRun, count: int) -> list[str]:
    run.log_in("1001")
    for _ in range(count):
        run.serve(run.at("1001"), 1)
    return served(run)


def test_the_oldest_first_within_one_priority() -> None:
    run = floor()
    run.arrive("b", waiting_since=START - 1)
    run.arrive("a", waiting_since=START)
    run.arrive("c", waiting_since=START - 5)
    assert serve_all(run, 3) == ["c", "b", "a"]


def test_two_within_one_millisecond_keep_their_order() -> None:
    run = floor()
    run.arrive("f", waiting_since=START + 0.0010287)
    run.arrive("a", waiting_since=START + 0.0014195)
    assert serve_all(run, 2) == ["f", "a"]


def test_the_wallboard_shows_the_order_of_serving() -> None:
    stay = {"join_when_empty": True, "leave_when_empty": False}
    run = floor(QueueRule("support", **stay), QueueRule("a", **stay))
    run.arrive("new")
    run.arrive("gold", priority=1)
    run.arrive("old", waiting_since=START - 9)
    run.arrive("same", queue="a", waiting_since=START - 9)
    shown = [each["interaction"] for each in live(run.floor, run.now)["waiting"]]
    assert shown == ["gold", "old", "same", "new"]


def test_higher_priority_first_whatever_the_wait() -> None:
    run = floor()
    run.arrive("old", waiting_since=START - 3600)
    run.arrive("gold", priority=1)
    run.arrive("low", waiting_since=START - 7200, priority=-1)
    assert serve_all(run, 3) == ["gold", "old", "low"]


def test_boost_counts_as_waited() -> None:
    run = floor()
    run.arrive("plain", waiting_since=START - 20)
    run.arrive("boosted", boost_s=30)
    assert serve_all(run, 2) == ["boosted", "plain"]


def test_age_weight_lets_waiting_outgrow_priority() -> None:
    run = floor(age_weight=0.1)  # a point every ten seconds
    run.arrive("gold", priority=5)
    run.arrive("old", waiting_since=START - 49)
    run.arrive("older", waiting_since=START - 51)
    assert serve_all(run, 3) == ["older", "gold", "old"]


def test_age_weight_moves_the_order_between_queues_with_time() -> None:
    calm = QueueRule("calm", join_when_empty=True, leave_when_empty=False)
    rising = QueueRule("rising", join_when_empty=True, leave_when_empty=False, age_weight=0.1)
    for wait_s, first in ((10.0, "c"), (31.0, "r")):
        run = FloorRun((calm, rising), agents({}))
        run.arrive("c", "calm", priority=3)
        run.arrive("r", "rising")
        run.wait(wait_s)
        run.log_in("1001")
        assert run.at("1001") == first


def test_ties_go_by_queue_order_then_by_id() -> None:
    rules = [QueueRule(name, join_when_empty=True, leave_when_empty=False, wrap_up_s=0) for name in ("z", "a")]
    run = FloorRun(tuple(rules), agents({}))
    for name in ("i2", "i1"):
        run.arrive(f"{name}-a", "a")
        run.arrive(f"{name}-z", "z")
    assert serve_all(run, 4) == ["i1-z", "i2-z", "i1-a", "i2-a"]


def test_places_are_exact_where_floats_would_tie_or_swap() -> None:
    rule = QueueRule("q", age_weight=0.001)
    early, late = Work("a", "q", 1_700_000_000.001), Work("b", "q", 1_700_000_000.002)
    for now in (1_700_000_000.002, 1_800_000_000.0, 2e10):
        grown = growth(rule, now)
        assert across(place_of(early, rule), grown, 0) < across(place_of(late, rule), grown, 0)


@pytest.mark.parametrize("reason", ["no_answer", "busy"])
def test_missed_work_is_back_in_its_old_place(reason: str) -> None:
    run = floor()
    run.log_in("1001")
    run.arrive("first")
    run.wait(1)
    run.arrive("second")
    run.miss("first", reason)
    assert run.at("1001") == ""
    run.wait(10)
    assert run.at("1001") == "first"
    assert run.floor.tables.items["first"].work.waiting_since == START


def test_only_those_who_meet_the_needs_are_rung() -> None:
    run = FloorRun(QueueRule("support", needs="support"), agents({"support": 3}, {"support": 9, "mandarin": 5}, {}))
    run.log_in("1001", "1002", "1003")
    run.arrive("hard", needs="support >= 5")
    run.arrive("zh", needs="mandarin")
    run.arrive("easy")
    assert (run.rung("hard"), run.rung("zh"), run.rung("easy")) == (["1002"], [], ["1001"])
    run.serve("hard")
    assert run.rung("zh") == ["1002"]


def test_work_behind_work_that_nobody_can_take_is_not_blocked() -> None:
    run = FloorRun(
        QueueRule("support", join_when_empty=True, leave_when_empty=False), agents({"sales": 1}, {"billing": 1})
    )
    run.arrive("blocked", needs="billing", priority=9)
    run.arrive("easy")
    run.log_in("1001")
    assert run.rung("easy") == ["1001"]
    run.log_in("1002")
    assert run.rung("blocked") == ["1002"]

"""Queues and roster are loaded again while calls go on."""

from __future__ import annotations

from typing import Any

import pytest
from acd_run import FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.work import AgentProfile, QueueRule, Relaxation


def rule(name: str = "support", **more: Any) -> QueueRule:
    return QueueRule(name, **{"join_when_empty": True, "leave_when_empty": False, "announce_every_s": 0.0, **more})


def test_the_same_again_is_no_fact() -> None:
    run = FloorRun(rule(), agents({}))
    count = len(run.facts)
    run.take(s.FloorConfigured((rule(),)))
    run.take(s.RosterLoaded(agents({})))
    assert len(run.facts) == count


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (QueueRule("q", needs="billing >="), "position 10"),
        (QueueRule("q", relax=(Relaxation(5, "a b"),)), "position 2"),
        (QueueRule("q", relax=(Relaxation(9, ""), Relaxation(5, ""))), "queue q: relax"),
        (QueueRule("q", empty_means=("asleep",)), "queue q: empty_means 'asleep' is unknown"),
    ],
)
def test_what_cannot_be_followed_is_an_error(bad: QueueRule, words: str) -> None:
    run = FloorRun(rule(), agents({}))
    with pytest.raises(ValueError, match=words):
        run.take(s.FloorConfigured((bad,)))
    with pytest.raises(ValueError, match="queue support is named twice"):
        run.take(s.FloorConfigured((rule(), rule())))


def test_needs_that_a_reload_makes_too_many_are_ignored_and_the_reload_is_not() -> None:
    run = FloorRun(rule(), agents({"t1": 5}))
    run.arrive("call", needs=" or ".join(f"s{n}" for n in range(10)))
    run.take(s.FloorConfigured((rule(needs=" or ".join(f"t{n}" for n in range(8))),)))
    assert [fact.interaction for fact in run.of(f.NeedsIgnored)] == ["call"]
    run.restart()
    run.log_in("1001")
    assert run.at("1001") == "call"


def test_waiting_work_of_a_deleted_queue_goes_on_or_gives_up() -> None:
    run = FloorRun((rule("a", overflow="b"), rule("b"), rule("c")), agents({}))
    run.arrive("one", "a")
    run.arrive("two", "c")
    run.take(s.FloorConfigured((rule("b"),)))
    assert run.floor.tables.items["one"].queue == "b"
    assert run.left() == [("two", "no_queue")] and run.to("two") == [s.QueueGaveUp("no_queue")]
    assert list(acd.figures(run.floor, run.now)) == ["b"]


def test_who_rings_or_talks_for_a_deleted_queue_finishes() -> None:
    run = FloorRun((rule("a", wrap_up_s=7), rule("b")), agents({}, {}))
    run.log_in("1001", "1002")
    run.arrive("rings", "a")
    run.arrive("talks", "a")
    run.answer("talks")
    run.take(s.FloorConfigured((rule("b"),)))
    assert [queue["name"] for queue in acd.live(run.floor, run.now)["queues"]] == ["b"]
    run.answer("rings")
    run.over("rings")
    run.over("talks")
    assert run.timers == {"floor:agent:1001": run.now + 7, "floor:agent:1002": run.now + 7}
    run.arrive("late", "a")
    assert run.to("late") == [s.QueueGaveUp("no_queue")]
    run.take(s.FloorConfigured((rule("c"),)))
    assert list(run.floor.tables.queues) == ["c"]


def test_a_miss_in_a_deleted_queue_loses_no_caller() -> None:
    run = FloorRun((rule("a", overflow="b"), rule("b")), agents({}))
    run.log_in("1001")
    run.arrive("call", "a")
    run.take(s.FloorConfigured((rule("b"),)))
    run.miss("call")
    assert run.floor.tables.items["call"].queue == "b"


def test_new_rules_hold_for_those_who_wait() -> None:
    run = FloorRun(rule(needs="support"), agents({"sales": 3}))
    run.log_in("1001")
    run.arrive("call")
    run.arrive("long", needs="nothing")
    assert run.state("1001") == "ready"
    run.take(s.FloorConfigured((rule(needs="sales", max_wait_s=50, announce_every_s=20),)))
    assert run.rung("call") == ["1001"]
    run.wait(50)
    assert ("long", "timeout") in run.left()
    assert s.QueueTold("position", 1) in run.to("long")


@pytest.mark.parametrize("to", ["rung", "waiting", "served"])
def test_the_clocks_of_an_old_rule_stop(to: str) -> None:
    """A clock that nobody stops fires for work that is long gone."""
    run = FloorRun(rule(max_wait_s=50, announce_every_s=20), agents({}))
    run.arrive("call")
    if to == "rung":
        run.log_in("1001")
    run.take(s.FloorConfigured((rule(),)))
    if to == "served":
        run.log_in("1001")
        run.answer("call")
    assert [timer for timer in run.timers if timer.endswith("call")] == []


def test_new_skills_hold_at_once() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call", needs="support")
    run.take(s.RosterLoaded((AgentProfile("1001", "Li", {"support": 1}), AgentProfile("1002", "Wang"))))
    assert run.rung("call") == ["1001"] and run.state("1002") == "logged_out"


@pytest.mark.parametrize("state", ["ready", "offered", "talking", "held", "wrap_up", "logged_out"])
def test_who_left_the_roster_is_logged_out_after_the_call(state: str) -> None:
    run = FloorRun(rule(), agents({}, {}))
    if state != "logged_out":
        run.log_in("1001")
    if state in ("offered", "talking", "held", "wrap_up"):
        run.arrive("call")
    if state in ("talking", "held", "wrap_up"):
        run.answer("call")
    if state == "held":
        run.take(s.ConversationHeld(run.offer("call")))
    if state == "wrap_up":
        run.over("call")
    assert run.state("1001") == state
    run.take(s.RosterLoaded(agents({}, first=1002)))
    if state in ("talking", "held"):
        assert run.state("1001") == state
        assert run.ask("1001", "ready").reason == "unknown_agent"
        assert run.ask("", "ready", contact="phone-1001").reason == "unknown_agent"
        run.over("call")
    assert run.state("1001") == "gone" and "1001" not in run.floor.index.crews_of
    if state == "offered":
        assert run.floor.tables.items["call"].waiting
        assert run.to("call")[-1] == s.OfferWithdrawn(run.of(f.WorkOffered)[0].offer, "logged_out")
    if state != "logged_out":
        last = [fact for fact in run.of(f.PresenceChanged) if fact.agent == "1001"][-1]
        assert (last.state, last.reason) == ("logged_out", "removed")


def test_who_is_back_on_the_roster_before_the_end_of_the_call_stays() -> None:
    run = FloorRun(rule(), agents({}, {}))
    run.log_in("1001")
    run.arrive("call")
    run.answer("call")
    run.take(s.RosterLoaded(agents({}, first=1002)))
    run.take(s.RosterLoaded(agents({}, {})))
    run.over("call")
    run.ask("1001", "wrap_up_done")
    assert run.state("1001") == "ready"


def test_figures_of_the_day_begin_anew_at_midnight() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.serve("call")
    assert acd.live(run.floor, run.now)["queues"][0]["answered_today"] == 1
    run.date = "2026-11-24"
    run.arrive("next")
    assert run.of(f.DayBegan)[-1].date == "2026-11-24"
    assert acd.live(run.floor, run.now)["queues"][0]["answered_today"] == 0
    assert run.rung("next") == ["1001"]

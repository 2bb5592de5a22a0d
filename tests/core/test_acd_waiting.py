"""The wait: relaxation, overflow, empty and full queues, announcements."""

from __future__ import annotations

from typing import Any

import pytest
from acd_run import START, FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.work import QueueRule, Relaxation


def open_rule(name: str = "support", **more: Any) -> QueueRule:
    return QueueRule(name, **{"join_when_empty": True, "leave_when_empty": False, "wrap_up_s": 0.0, "announce_every_s": 0.0, **more})


# --- relaxation ----------------------------------------------------------------------------------------------
def test_relaxation_steps_begin_on_time_and_are_facts() -> None:
    rule = open_rule(relax=(Relaxation(10, "support >= 3"), Relaxation(20, "")))
    run = FloorRun(rule, agents({"support": 3}, {}))
    run.log_in("1002")
    run.arrive("call", needs="support >= 8")
    run.wait(10)
    assert run.of(f.NeedsRelaxed) == [f.NeedsRelaxed("call", "support", 1, "support >= 3")]
    run.log_in("1001")
    assert run.rung("call") == ["1001"]
    run.miss("call")
    run.ask("1001", "not_ready")
    run.wait(10)
    assert [fact.step for fact in run.of(f.NeedsRelaxed)] == [1, 2]
    assert run.rung("call") == ["1001", "1002"]


def test_the_clock_of_the_steps_runs_on_while_a_phone_rings() -> None:
    """TaskRouter's example: steps of 10 s and 10 s, an offer declined at 8 s: the second still ends at 20 s."""
    rule = open_rule(relax=(Relaxation(10, "a"), Relaxation(20, "b")))
    run = FloorRun(rule, agents({"a": 1}, {"b": 1}))
    run.log_in("1001", "1002")
    run.wait(5)
    run.ask("1002", "not_ready")
    run.arrive("call", needs="a")
    run.wait(8)
    run.miss("call")
    run.ask("1001", "not_ready")
    run.ask("1002", "ready")
    assert run.rung("call") == ["1001"]
    run.wait(12)
    assert run.rung("call")[-1] == "1002"
    assert [at for at, fact in run.facts if isinstance(fact, f.NeedsRelaxed)] == [START + 15, START + 25]


def test_a_step_that_begins_at_once_holds_from_the_start() -> None:
    run = FloorRun(open_rule(relax=(Relaxation(0, ""),)), agents({}))
    run.log_in("1001")
    run.arrive("call", needs="support")
    assert run.rung("call") == ["1001"]


def test_the_queue_s_own_needs_hold_after_the_last_step() -> None:
    run = FloorRun(open_rule(needs="support", relax=(Relaxation(5, ""),)), agents({}, {"support": 1}))
    run.log_in("1001")
    run.arrive("call", needs="support >= 9")
    run.wait(60)
    assert not run.rung("call")
    run.log_in("1002")
    assert run.rung("call") == ["1002"]


# --- overflow and giving up -------------------------------------------------------------------------------------
def test_overflow_keeps_the_wait_and_begins_the_queue_s_own_clocks() -> None:
    run = FloorRun((open_rule(max_wait_s=30, overflow="operator"), open_rule("operator", max_wait_s=60)), agents({}))
    run.arrive("call")
    run.wait(30)
    assert run.of(f.WorkOverflowed) == [f.WorkOverflowed("call", "support", "operator", "timeout")]
    item = run.floor.tables.items["call"]
    assert (item.work.waiting_since, item.queue_entered_at) == (START, START + 30)
    run.wait(60)
    assert run.left() == [("call", "timeout")] and run.to("call") == [s.QueueGaveUp("timeout")]
    assert run.of(f.WorkLeft)[0].wait_s == 90
    assert not run.timers


def test_an_older_caller_who_overflows_stands_before_a_younger_one() -> None:
    run = FloorRun((open_rule(max_wait_s=30, overflow="operator"), open_rule("operator")), agents({}))
    run.arrive("old")
    run.wait(10)
    run.arrive("young", "operator")
    run.wait(20)
    run.log_in("1001")
    assert run.at("1001") == "old"


def test_a_circle_of_overflows_ends() -> None:
    rules = tuple(open_rule(name, max_wait_s=10, overflow=to) for name, to in (("a", "b"), ("b", "c"), ("c", "a")))
    run = FloorRun(rules, agents({}))
    run.arrive("call", "a")
    run.wait(60)
    assert [(fact.from_queue, fact.to_queue) for fact in run.of(f.WorkOverflowed)] == [("a", "b"), ("b", "c")]
    assert run.left() == [("call", "timeout")] and run.now == START + 60


def test_an_overflow_that_is_no_queue_is_told_to_the_flow() -> None:
    run = FloorRun(open_rule(max_wait_s=10, overflow="leave_message"), agents({}))
    run.arrive("call")
    run.wait(10)
    assert run.to("call") == [s.QueueGaveUp("timeout", "leave_message")]


def test_the_longest_wait_waits_for_a_ringing_phone() -> None:
    run = FloorRun(open_rule(max_wait_s=30), agents({}))
    run.arrive("one")
    run.wait(25)
    run.log_in("1001")
    run.wait(10)
    assert run.state("1001") == "offered"
    run.miss("one")
    assert run.left() == [("one", "timeout")]
    run.arrive("two")
    run.wait(25)
    run.answer("two")
    run.wait(100)
    assert run.state("1001") == "talking"


def test_a_full_queue_passes_on() -> None:
    run = FloorRun((open_rule(max_waiting=2, overflow="operator"), open_rule("operator", max_waiting=1)), agents({}))
    run.log_in("1001")
    for name in ("ringing", "waiting", "over", "out"):
        run.arrive(name)
    assert [fact.interaction for fact in run.of(f.WorkOverflowed)] == ["over", "out"]
    assert run.left() == [("out", "full")] and run.to("out") == [s.QueueGaveUp("full")]
    run.answer("ringing")
    run.arrive("again")
    assert run.floor.tables.items["again"].queue == "support", "who talks does not wait"


def test_an_unknown_queue_gives_up() -> None:
    run = FloorRun(open_rule(), agents({}))
    run.arrive("call", "nowhere")
    assert run.to("call") == [s.QueueGaveUp("no_queue")] and run.left() == [("call", "no_queue")]


def test_needs_that_cannot_be_read_lose_no_caller() -> None:
    run = FloorRun(open_rule(), agents({}))
    run.arrive("call", needs="billing >=")
    assert run.of(f.NeedsIgnored)[0].problem == "expected a level (1 to 10), found ''"
    run.log_in("1001")
    assert run.rung("call") == ["1001"]


# --- empty --------------------------------------------------------------------------------------------------------
def test_nobody_logged_in_is_empty() -> None:
    run = FloorRun((QueueRule("support", overflow="operator"), QueueRule("operator")), agents({}))
    run.arrive("call")
    assert [fact.reason for fact in run.of(f.WorkOverflowed)] == ["empty"]
    assert run.to("call") == [s.QueueGaveUp("empty")] and not run.timers


def test_nobody_who_could_take_it_is_empty_too() -> None:
    run = FloorRun(QueueRule("support"), agents({"sales": 1}))
    run.log_in("1001")
    run.arrive("call", needs="support")
    assert run.left() == [("call", "empty")]


def test_somebody_for_a_later_step_is_not_empty() -> None:
    run = FloorRun(QueueRule("support", relax=(Relaxation(30, ""),)), agents({"sales": 1}))
    run.log_in("1001")
    run.arrive("call", needs="support")
    assert not run.left()
    run.ask("1001", "logged_out")
    assert run.left() == [("call", "empty")]


def test_a_step_can_leave_nobody() -> None:
    run = FloorRun(QueueRule("support", relax=(Relaxation(30, "sales"),)), agents({"support": 1}, {"sales": 1}))
    run.log_in("1001", "1002")
    run.ask("1001", "not_ready")
    run.arrive("call", needs="support")
    run.ask("1002", "logged_out")
    assert not run.left()
    run.wait(30)
    assert run.left() == [("call", "empty")]


@pytest.mark.parametrize(
    ("means", "state", "empty"),
    [
        (("logged_out",), "not_ready", False),
        (("logged_out", "not_ready"), "not_ready", True),
        (("wrap_up",), "wrap_up", True),
        (("not_ready",), "wrap_up", False),
        (("ringing",), "offered", True),
        (("logged_out",), "offered", False),
        (("missed",), "missed", True),
        (("talking",), "talking", True),
        (("talking",), "held", True),
        (("logged_out",), "held", False),
    ],
)
@pytest.mark.parametrize("joining", [True, False])
def test_what_counts_as_empty(means: tuple[str, ...], state: str, empty: bool, joining: bool) -> None:
    """On joining (one who comes finds it so) and while waiting (one who waits sees it become so)."""
    run = FloorRun(QueueRule("support", empty_means=means, join_when_empty=not joining), agents({}))
    run.log_in("1001")
    if not joining:
        run.ask("1001", "not_ready")
        run.arrive("held")
        run.arrive("other")
        run.ask("1001", "ready")
    else:
        run.arrive("held")
    if state == "missed":
        run.miss("held")
    elif state == "not_ready":
        run.ask("1001", "not_ready")
    elif state in ("talking", "wrap_up", "held"):
        run.answer("held")
        if state == "wrap_up":
            run.over("held")
        elif state == "held":
            run.take(s.ConversationHeld(run.offer("held")))
    assert run.state("1001") == state
    if joining:
        run.arrive("other")
    assert (("other", "empty") in run.left()) is empty


def test_who_leaves_an_emptied_queue_leaves_in_order_and_may_find_somebody() -> None:
    rules = (QueueRule("support", needs="support", overflow="operator"), QueueRule("operator"))
    run = FloorRun(rules, agents({"support": 1}, {}))
    run.log_in("1001")
    for name in ("first", "c", "b", "a"):
        run.arrive(name)
        run.wait(1)
    run.log_in("1002")
    run.ask("1001", "logged_out")
    assert [fact.interaction for fact in run.of(f.WorkOverflowed)] == ["first", "c", "b", "a"]
    assert run.rung("first") == ["1001", "1002"]


# --- what callers are told --------------------------------------------------------------------------------------------
def positions(run: FloorRun, interaction: str) -> list[int]:
    return [told.position for told in run.to(interaction) if isinstance(told, s.QueueTold)]


def test_the_position_is_told_first_soon_and_then_only_when_it_improved() -> None:
    run = FloorRun(open_rule(announce_first_s=5, announce_every_s=30), agents({}))
    for name in ("a", "b", "c"):
        run.arrive(name)
    run.wait(5)
    assert [positions(run, name) for name in "abc"] == [[1], [2], [3]]
    run.arrive("gold", priority=1)
    run.wait(30)
    assert positions(run, "c") == [3], "it became worse"
    run.take(s.WorkWithdrawn("gold", "abandoned"))
    run.take(s.WorkWithdrawn("a", "abandoned"))
    assert positions(run, "c") == [3]
    run.wait(30)
    assert [positions(run, name) for name in "bc"] == [[2, 1], [3, 2]]


def test_nothing_is_said_while_a_phone_rings_or_they_talk() -> None:
    run = FloorRun(open_rule(announce_first_s=5, announce_every_s=10), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.wait(12)
    run.answer("call")
    run.wait(60)
    assert positions(run, "call") == [] and "floor:tell:call" not in run.timers


def test_what_a_ringing_phone_has_held_up_is_told_soon_after() -> None:
    """A caller whose offers are all missed heard nothing for minutes: each announcement fell into a ringing."""
    run = FloorRun(open_rule(announce_first_s=5, announce_every_s=30, no_answer_delay_s=10), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.wait(12)
    run.miss("call")
    assert positions(run, "call") == []
    run.wait(5)
    assert positions(run, "call") == [1]


def test_announcements_can_be_off() -> None:
    run = FloorRun(open_rule(announce_first_s=5), agents({}))
    run.arrive("call")
    run.wait(100)
    assert run.to("call") == [] and run.timers == {}


def test_another_queue_counts_its_own_positions() -> None:
    rules = (
        open_rule(max_wait_s=20, overflow="operator", announce_first_s=5, announce_every_s=30),
        open_rule("operator", announce_first_s=5, announce_every_s=30),
    )
    run = FloorRun(rules, agents({}))
    run.arrive("ahead", "operator", waiting_since=START - 100)
    run.arrive("call")
    run.wait(25)
    assert positions(run, "call") == [1, 2]


def test_the_estimate_is_the_pace_of_the_answers_and_stalls_with_them() -> None:
    run = FloorRun(open_rule(announce_first_s=1, announce_every_s=600), agents({}))
    run.log_in("1001")
    for n in range(6):
        run.arrive(f"call-{n}")
    for n in range(4):  # one answer a minute
        run.serve(f"call-{n}", talk_s=60)
    run.answer("call-4")
    run.arrive("new")
    run.wait(1)
    told = [signal for signal in run.to("new") if isinstance(signal, s.QueueTold)]
    assert told == [s.QueueTold("position", 2, 120.0)]
    run.wait(299)
    run.arrive("late")
    run.wait(1)
    assert run.to("late")[-1] == s.QueueTold("position", 3, 900.0), "300 s without an answer"


def test_no_estimate_before_enough_is_known() -> None:
    run = FloorRun(open_rule(announce_first_s=1, announce_every_s=30), agents({}))
    run.arrive("call")
    run.wait(1)
    assert run.to("call") == [s.QueueTold("position", 1, None)]

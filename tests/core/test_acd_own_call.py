"""Asking for calls by keypad: they come when the agent's own call is over, or a minute later."""

from __future__ import annotations

import pytest
from acd_run import FloorRun, agents

from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.names import agent_timer
from switch_app.core.work import QueueRule, Work

OVER = s.OwnCallEnded("phone-1001")


@pytest.fixture
def run() -> FloorRun:
    return FloorRun(QueueRule("support", join_when_empty=True, leave_when_empty=False, wrap_up_s=30), agents({}, {}))


def test_nobody_is_offered_to_a_phone_that_still_hears_the_confirmation(run: FloorRun) -> None:
    run.arrive("call")
    answer = run.ask("1001", "logged_in", contact="phone-1001", on_phone=True)
    assert (answer.ok, answer.state) == (True, "ready")
    assert run.state("1001") == "not_ready"
    run.take(OVER)
    assert run.state("1001") == "offered"


@pytest.mark.parametrize("wish", ["ready", "ready_once"])
def test_ready_by_keypad(run: FloorRun, wish: str) -> None:
    run.log_in("1001")
    run.ask("1001", "not_ready", "lunch")
    run.ask("", wish, contact="phone-1001", on_phone=True)
    assert run.state("1001") == "not_ready"
    run.take(OVER)
    assert run.state("1001") == wish


def test_a_wrap_up_ended_by_keypad(run: FloorRun) -> None:
    run.log_in("1001")
    run.arrive("call")
    run.answer("call")
    run.take(s.ConversationOver(run.floor.tables.items["call"].offer))
    assert run.state("1001") == "wrap_up"
    assert run.ask("", "wrap_up_done", contact="phone-1001", on_phone=True).ok
    run.take(OVER)
    assert run.state("1001") == "ready"


def test_a_call_whose_end_nobody_tells_has_a_deadline(run: FloorRun) -> None:
    run.ask("1001", "logged_in", contact="phone-1001", on_phone=True)
    (timer,) = [each for each in acd.deadlines(run.floor) if each.timer == agent_timer("1001")]
    run.now = timer.due_at
    run.take(s.TimerFired(timer.timer))
    assert run.state("1001") == "ready"


def test_the_end_of_another_call_means_nothing(run: FloorRun) -> None:
    run.log_in("1001")
    run.ask("1001", "not_ready", "lunch")
    run.take(OVER)
    assert run.state("1001") == "not_ready"


def test_asking_from_another_phone_moves_nobody(run: FloorRun) -> None:
    run.log_in("1001", "1002")
    run.ask("1001", "ready", contact="phone-1002", on_phone=True)
    assert [agent.contact for agent in run.floor.tables.agents.values()] == ["phone-1001", "phone-1002"]


def test_a_talk_that_is_put_back_leaves_the_calls_asked_for_behind_it(run: FloorRun) -> None:
    """The floor had lost it; the agent has asked for calls by keypad meanwhile."""
    run.log_in("1001")
    run.ask("", "ready", contact="phone-1001", on_phone=True)
    run.take(s.TalkForgotten(Work("call", "support", run.now), "o1", "1001", "phone-1001", run.now, "lost"))
    assert run.state("1001") == "talking"
    run.over("call")
    run.wait(30)
    assert run.state("1001") == "ready"

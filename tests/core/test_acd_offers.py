"""An offer from the ring to the wrap-up: every way that it can end."""

from __future__ import annotations

import pytest
from acd_run import START, FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import match
from switch_app.core.interaction.deadlines import GRACE_S, JOIN_S
from switch_app.core.work import QueueRule


@pytest.fixture
def run() -> FloorRun:
    run = FloorRun(QueueRule("support"), agents({}, {}))
    run.log_in("1001")
    return run


def test_an_offer_is_told_and_has_a_deadline_behind_the_switch_s_own(run: FloorRun) -> None:
    run.arrive("call")
    offer = run.offer("call")
    assert run.to("call") == [s.AgentOffered(offer, "1001", "phone-1001", 20.0, "support")]
    assert run.timers["floor:agent:1001"] == START + 35


def test_a_join_that_was_begun_at_the_last_moment_of_the_ringing_is_the_interaction_s_to_end() -> None:
    assert match.GRACE_S > GRACE_S + JOIN_S


def test_answered_talked_done(run: FloorRun) -> None:
    run.arrive("call")
    run.wait(4)
    run.answer("call")
    assert run.state("1001") == "talking"
    assert not [timer for timer in run.timers if "call" in timer]
    run.wait(100.5)
    offer = run.offer("call")
    run.over("call")
    assert run.of(f.WorkCompleted) == [f.WorkCompleted("call", offer, "1001", "support", 100.5)]
    assert run.state("1001") == "wrap_up" and "call" not in run.floor.tables.items


def test_a_talk_whose_end_is_told_late_is_as_long_as_it_was(run: FloorRun) -> None:
    run.arrive("call")
    run.wait(4)
    run.answer("call")
    run.wait(100)
    run.take(s.ConversationOver(run.offer("call"), START + 4 + 12.5))
    assert [fact.talk_s for fact in run.of(f.WorkCompleted)] == [12.5]


@pytest.mark.parametrize("reason", ["busy", "rejected", "no_answer", "failed"])
def test_a_miss_says_its_reason_and_pauses_the_agent(run: FloorRun, reason: str) -> None:
    run.arrive("call")
    run.miss("call", reason)
    assert run.of(f.OfferDeclined)[-1].reason == reason
    assert run.floor.tables.agents["1001"].reason == reason
    assert run.state("1001") == "missed" and run.timers["floor:agent:1001"] == START + 10
    run.wait(10)
    assert run.state("1001") == "offered" and run.rung("call") == ["1001", "1001"]


@pytest.mark.parametrize("reason", ["switch_lost", "congestion"])
def test_what_the_switch_could_not_do_is_no_call_that_the_agent_missed(run: FloorRun, reason: str) -> None:
    """A pause, or else it would be tried in a loop; but however long it lasts, the agent stays at work."""
    run.arrive("call")
    run.miss("call", "no_answer")
    for _ in range(5):
        run.wait(10)
        run.miss("call", reason)
        assert run.state("1001") == "missed" and run.floor.tables.agents["1001"].missed == 1
    run.wait(10)
    assert run.state("1001") == "offered"


def test_an_agent_whose_phone_is_gone_is_logged_out_and_the_queue_is_empty() -> None:
    """Else callers wait for somebody who cannot be rung: nobody is there, so the overflow acts."""
    run = FloorRun((QueueRule("support", overflow="night"), QueueRule("night", join_when_empty=True,
        leave_when_empty=False)), agents({}, {}))  # fmt: skip
    run.log_in("1001")
    run.arrive("call")
    run.miss("call", "unreachable")
    gone = run.of(f.PresenceChanged)[-1]
    assert (gone.state, gone.reason, gone.contact, gone.by) == ("logged_out", "unreachable", "", "floor")
    assert run.of(f.OfferDeclined)[-1].reason == "unreachable"
    assert run.of(f.WorkOverflowed)[-1].reason == "empty" and run.rung("call") == ["1001"]
    assert not [timer for timer in run.timers if "1001" in timer]
    run.wait(60)
    run.log_in("1002")
    (told,) = run.of(f.WorkOffered)[-1].why["passed"]
    assert told == {"agent": "1001", "because": "logged_out", "reason": "unreachable", "for_s": 60.0}


def test_a_planned_presence_does_not_bring_back_an_agent_whose_phone_is_gone(run: FloorRun) -> None:
    run.arrive("call")
    run.ask("1001", "ready_once")
    run.miss("call", "unreachable")
    assert run.state("1001") == "logged_out" and run.floor.tables.agents["1001"].after == ""


def test_a_miss_goes_to_the_next_agent_at_once(run: FloorRun) -> None:
    run.log_in("1002")
    run.arrive("call")
    run.miss("call", "busy")
    assert run.rung("call") == ["1001", "1002"]


def test_too_many_misses_in_a_row_make_not_ready(run: FloorRun) -> None:
    run.arrive("call")
    for _ in range(3):
        run.miss("call")
        run.wait(10)
    agent = run.floor.tables.agents["1001"]
    assert (agent.state, agent.reason) == ("not_ready", "no_answer")
    assert run.ask("1001", "ready").ok and run.rung("call") == ["1001"] * 4
    run.miss("call")
    assert run.state("1001") == "missed", "counted anew after the agent said ready"


def test_an_answer_ends_the_row_of_misses(run: FloorRun) -> None:
    for n in range(6):
        run.arrive(f"call-{n}")
        run.miss(f"call-{n}")
        run.wait(10)
        run.serve(f"call-{n}")
    assert run.state("1001") == "ready"


def test_ready_ends_the_pause(run: FloorRun) -> None:
    run.arrive("call")
    run.miss("call")
    run.ask("1001", "ready")
    assert run.rung("call") == ["1001", "1001"] and run.timers["floor:agent:1001"] == START + 35


def test_a_phone_that_fails_at_once_is_not_called_in_a_loop() -> None:
    run = FloorRun(QueueRule("support", no_answer_delay_s=0, max_no_answer=0), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.miss("call", "busy")
    assert run.rung("call") == ["1001"] and run.timers["floor:agent:1001"] == START + 1


def test_the_floor_ends_an_offer_that_nobody_ends(run: FloorRun) -> None:
    run.arrive("call")
    offer = run.offer("call")
    run.wait(35)
    assert s.OfferWithdrawn(offer, "no_answer") in run.to("call")
    assert run.state("1001") == "missed"
    run.take(s.OfferAnswered(offer))
    run.take(s.OfferMissed(offer, "busy"))
    assert run.state("1001") == "missed" and run.floor.tables.items["call"].waiting


def test_a_timer_that_comes_early_is_set_again(run: FloorRun) -> None:
    run.arrive("call")
    del run.timers["floor:agent:1001"]
    run.take(s.TimerFired("floor:agent:1001"))
    assert run.timers["floor:agent:1001"] == START + 35 and run.state("1001") == "offered"


@pytest.mark.parametrize("state", ["offered", "missed", "wrap_up"])
def test_a_clock_that_is_set_back_keeps_nobody_in_a_transient_state(run: FloorRun, state: str) -> None:
    run.arrive("call")
    if state == "missed":
        run.miss("call")
    elif state == "wrap_up":
        run.answer("call")
        run.over("call")
    assert run.state("1001") == state
    run.now -= 3600
    run.take(s.TimerFired("floor:agent:1001"))  # after as long as it was set for
    assert run.state("1001") != state


def test_a_clock_that_is_set_back_makes_no_wait_shorter_than_nothing(run: FloorRun) -> None:
    run.ask("1001", "not_ready", "lunch")
    run.arrive("call")
    run.now -= 3600
    run.take(s.WorkWithdrawn("call", "abandoned"))
    assert [(fact.reason, fact.wait_s) for fact in run.of(f.WorkLeft)] == [("abandoned", 0.0)]


def test_an_interaction_that_is_not_waiting_leaves_the_floor_and_frees_the_agent(run: FloorRun) -> None:
    run.arrive("call")
    run.miss("call", "withdrawn")
    assert run.state("1001") == "ready" and run.left() == [("call", "not_waiting")]
    assert run.to("call")[-1] == s.QueueGaveUp("not_waiting")
    assert run.rung("call") == ["1001"]


def test_work_that_comes_again_replaces_what_is_there(run: FloorRun) -> None:
    run.arrive("call")
    first = run.offer("call")
    run.arrive("call", priority=3)
    assert s.OfferWithdrawn(first, "withdrawn") in run.to("call")
    assert run.left() == [("call", "requeued")]
    assert run.rung("call") == ["1001", "1001"]
    run.answer("call")
    run.arrive("call")
    assert len(run.of(f.WorkCompleted)) == 1 and run.state("1001") == "wrap_up"
    assert run.floor.tables.items["call"].waiting


def test_the_end_of_a_talk_whose_answer_was_never_told(run: FloorRun) -> None:
    run.arrive("call")
    run.over("call")
    assert run.state("1001") == "wrap_up" and not run.floor.tables.items


def test_no_wrap_up_where_there_is_none() -> None:
    run = FloorRun(QueueRule("support", wrap_up_s=0), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.answer("call")
    run.over("call")
    assert run.state("1001") == "ready" and not run.of(f.WrapUpEnded)


def test_ids_of_offers_are_the_same_again_in_a_replay(run: FloorRun) -> None:
    again = FloorRun(QueueRule("support"), agents({}, {}))
    again.log_in("1001")
    for each in (run, again):
        each.arrive("call")
        each.miss("call")
        each.wait(10)
    ids = [[fact.offer for fact in each.of(f.WorkOffered)] for each in (run, again)]
    assert ids[0] == ids[1] and len(set(ids[0])) == 2

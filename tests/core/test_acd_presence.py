"""Agents' states: who asks what, when it holds, and what is refused."""

from __future__ import annotations

import pytest
from acd_run import FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.work import QueueRule


@pytest.fixture
def run() -> FloorRun:
    return FloorRun(QueueRule("support", join_when_empty=True, leave_when_empty=False), agents({}, {}))


def talking(run: FloorRun) -> FloorRun:
    run.log_in("1001")
    run.arrive("call")
    run.answer("call")
    return run


def held(run: FloorRun) -> FloorRun:
    talking(run)
    run.wait(5)
    run.take(s.ConversationHeld(run.offer("call")))
    return run


def test_on_hold_is_a_part_of_the_talk(run: FloorRun) -> None:
    held(run)
    assert (run.state("1001"), run.at("1001")) == ("held", "call")
    assert run.take(s.ConversationHeld(run.offer("call"))).facts == []
    run.wait(20)
    run.take(s.ConversationResumed(run.offer("call")))
    assert run.state("1001") == "talking"
    assert run.take(s.ConversationResumed(run.offer("call"))).facts == []
    run.wait(4)
    run.take(s.ConversationHeld(run.offer("call")))
    run.restart()
    run.wait(1)
    run.over("call")
    (done,) = run.of(f.WorkCompleted)
    assert (done.talk_s, done.hold_s, run.state("1001")) == (9.0, 21.0, "wrap_up")
    assert run.floor.tables.agents["1001"].talk_s == 30.0, "least-talk: who has customers, has them on hold too"


def test_the_next_talk_has_a_hold_of_its_own(run: FloorRun) -> None:
    held(run)
    run.wait(7)
    run.over("call")
    run.wait(10)
    run.arrive("next")
    run.serve("next", talk_s=3)
    assert [(done.talk_s, done.hold_s) for done in run.of(f.WorkCompleted)] == [(5.0, 7.0), (3.0, 0.0)]


@pytest.mark.parametrize("signal", [s.ConversationHeld, s.ConversationResumed])
def test_a_hold_of_no_talk_is_nothing(run: FloorRun, signal: type) -> None:
    run.log_in("1001")
    run.arrive("call")
    assert run.take(signal(run.offer("call"))).facts == []  # it only rings
    assert run.take(signal("gone")).facts == []


def test_what_is_asked_on_hold_is_for_after_the_call(run: FloorRun) -> None:
    held(run)
    assert run.ask("1001", "not_ready", "lunch").reason == "after_call"
    assert run.ask("1001", "logged_in", contact="elsewhere").reason == "busy_now"
    run.take(s.ContactLost("phone-1001"))
    assert run.state("1001") == "held"
    run.over("call")
    assert run.state("1001") == "logged_out"


def test_logged_in_is_ready(run: FloorRun) -> None:
    answer = run.ask("1001", "logged_in", contact="1001")
    assert (answer.ok, answer.state, run.state("1001")) == (True, "ready", "ready")
    assert run.of(f.PresenceChanged) == [f.PresenceChanged("1001", "ready", contact="1001")]


def test_what_is_asked_twice_is_one_fact(run: FloorRun) -> None:
    run.log_in("1001", "1001")
    run.ask("1001", "ready")
    run.ask("1001", "not_ready", "lunch")
    run.ask("1001", "not_ready", "lunch")
    assert [fact.state for fact in run.of(f.PresenceChanged)] == ["ready", "not_ready"]


def test_by_the_phone_alone(run: FloorRun) -> None:
    run.log_in("1001")
    assert run.ask("", "not_ready", "lunch", contact="phone-1001").ok
    assert run.state("1001") == "not_ready"
    assert run.ask("", "ready", contact="phone-9").reason == "not_logged_in"


@pytest.mark.parametrize(
    ("agent", "state", "contact", "refusal"),
    [
        ("9999", "logged_in", "p", "unknown_agent"),
        ("1002", "ready", "", "not_logged_in"),
        ("1002", "not_ready", "", "not_logged_in"),
        ("1002", "wrap_up_done", "", "not_logged_in"),
        ("1001", "wrap_up_done", "", "not_in_wrap_up"),
        ("1001", "asleep", "", "unknown_state"),
        ("1001", "logged_in", "", "no_contact"),
        ("1001", "logged_in", "elsewhere", "busy_now"),
        ("1002", "logged_in", "phone-1001", "busy_now"),
    ],
)
def test_refusals_have_stable_ids(run: FloorRun, agent: str, state: str, contact: str, refusal: str) -> None:
    talking(run)
    before = acd.to_plain(run.floor)
    answer = run.ask(agent, state, contact=contact)
    assert (answer.ok, answer.reason) == (False, refusal)
    assert acd.to_plain(run.floor) == before
    refused = acd.refusal(run.floor, s.PresenceAsked(agent, state, contact=contact))
    assert refused and refused.id == refusal and refused.message


def test_a_refusal_is_a_fact_only_for_who_has_no_other_way_to_hear_of_it(run: FloorRun) -> None:
    run.ask("1001", "ready")
    assert not run.of(f.PresenceRefused)
    run.take(s.PresenceAsked("1001", "ready", by="supervisor"))
    assert run.of(f.PresenceRefused) == [f.PresenceRefused("1001", "ready", "not_logged_in")]


def test_not_ready_during_a_call_holds_after_wrap_up(run: FloorRun) -> None:
    talking(run)
    answer = run.ask("1001", "not_ready", "lunch")
    assert (answer.ok, answer.state, answer.reason) == (True, "not_ready", "after_call")
    assert run.state("1001") == "talking"
    run.over("call")
    assert run.state("1001") == "wrap_up"
    run.wait(10)
    agent = run.floor.tables.agents["1001"]
    assert (agent.state, agent.reason) == ("not_ready", "lunch")


def test_the_last_word_during_a_call_counts(run: FloorRun) -> None:
    talking(run)
    run.ask("1001", "not_ready", "lunch")
    run.ask("1001", "ready")
    run.over("call")
    run.wait(10)
    assert run.state("1001") == "ready"


def test_log_out_during_a_call_holds_at_its_end(run: FloorRun) -> None:
    talking(run)
    assert run.ask("1001", "logged_out").reason == "after_call"
    run.over("call")
    assert run.state("1001") == "logged_out"


def test_ready_once_is_one_call(run: FloorRun) -> None:
    run.log_in("1001")
    run.ask("1001", "ready_once")
    run.arrive("call")
    run.take(s.WorkWithdrawn("call", "abandoned"))
    assert run.state("1001") == "ready_once", "an offer that nobody took is no call"
    run.arrive("next")
    run.serve("next")
    agent = run.floor.tables.agents["1001"]
    assert (agent.state, agent.reason) == ("not_ready", "ready_once")


def test_wrap_up_ends_by_its_deadline_or_by_the_agent(run: FloorRun) -> None:
    talking(run)
    run.over("call")
    run.wait(9.9)
    assert run.state("1001") == "wrap_up"
    run.wait(0.2)
    assert run.state("1001") == "ready"
    run.arrive("next")
    run.answer("next")
    run.over("next")
    run.wait(3)
    run.ask("1001", "wrap_up_done")
    assert run.state("1001") == "ready"
    assert [(fact.wrap_up_s, fact.how) for fact in run.of(f.WrapUpEnded)] == [(10, "deadline"), (3, "agent")]


@pytest.mark.parametrize("state", ["ready", "not_ready", "logged_out"])
def test_any_wish_ends_a_wrap_up(run: FloorRun, state: str) -> None:
    talking(run)
    run.over("call")
    run.ask("1001", state)
    assert run.state("1001") == state
    assert len(run.of(f.WrapUpEnded)) == 1 and "floor:agent:1001" not in run.timers


@pytest.mark.parametrize("state", ["not_ready", "logged_out"])
def test_who_goes_while_the_phone_rings_gives_the_call_back(run: FloorRun, state: str) -> None:
    run.log_in("1001", "1002")
    run.arrive("call")
    offer = run.offer("call")
    run.ask("1001", state)
    assert run.state("1001") == state
    assert s.OfferWithdrawn(offer, state) in run.to("call")
    assert run.rung("call") == ["1001", "1002"]
    told = [type(signal).__name__ for signal in run.to("call")]
    assert told == ["AgentOffered", "OfferWithdrawn", "AgentOffered"]


def test_ready_while_the_phone_rings_changes_nothing_now(run: FloorRun) -> None:
    run.log_in("1001")
    run.ask("1001", "ready_once")
    run.arrive("call")
    assert run.ask("1001", "ready").reason == "after_call"
    assert run.state("1001") == "offered" and run.rung("call") == ["1001"]
    run.serve("call")
    assert run.state("1001") == "ready"


def test_a_second_log_in_at_a_phone_logs_the_first_out(run: FloorRun) -> None:
    run.log_in("1001")
    run.arrive("call")
    offer = run.offer("call")
    assert run.ask("1002", "logged_in", contact="phone-1001").ok
    assert run.of(f.PresenceChanged)[-3].reason == "contact_taken"
    assert (run.state("1001"), run.state("1002")) == ("logged_out", "offered")
    assert s.OfferWithdrawn(offer, "logged_out") in run.to("call")


def test_logging_in_elsewhere_moves_the_phone(run: FloorRun) -> None:
    run.log_in("1001")
    run.ask("1001", "not_ready", "lunch")
    assert run.ask("1001", "logged_in", contact="desk-7").ok
    agent = run.floor.tables.agents["1001"]
    assert (agent.state, agent.reason, agent.contact) == ("not_ready", "lunch", "desk-7")
    assert run.ask("1002", "logged_in", contact="phone-1001").ok and run.state("1001") == "not_ready"


def test_a_lost_phone_logs_its_agent_out(run: FloorRun) -> None:
    run.log_in("1001", "1002")
    run.arrive("call")
    run.take(s.ContactLost("phone-1001"))
    run.take(s.ContactLost("phone-of-nobody"))
    assert run.state("1001") == "logged_out" and run.rung("call") == ["1001", "1002"]
    run.answer("call")
    run.take(s.ContactLost("phone-1002"))
    assert run.state("1002") == "talking", "the talk may well go on"
    run.over("call")
    assert run.state("1002") == "logged_out"


def test_logging_in_again_during_the_talk_takes_a_lost_phone_back(run: FloorRun) -> None:
    talking(run)
    run.take(s.ContactLost("phone-1001"))
    run.log_in("1001")
    run.over("call")
    run.wait(10)
    assert run.state("1001") == "ready"

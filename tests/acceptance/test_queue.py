"""Waiting, offers and what goes wrong with them: nobody stuck, nothing lost (R12-R17, R33)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import audio
import pytest
from centre import Centre, until
from talks import (
    CALLER_HZ,
    agent_at_work,
    agent_on_break,
    assert_talk,
    caller_in_queue,
    dial_code,
    facts,
    hear,
    pin_of,
    take,
    wait_state,
    waiting,
)  # fmt: skip

from switch_app.phones.phone import PhoneError


def free_again(centre: Centre, *agents: str) -> None:
    """After wrap-up each is ready: nobody stuck."""
    for agent in agents:
        wait_state(centre, agent, "ready", timeout_s=10)


def test_abandoned_in_the_queue(centre: Centre) -> None:
    agent_on_break(centre, "1001")
    caller = caller_in_queue(centre, "13800000011")
    caller.hangup()
    history = centre.closed("13800000011")
    assert (history["outcome"], history["queue"], history["agent"]) == ("abandoned", "sales", None)
    assert history["wait_s"] > 0 and history["talk_s"] == 0 and history["recording"] is None
    assert waiting(centre) == []


def test_first_come_first_served(centre: Centre) -> None:
    agent = agent_on_break(centre, "1001")
    numbers = ["13800000021", "13800000022", "13800000023"]
    callers = {number: caller_in_queue(centre, number) for number in numbers}
    assert waiting(centre, "sales") == numbers
    centre.presence("1001", "ready")
    for number in numbers:
        assert number in take(agent)
        wait_state(centre, "1001", "talking")
        agent.hangup()
        agent.wait_for("disconnected")
        callers[number].wait_for("disconnected", 15)


def test_a_declined_offer_goes_to_the_next_agent_and_keeps_its_place(centre: Centre, tmp_path: Path) -> None:
    first, other = agent_at_work(centre, "1001"), agent_on_break(centre, "1005")
    first.behave(reject_with=486)
    caller = caller_in_queue(centre, "13800000031")
    first.wait_for("refused", 10)
    centre.presence("1001", "not_ready")
    second = caller_in_queue(centre, "13800000032")  # came later: must be served later
    centre.presence("1005", "ready")
    assert "13800000031" in take(other)
    assert_talk(caller, other, tmp_path)
    other.hangup()
    history = centre.closed("13800000031", 15)
    assert history["agent"] == "1005" and history["outcome"] == "answered"
    assert [missed["agent"] for missed in facts(history, "AgentMissed")] and len(facts(history, "QueueEntered")) == 1
    assert history["wait_s"] == pytest.approx(facts(history, "AgentConnected")[0]["wait_s"], abs=0.01)
    second.hangup()
    free_again(centre, "1005")


@pytest.mark.parametrize("code", [503, 480, 408, 500, 603])
def test_a_phone_that_refuses_is_there(centre: Centre, code: int) -> None:
    """Do not disturb is often a 503: a declined offer, after which the agent has a pause and is not logged out."""
    number = f"1380000{code}3"
    agent = agent_at_work(centre, "1001")
    agent.behave(reject_with=code)
    caller = caller_in_queue(centre, number)
    agent.wait_for("refused", 10)
    wait_state(centre, "1001", "missed", "offered", "not_ready")
    agent.behave()
    caller.hangup()
    history = centre.closed(number)
    assert {missed["reason"] for missed in facts(history, "AgentMissed")} <= {"rejected", "no_answer", "withdrawn"}
    assert history["outcome"] == "abandoned"
    assert centre.agent_state("1001")["state"] != "logged_out"


def test_no_answer_times_out(centre: Centre) -> None:
    """ring_s is 3 here; the phone rings and nobody takes it."""
    silent, other = agent_at_work(centre, "1001"), agent_on_break(centre, "1005")
    caller = caller_in_queue(centre, "13800000041")
    silent.wait_for("incoming", 10)
    silent.wait_for("disconnected", 6)
    wait_state(centre, "1001", "missed", "not_ready")
    assert waiting(centre) == ["13800000041"]
    centre.presence("1001", "not_ready")
    centre.presence("1005", "ready")
    assert "13800000041" in take(other)
    wait_state(centre, "1005", "talking")
    other.hangup()
    caller.wait_for("disconnected", 15)
    assert [m["reason"] for m in facts(centre.closed("13800000041", 15), "AgentMissed")][0] == "no_answer"
    free_again(centre, "1005")


def test_an_unplugged_phone(centre: Centre) -> None:
    agent_at_work(centre, "1001", alone=True).unplug()
    other = agent_at_work(centre, "1005")
    caller = caller_in_queue(centre, "13800000051")
    assert "13800000051" in take(other, 20)
    wait_state(centre, "1005", "talking")
    other.hangup()
    caller.wait_for("disconnected", 15)
    history = centre.closed("13800000051")
    assert history["agent"] == "1005"
    assert facts(history, "AgentMissed")[0]["agent"] == "1001"


def test_unplugged_in_the_middle_of_a_talk(centre: Centre) -> None:
    """The caller is not left alone for ever with a dead phone, and hangs up; nobody is stuck."""
    agent = agent_at_work(centre, "1001", alone=True)
    caller = caller_in_queue(centre, "13800000061")
    take(agent)
    wait_state(centre, "1001", "talking")
    agent.unplug()
    caller.hangup()
    assert centre.closed("13800000061", 20)["outcome"] == "answered"
    until(lambda: centre.agent_state("1001")["state"] not in ("talking", "offered", "wrap_up"), 20, "1001 free")


def test_the_caller_leaves_while_the_phone_rings(centre: Centre) -> None:
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000071")
    agent.wait_for("incoming", 10)
    caller.hangup()
    assert agent.wait_for("disconnected")["code"] == 487
    assert centre.closed("13800000071")["outcome"] == "abandoned"
    free_again(centre, "1001")


@pytest.mark.parametrize("head_start", ["caller", "agent"])
def test_answered_as_the_caller_leaves(centre: Centre, head_start: str) -> None:
    """The two cross on their way: the agent is not left alone in a call."""
    number = f"1380000008{len(head_start)}"
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, number)
    agent.wait_for("incoming", 10)
    for deed in (caller.hangup, agent.answer) if head_start == "caller" else (agent.answer, caller.hangup):
        with suppress(PhoneError):  # the agent's phone may have heard of the end already
            deed()
    agent.wait_for("disconnected", 5)
    assert centre.closed(number)["outcome"] in ("abandoned", "answered")
    free_again(centre, "1001")


def test_an_agent_who_answers_and_says_nothing(centre: Centre, tmp_path: Path) -> None:
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000091")
    agent.hush()
    take(agent)
    until(lambda: audio.is_silent(hear(caller, tmp_path / "moment.wav", 0.3)), 5, "silence, no music, for the caller")
    assert audio.tone_share(hear(agent, tmp_path / "agent.wav"), CALLER_HZ) > 0.9
    caller.hangup()
    history = centre.closed("13800000091")
    assert history["outcome"] == "answered" and history["talk_s"] > 0.5
    left, right = audio.read(centre.var / history["recording"]).channels
    assert audio.is_silent(right) and not audio.is_silent(left)
    free_again(centre, "1001")


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_either_may_hang_up(centre: Centre, who: str) -> None:
    number = f"138000001{len(who)}1"
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, number)
    take(agent)
    wait_state(centre, "1001", "talking")
    (caller if who == "caller" else agent).hangup()
    agent.wait_for("disconnected")
    caller.wait_for("disconnected", 15)
    history = centre.closed(number)
    assert facts(history, "ConversationEnded")[0]["by"] == who
    free_again(centre, "1001")


def test_two_agents_on_one_phone(centre: Centre) -> None:
    """The second log-in on a phone takes it over or is refused; calls for both never ring together."""
    phone = agent_at_work(centre, "1001")
    dial_code(phone, "*11", pin_of(centre, "1005"))
    at_phone = [each["agent"] for each in centre.floor()["agents"] if each["contact"] == "1001" and each["state"] != "logged_out"]
    assert len(at_phone) == 1, at_phone


def test_logging_in_with_a_wrong_pin(centre: Centre) -> None:
    phone = centre.agent("1001")
    phone.call("*11")
    phone.wait_for("confirmed")
    phone.digits("1001#000000#")
    phone.wait_for("digits_sent", 10)
    phone.hangup()
    assert centre.agent_state("1001").get("state", "logged_out") == "logged_out"


def test_keypad_presence(centre: Centre) -> None:
    phone = agent_at_work(centre, "1001")
    dial_code(phone, "*13", "2")
    state = wait_state(centre, "1001", "not_ready")
    assert state["reason"] == "lunch"
    dial_code(phone, "*12")
    wait_state(centre, "1001", "ready")
    dial_code(phone, "*16")
    wait_state(centre, "1001", "ready_once")
    dial_code(phone, "*15")  # there is no wrap-up: said so, and nothing else
    assert centre.agent_state("1001")["state"] == "ready_once"
    dial_code(phone, "*14")
    wait_state(centre, "1001", "logged_out")

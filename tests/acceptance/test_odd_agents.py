"""Odd things that an agent's phone does, or a caller's, around a talk: each ends in a defined state, with the
contact closed, no leg left in the switch, and the agent free for the next call."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from centre import Centre, until
from eslline import EventSocket
from talks import agent_at_work, agent_on_break, caller_in_queue, dial_code, facts, take, wait_state

from switch_app.phones.phone import Phone, PhoneError

CALLER = "13800000201"


def in_talk(centre: Centre, **options: object) -> tuple[Phone, Phone]:
    """The caller's and the agent's phone."""
    agent = agent_at_work(centre, "1001", **options)
    caller = caller_in_queue(centre, CALLER)
    take(agent)
    wait_state(centre, "1001", "talking")
    return caller, agent


def hang_up(*phones: Phone) -> None:
    for phone in phones:
        if phone.in_call:
            with suppress(PhoneError):  # it may have ended meanwhile
                phone.hangup()


def contact_of(centre: Centre) -> dict:
    """The caller's newest contact."""
    return next(each for each in centre.interactions() if each["from"] == CALLER)


def all_over(centre: Centre, *phones: Phone, state: str = "ready", timeout_s: float = 15.0) -> dict:
    """Everybody hangs up: the contact is closed, the agent is in this state, and the switch is empty."""
    hang_up(*phones)
    until(lambda: contact_of(centre)["closed_at"], timeout_s, lambda: f"closed: {contact_of(centre)}", 0.2)
    history = contact_of(centre)
    wait_state(centre, "1001", state, timeout_s=timeout_s)
    with EventSocket(centre) as line:
        until(lambda: not line.legs(), timeout_s, lambda: f"no leg: {line.api('show', 'channels')}", 0.1)
    assert centre.floor()["calls"] == [] and centre.floor()["waiting"] == []
    return history


def next_call(centre: Centre, agent: Phone) -> None:
    """The agent gets another call and takes it."""
    until(lambda: not agent.in_call, 5, "the agent's phone is idle")
    agent.skip()
    caller = caller_in_queue(centre, "13800000202")
    take(agent)
    wait_state(centre, "1001", "talking")
    caller.hangup()
    agent.wait_for("disconnected")
    wait_state(centre, "1001", "ready", timeout_s=10)


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.03, 0.05, 0.1, 0.25])
def test_answered_and_hung_up_at_once(centre: Centre, after_s: float) -> None:
    """Before the join, while it is under way, and just behind it; the caller waits on or goes on."""
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, CALLER)
    agent.wait_for("incoming", 10)
    agent.answer()
    time.sleep(after_s)
    hang_up(agent)
    wait_state(centre, "1001", "missed", "wrap_up", "ready", "offered", timeout_s=10)
    centre.presence("1001", "not_ready")
    hang_up(agent, caller)
    history = all_over(centre, agent, caller, state="not_ready")
    assert history["outcome"] in ("answered", "abandoned")
    centre.presence("1001", "ready")
    next_call(centre, agent)


def test_a_second_phone_takes_over(centre: Centre) -> None:
    """Registered with the same account: calls ring there alone."""
    first = agent_at_work(centre, "1001")
    second = centre.agent("1001", alone=True)
    caller = caller_in_queue(centre, CALLER)
    take(second)
    wait_state(centre, "1001", "talking")
    assert not first.in_call
    all_over(centre, second, caller)
    next_call(centre, second)


def test_unregistered_in_a_talk(centre: Centre) -> None:
    """The talk goes on to its end; then the agent is logged out, since nothing could ring."""
    caller, agent = in_talk(centre)
    agent.unregister()
    until(lambda: centre.agent_state("1001")["after_call"] == "logged_out", 5, "logged out after the call")
    assert centre.agent_state("1001")["state"] == "talking"
    history = all_over(centre, agent, caller, state="logged_out")
    assert history["outcome"] == "answered"


def test_rebooted_in_a_talk(centre: Centre) -> None:
    """The cable is pulled, and the phone registers anew from elsewhere: the next call rings there."""
    caller, agent = in_talk(centre, alone=True)
    agent.unplug()
    again = centre.agent("1001", alone=True)
    history = all_over(centre, caller)
    assert history["outcome"] == "answered"
    next_call(centre, again)


@pytest.mark.parametrize("method", ["rfc4733", "info"])
def test_keys_of_the_agent_in_a_talk(centre: Centre, method: str) -> None:
    """They are the talk's: no code, no menu."""
    caller, agent = in_talk(centre)
    agent.digits("*14#0123456789", method)
    agent.wait_for("digits_sent", 10)
    assert centre.agent_state("1001")["state"] == "talking"
    history = all_over(centre, agent, caller)
    assert facts(history, "DigitsCollected")[-1]["digits"] == "1", "the caller's, in the menu"
    next_call(centre, agent)


@pytest.mark.parametrize("side", ["agent", "caller"])
@pytest.mark.parametrize("target", ["1005", "4100", "nonsense", "*14"])
def test_a_blind_transfer(centre: Centre, side: str, target: str) -> None:
    """By REFER, from either side's phone, to a colleague, a number of ours, nowhere, a code. No contact is made of
    an agent's leg that a caller sends elsewhere."""
    caller, agent = in_talk(centre)
    contacts = len(centre.interactions())
    other = centre.agent("1005")
    other.behave(answer_after_s=0.1)
    (agent if side == "agent" else caller).transfer(target)
    time.sleep(1.5)
    if (side, target) == ("agent", "1005"):
        assert caller.in_call and other.in_call and not agent.in_call
    history = all_over(centre, agent, caller, other)
    assert history["outcome"] == "answered"
    assert len(centre.interactions()) == contacts
    next_call(centre, agent)


def busy_with(centre: Centre, target: str) -> tuple[Phone, Phone]:
    """An agent who is ready makes a call: 1001's phone, and a caller who comes meanwhile."""
    agent = agent_at_work(centre, "1001")
    agent.skip()
    agent.call(target)
    agent.wait_for(("confirmed", "ringing"), 5)
    return agent, caller_in_queue(centre, CALLER)


def test_a_ready_agent_dials_the_main_number(centre: Centre) -> None:
    """The own call is a contact like others; the phone is busy for the queue as long as it lasts."""
    agent, caller = busy_with(centre, "4100")
    agent.digits("1")  # into the agent's own queue
    time.sleep(2)
    hang_up(agent)
    wait_state(centre, "1001", "ready", "missed", "offered", "talking", "not_ready", timeout_s=10)
    centre.presence("1001", "ready")
    take(agent)
    all_over(centre, agent, caller)
    next_call(centre, agent)


def test_a_ready_agent_dials_a_colleague(centre: Centre) -> None:
    """Two agents talk; neither is taken for free, nor left behind."""
    other = agent_on_break(centre, "1005")
    other.behave(answer_after_s=0.1)
    agent, caller = busy_with(centre, "1005")
    other.wait_for("confirmed", 5)
    wait_state(centre, "1001", "missed", "not_ready", "ready", "offered", timeout_s=10)
    assert centre.agent_state("1005")["state"] == "not_ready"
    hang_up(agent)
    other.wait_for("disconnected")
    centre.presence("1001", "ready")
    take(agent)
    all_over(centre, agent, caller)
    next_call(centre, agent)


def test_codes_on_the_phone_right_after_a_talk(centre: Centre) -> None:
    """Wrap-up ended by the keypad, twice, and logged in once more."""
    caller, agent = in_talk(centre)
    hang_up(caller)
    agent.wait_for("disconnected")
    for code in ("*15", "*15", "*12"):
        dial_code(agent, code)
    all_over(centre, agent, caller)
    next_call(centre, agent)


def test_the_caller_holds_while_waiting(centre: Centre) -> None:
    """Nobody else is there to hear music; the wait goes on, and so does the talk that follows."""
    agent = agent_on_break(centre, "1001")
    caller = caller_in_queue(centre, CALLER)
    caller.hold()
    time.sleep(0.6)
    centre.presence("1001", "ready")
    take(agent)
    wait_state(centre, "1001", "talking")
    caller.resume()
    all_over(centre, agent, caller)
    next_call(centre, agent)



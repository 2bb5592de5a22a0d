"""R43: the call is controlled through the switch, from the desk and by a supervisor."""

from __future__ import annotations

from pathlib import Path

from centre import Centre
from talks import agent_at_work, assert_talk, caller_in_queue, facts, take, wait_state

from switch_app.runtime.control_client import ControlClient


def control(centre: Centre) -> ControlClient:
    return ControlClient(Path(centre.status()["control_socket"]))


def talk_of(centre: Centre, number: str) -> str:
    """The interaction of a caller."""
    return str(centre.interaction(number, lambda row: not row["closed_at"])["id"])


def test_an_agent_passes_the_customer_on_to_a_colleague(centre: Centre, tmp_path: Path) -> None:
    """The first phone is let go, the caller hears music, the second rings and talks; each talk is recorded."""
    first = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000611")
    take(first)
    wait_state(centre, "1001", "talking")
    assert_talk(caller, first, tmp_path)
    second = agent_at_work(centre, "1002")
    id = talk_of(centre, "13800000611")
    control(centre).ask("pass_on", interaction=id, agent="1001", queue="operator")
    first.wait_for("disconnected", 5)
    take(second)
    wait_state(centre, "1002", "talking")
    assert_talk(caller, second, tmp_path)
    second.hangup()
    caller.wait_for("disconnected", 15)
    history = centre.closed("13800000611")
    assert [each["queue"] for each in facts(history, "AgentConnected")] == ["sales", "operator"]
    assert [each["agent"] for each in facts(history, "CustomerPassedOn")] == ["1001"]
    assert len(facts(history, "ConversationEnded")) == 2 == len(facts(history, "RecordingKept"))
    assert (history["outcome"], history["agent"]) == ("answered", "1002")


def test_the_call_server_dies_while_a_customer_is_passed_on(centre: Centre, tmp_path: Path) -> None:
    first = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000612")
    take(first)
    wait_state(centre, "1001", "talking")
    second = agent_at_work(centre, "1002")
    control(centre).ask("pass_on", interaction=talk_of(centre, "13800000612"), agent="1001", queue="operator")
    killed = centre.kill("serve")
    second.behave(answer_after_s=0.1)  # if it rang before, it was hung up and rings again
    centre.wait_restarted("serve", killed)
    wait_state(centre, "1002", "talking", timeout_s=20)
    assert_talk(caller, second, tmp_path)
    caller.hangup()
    history = centre.closed("13800000612")
    assert (history["outcome"], history["agent"]) == ("answered", "1002")


def test_a_supervisor_ends_calls_wherever_they_are(centre: Centre) -> None:
    """In a queue: nobody has abandoned it. In a talk: both phones are let go, and the agent is free."""
    agent = agent_at_work(centre, "1001")
    talking = caller_in_queue(centre, "13800000613")
    take(agent)
    wait_state(centre, "1001", "talking")
    waiting = caller_in_queue(centre, "13800000614")
    before = {queue["name"]: queue["abandoned_today"] for queue in centre.floor()["queues"]}
    for number, phone in (("13800000614", waiting), ("13800000613", talking)):
        control(centre).ask("hangup", interaction=talk_of(centre, number), by="boss")
        phone.wait_for("disconnected", 5)
        assert [each["by"] for each in facts(centre.closed(number), "HangUpOrdered")] == ["boss"]
    agent.wait_for("disconnected", 5)
    assert {queue["name"]: queue["abandoned_today"] for queue in centre.floor()["queues"]} == before
    assert centre.closed("13800000613")["outcome"] == "answered"
    wait_state(centre, "1001", "ready", timeout_s=10)

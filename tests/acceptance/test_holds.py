"""The agent puts the caller on hold from the phone: everybody sees it, and it is counted apart."""

from __future__ import annotations

from pathlib import Path

import audio
from centre import Centre, until
from talks import AGENT_HZ, agent_at_work, assert_talk, caller_in_queue, facts, hear, take, wait_state

from switch_app.phones.phone import Phone


def hold(phone: Phone, on: bool = True) -> None:
    """Until the phone's own part of it is over: it makes no second re-INVITE before."""
    phone.skip()
    phone.hold() if on else phone.resume()
    assert phone.wait_for("audio")["state"] == ("held" if on else "active")


def put_on_hold(centre: Centre, agent: Phone) -> None:
    hold(agent)
    wait_state(centre, "1001", "held")


def hears_music(caller: Phone, folder: Path) -> None:
    """A sound that is not the agent's voice."""

    def music() -> bool:
        heard = hear(caller, folder / "hold.wav", 0.5)
        return not audio.is_silent(heard) and audio.tone_share(heard, AGENT_HZ) < 0.2

    until(music, 5, "music for the caller on hold")


def test_the_agent_holds_takes_back_and_holds_again(centre: Centre, tmp_path: Path) -> None:
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000111")
    take(agent)
    wait_state(centre, "1001", "talking")
    hold(caller)  # the caller's own phone is no hold of the agent's
    hold(caller, on=False)
    assert centre.agent_state("1001")["state"] == "talking"
    put_on_hold(centre, agent)
    hears_music(caller, tmp_path)
    live = centre.floor()
    assert [call["agent"] for call in live["calls"]] == ["1001"]
    assert next(queue for queue in live["queues"] if queue["name"] == "sales")["talking"] == 1
    agent.resume()
    wait_state(centre, "1001", "talking")
    assert_talk(caller, agent, tmp_path)
    put_on_hold(centre, agent)
    caller.hangup()
    agent.wait_for("disconnected")
    history = centre.closed("13800000111")
    (ended,) = facts(history, "ConversationEnded")
    assert len(facts(history, "CallHeld")) == 2 and facts(history, "CallResumed")
    assert history["outcome"] == "answered" and history["hold_s"] == ended["hold_s"] > 0.5
    assert history["talk_s"] == ended["talk_s"] > 0.5
    wait_state(centre, "1001", "ready", timeout_s=10)


def test_the_agent_hangs_up_on_hold(centre: Centre, tmp_path: Path) -> None:
    """The caller goes on in the flow, as after every talk."""
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000112")
    take(agent)
    wait_state(centre, "1001", "talking")
    put_on_hold(centre, agent)
    hears_music(caller, tmp_path)
    agent.hangup()
    caller.wait_for("disconnected", 15)  # at the end of the flow
    history = centre.closed("13800000112")
    (ended,) = facts(history, "ConversationEnded")
    assert ended["by"] == "agent" and history["hold_s"] > 0.5
    assert [resumed["why"] for resumed in facts(history, "InteractionResumed")] == ["after_talk"]
    wait_state(centre, "1001", "ready", timeout_s=10)


def test_holds_outlive_the_call_server(centre: Centre, tmp_path: Path) -> None:
    """kill -9 during a hold, which goes on; and one while which it ends: the switch is asked."""
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000113")
    take(agent)
    wait_state(centre, "1001", "talking")
    put_on_hold(centre, agent)
    centre.wait_restarted("serve", centre.kill("serve"))
    assert centre.agent_state("1001")["state"] == "held"
    hears_music(caller, tmp_path)
    killed = centre.kill("serve")
    agent.resume()
    centre.wait_restarted("serve", killed)
    wait_state(centre, "1001", "talking", timeout_s=15)
    assert_talk(caller, agent, tmp_path)
    agent.hangup()
    caller.wait_for("disconnected", 15)
    history = centre.closed("13800000113")
    assert len(facts(history, "CallHeld")) == len(facts(history, "CallResumed")) == 1
    assert history["hold_s"] > 1 and history["talk_s"] > 1
    wait_state(centre, "1001", "ready", timeout_s=10)

"""kill -9 of the call server at five moments, with 20 callers waiting and 5 talking (R305).

All come back in their old order, talks are unharmed, nobody is lost or counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from centre import Centre, until
from sample import QUICK_NUMBER
from talks import CALLER_HZ, KEYS, agent_on_break, assert_talk, facts, wait_state, waiting

from switch_app.phones.phone import Phone
from switch_app.runtime.control_client import ControlClient

TALKING, WAITING = 5, 20
AGENTS = tuple(str(1001 + n) for n in range(TALKING))
BACK_S = 20.0  # restart of the process, the interlude's 4 s, and the way back into the socket


@pytest.mark.slow
def test_killed_at_five_moments(fresh_centre: Callable[..., Centre], tmp_path: Path) -> None:
    centre = fresh_centre(quick=True)
    agents = {number: agent_on_break(centre, number) for number in AGENTS}
    callers = {number: centre.caller(number) for number in (f"1360000{n:04}" for n in range(TALKING + WAITING))}
    for phone in callers.values():
        phone.play_tone(CALLER_HZ)
        phone.call(QUICK_NUMBER)
        phone.wait_for("confirmed")

    kill(centre)  # moment 1: they hear the menu, or wait already because nobody presses
    until(lambda: resumed(centre) >= set(callers), BACK_S, lambda: f"all back; {len(resumed(centre))} are", 0.5)
    for phone in callers.values():
        phone.digits(KEYS["operator"])
    until(lambda: len(waiting(centre)) == len(callers), 20, lambda: f"all wait; {len(waiting(centre))} do", 0.2)
    talks: dict[str, str] = {}  # agent -> caller
    for number in agents:
        centre.presence(number, "ready")
        talks |= next_talk(centre, agents, number)
    until(lambda: len(waiting(centre)) == WAITING, 15, lambda: f"20 wait; {len(waiting(centre))} do", 0.2)
    order = waiting(centre)

    kill(centre)  # moment 2: 20 wait, 5 talk
    for agent, caller in list(talks.items())[:2]:
        assert_talk(callers[caller], agents[agent], tmp_path)  # while nobody is there
    in_order(centre, order)
    for agent, caller in talks.items():
        assert_talk(callers[caller], agents[agent], tmp_path)

    first = AGENTS[0]
    hang_up(centre, agents[first], first)
    wait_state(centre, first, "offered", timeout_s=10)
    agents[first].wait_until(lambda phone: phone.rings, 5, "it rings")
    kill(centre)  # moment 3: a phone rings
    talks |= next_talk(centre, agents, first, talks[first])
    assert talks[first] == order[0]
    assert_talk(callers[order[0]], agents[first], tmp_path)
    order = order[1:]
    in_order(centre, order)

    second = AGENTS[1]
    hang_up(centre, agents[second], second)
    agents[second].wait_until(lambda phone: phone.rings, 15, "it rings")
    agents[second].answer()
    kill(centre)  # moment 4: the pair is being joined
    talks |= next_talk(centre, agents, second, talks[second])
    assert talks[second] == order[0]
    assert_talk(callers[order[0]], agents[second], tmp_path)
    order = order[1:]
    in_order(centre, order)

    third = AGENTS[2]
    parted = callers[talks[third]]
    agents[third].hangup()
    kill(centre)  # moment 5: a talk has just ended, its caller is on the way back
    parted.wait_for("disconnected", BACK_S + 10)  # the flow says good-bye
    talks |= next_talk(centre, agents, third, talks[third])
    assert talks[third] == order[0]
    in_order(centre, order[1:])

    history = [each for each in newest(centre) if each["from"] in callers]
    assert sorted(each["from"] for each in history) == sorted(callers), "each exactly once"
    assert all(len(facts(each, "QueueEntered")) == 1 for each in history)


def kill(centre: Centre) -> None:
    """kill -9, and until the next one is ready."""
    centre.wait_restarted("serve", centre.kill("serve"), 15)


def resumed(centre: Centre) -> set[str]:
    return {each["from"] for each in newest(centre) if facts(each, "InteractionResumed")}


def newest(centre: Centre) -> list[dict[str, Any]]:
    return centre.ask("interactions", "--limit", "100")  # type: ignore[no-any-return]


def in_order(centre: Centre, order: list[str]) -> None:
    """The same people wait in the same order, and all are back in the socket."""
    until(lambda: waiting(centre) == order, 5, lambda: f"the old order {order}; it is {waiting(centre)}")
    until(lambda: in_socket(centre) >= len(order), BACK_S, lambda: f"all back; {in_socket(centre)} are", 0.3)
    assert waiting(centre) == order


def in_socket(centre: Centre) -> int:
    return int(ControlClient(centre.var / "run" / "control.sock", 10).ask("status")["in_socket"])


def next_talk(centre: Centre, agents: dict[str, Phone], number: str, old: str = "") -> dict[str, str]:
    """The phone answers; until its agent talks with another one than before; agent -> caller."""
    agents[number].behave(answer_after_s=0.1)
    if agents[number].rings:
        agents[number].answer()
    found = ""

    def talks() -> bool:
        nonlocal found
        state = centre.agent_state(number)
        found = caller_of(centre, state["interaction"]) if state["state"] == "talking" else ""
        return found not in ("", old)

    until(talks, 2 * BACK_S, lambda: f"{number} talks with another; is {centre.agent_state(number)}", 0.1)
    agents[number].behave()
    return {number: found}


def caller_of(centre: Centre, interaction: str) -> str:
    calls = centre.floor()["calls"]
    return str(next((each["ani"] for each in calls if each["interaction"] == interaction), ""))


def hang_up(centre: Centre, phone: Phone, number: str) -> None:
    phone.hangup()
    phone.wait_for("disconnected")
    wait_state(centre, number, "wrap_up", "ready", "offered")

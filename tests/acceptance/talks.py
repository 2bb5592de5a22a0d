"""The moves that scenarios are made of: agents at work, callers in a queue, two people who hear each other."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import audio
import sample
from centre import Centre, until

from switch_app.phones.phone import Phone

CALLER_HZ, AGENT_HZ = 440, 600
KEYS = {"sales": "1", "support": "2", "billing": "3", "operator": "0"}  # of flows/quick.yml


def agent_at_work(centre: Centre, number: str, **options: Any) -> Phone:
    """A registered phone at which the agent has logged in by *11, which makes ready."""
    phone = centre.agent(number, **options)
    phone.play_tone(AGENT_HZ)
    dial_code(phone, "*11", pin_of(centre, number))
    wait_state(centre, number, "ready")
    return phone


def agent_on_break(centre: Centre, number: str, **options: Any) -> Phone:
    """Logged in and not ready: callers wait, because the queues are not empty."""
    phone = agent_at_work(centre, number, **options)
    centre.presence(number, "not_ready", "break")
    wait_state(centre, number, "not_ready")
    return phone


def go_ready(phone: Phone) -> None:
    """By *12; a call that waits may come at once."""
    dial_code(phone, "*12")


def pin_of(centre: Centre, number: str) -> str:
    """What an agent presses to log in."""
    return f"{number}#{centre.secrets()['agents'][number]['pin']}#"


def dial_code(phone: Phone, code: str, digits: str = "") -> None:
    """Dial a keypad code from an agent's phone, to the end of what it says."""
    phone.skip()
    phone.call(code)
    phone.wait_for("confirmed")
    if digits:
        phone.digits(digits)
    phone.wait_for("disconnected", 30)


def wait_state(centre: Centre, agent: str, *states: str, timeout_s: float = 5.0) -> dict[str, Any]:
    """Until the floor shows the agent in one of the states."""
    last: dict[str, Any] = {}

    def there() -> bool:
        nonlocal last
        last = centre.agent_state(agent)
        return last.get("state") in states

    until(there, timeout_s, lambda: f"agent {agent} {' or '.join(states)}; is {last}")
    return last


def caller_in_queue(centre: Centre, number: str, queue: str = "sales", **options: Any) -> Phone:
    """A caller who has come through the quick menu and waits."""
    caller = centre.caller(number, **options)
    caller.play_tone(CALLER_HZ)
    into_queue(centre, caller, number, queue)
    return caller


def into_queue(centre: Centre, caller: Phone, number: str, queue: str = "sales") -> None:
    caller.skip()
    caller.call(sample.QUICK_NUMBER)
    caller.wait_for("confirmed")
    caller.digits(KEYS[queue])
    wait_queued(centre, number, queue)


def wait_queued(centre: Centre, number: str, queue: str, timeout_s: float = 5.0) -> None:
    """Until the caller waits in the queue, or was there and is being served."""

    def there() -> bool:
        facts = next((each["facts"] for each in centre.interactions() if each["from"] == number), [])
        return any(fact["kind"] == "QueueEntered" and fact["data"]["queue"] == queue for fact in facts)

    until(there, timeout_s, f"{number} in the queue {queue}", 0.3)


def waiting(centre: Centre, queue: str = "") -> list[str]:
    """The numbers of those who wait, in their order."""
    return [each["ani"] for each in centre.floor()["waiting"] if queue in ("", each["queue"])]


def take(agent: Phone, timeout_s: float = 10.0) -> str:
    """The agent answers the ringing phone; returns what it showed as From."""
    event = agent.wait_for("incoming", timeout_s)
    agent.answer()
    agent.wait_for("confirmed")
    return str(event["from"])


def next_ringing(agents: list[Phone], timeout_s: float = 15.0) -> Phone:
    """Whichever phone rings first answers."""
    until(lambda: any(agent.rings for agent in agents), timeout_s, "a phone rings")
    phone = next(agent for agent in agents if agent.rings)
    phone.skip()
    phone.answer()
    phone.wait_for("confirmed")
    return phone


def hear(phone: Phone, path: Path, seconds: float = 1.0) -> audio.Samples:
    phone.listen(path, seconds)
    return audio.read(path).mono


def assert_talk(caller: Phone, agent: Phone, folder: Path, timeout_s: float = 8.0) -> None:
    """Each hears the other one's tone, without a hole, and nothing else, for a second.

    A loaded machine may cost the phones some frames: hence not 100 %, and more than one try.
    """
    for phone, hz in ((caller, AGENT_HZ), (agent, CALLER_HZ)):
        deadline = time.monotonic() + timeout_s
        while trouble := _not_only(hz, hear(phone, folder / f"{phone.line}.wav")):
            assert time.monotonic() < deadline, f"{phone.line} hears {trouble}"


def _not_only(hz: int, heard: audio.Samples) -> str:
    """What is wrong with a recording that should hold one tone; "" when nothing is."""
    share, loudest, sounding_s = audio.tone_share(heard, hz), audio.loudest_tone(heard), audio.sounding_s(heard)
    if loudest == hz and share > 0.75 and sounding_s > 0.9:
        return ""
    return f"{loudest} Hz; {hz} Hz is {share:.0%} of it; sound for {sounding_s:.2f} s"


def facts(interaction: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The data of its facts of a kind, in order."""
    return [fact["data"] for fact in interaction["facts"] if fact["kind"] == kind]

"""kill -9 of the call server at any moment: no caller is lost, no place, no talk (R305)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import audio
import pytest
import sample
from centre import Centre, until
from eslline import EventSocket
from rawsip import RawCaller
from talks import (
    KEYS,
    agent_at_work,
    agent_on_break,
    assert_talk,
    caller_in_queue,
    facts,
    hear,
    into_queue,
    next_ringing,
    take,
    wait_queued,
    wait_state,
    waiting,
)  # fmt: skip

from switch_app.phones.phone import Phone

WAITING = 5
FIRST_DIGIT_S = 5.0  # of a menu, unless told


@pytest.fixture
def centre(centre: Centre) -> Iterator[Centre]:
    """The switch complains of the missing call server, as it should."""
    yield centre
    centre.forgive(r"Socket Error|the switch has started anew")


def kill_call_server(centre: Centre) -> None:
    centre.wait_restarted("serve", centre.kill("serve"))


def hears_sound(phone: Phone, folder: Path) -> None:
    until(lambda: audio.sounding_s(hear(phone, folder / "sound.wav", 1)) > 0.5, 15, f"{phone.line} hears something")


def test_callers_who_wait_keep_their_places_and_talks_go_on(centre: Centre, tmp_path: Path) -> None:
    agents = {number: agent_at_work(centre, number) for number in ("1001", "1005")}
    talks = []
    for n in range(len(agents)):
        caller = caller_in_queue(centre, f"1380000040{n}")
        talks.append((caller, next_ringing(list(agents.values()))))
    numbers = [f"1380000041{n}" for n in range(WAITING)]
    waiters = {number: caller_in_queue(centre, number) for number in numbers}
    assert waiting(centre, "sales") == numbers

    old = centre.kill("serve")
    for caller, agent in talks:
        assert_talk(caller, agent, tmp_path)  # while nobody is in control
    centre.wait_restarted("serve", old)
    until(lambda: waiting(centre, "sales") == numbers, 15, lambda: f"all in their order; {waiting(centre)}", 0.1)
    for phone in waiters.values():
        hears_sound(phone, tmp_path)
    for caller, agent in talks:
        assert_talk(caller, agent, tmp_path)

    for _, agent in talks:
        agent.hangup()
        agent.wait_for("disconnected")
    for _ in numbers:
        agent = next_ringing(list(agents.values()))
        served = next(number for number in numbers if number in agent.seen("incoming")[-1]["from"])
        wait_state(centre, agent.line, "talking")
        waiters[served].hangup()
        agent.wait_for("disconnected")
    histories = [centre.closed(number, 15) for number in numbers]
    for history in histories:
        assert history["outcome"] == "answered" and facts(history, "InteractionResumed")
        assert len(facts(history, "QueueEntered")) == 1 and len(facts(history, "AgentConnected")) == 1
    rung_at = [next(fact["at"] for fact in history["facts"] if fact["kind"] == "AgentRung") for history in histories]
    assert rung_at == sorted(rung_at)
    for n in range(len(talks)):
        assert facts(centre.closed(f"1380000040{n}"), "ConversationEnded")[0]["talk_s"] > 5


def test_in_a_prompt(centre: Centre, tmp_path: Path) -> None:
    agent_on_break(centre, "1001")
    caller = centre.caller("13800000421")
    caller.call("4100")
    caller.wait_for("confirmed")
    kill_call_server(centre)
    centre.interaction("13800000421", lambda it: facts(it, "InteractionResumed"), 15)
    hears_sound(caller, tmp_path)  # the menu again
    caller.digits("1")
    wait_queued(centre, "13800000421", "sales", 10)
    caller.hangup()
    assert centre.closed("13800000421")["outcome"] == "abandoned"


def test_while_a_phone_rings(centre: Centre, tmp_path: Path) -> None:
    """Answered while nobody is in control, or offered again: in the end they talk, once."""
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000431")
    agent.wait_for("incoming")
    old = centre.kill("serve")
    agent.answer()
    centre.wait_restarted("serve", old)
    agent.behave(answer_after_s=0.1)  # if it was hung up and rings again
    wait_state(centre, "1001", "talking", timeout_s=20)
    assert_talk(caller, agent, tmp_path)
    caller.hangup()
    history = centre.closed("13800000431", 15)
    assert history["outcome"] == "answered" and history["agent"] == "1001"
    wait_state(centre, "1001", "ready", timeout_s=10)


def test_hung_up_while_nobody_was_in_control(centre: Centre) -> None:
    """Who leaves in that time is found gone: the waiting, the talking, and the agent."""
    agent = agent_at_work(centre, "1001")
    talker = caller_in_queue(centre, "13800000441")
    take(agent)
    wait_state(centre, "1001", "talking")
    waiter = caller_in_queue(centre, "13800000442")
    old = centre.kill("serve")
    for phone in (talker, waiter):
        phone.hangup()
    centre.wait_restarted("serve", old)
    assert centre.closed("13800000441", 20)["outcome"] == "answered"
    assert centre.closed("13800000442", 20)["outcome"] == "abandoned"
    wait_state(centre, "1001", "ready", timeout_s=15)


def test_a_caller_who_came_and_went_while_nobody_was_in_control(centre: Centre) -> None:
    """Nobody served them, and the record says so, with the moments as they were."""
    called_at = time.time()
    old = centre.kill("serve")
    passer_by = centre.caller("13800000445")
    passer_by.call("4000")
    passer_by.wait_for("confirmed")  # by the music of the recover extension
    passer_by.hangup()
    centre.wait_restarted("serve", old)
    record = centre.closed("13800000445", 15)
    assert (record["outcome"], record["to"], record["flow"]) == ("failed", "4000", "main")
    assert [each["kind"] for each in record["facts"]] == ["InteractionOpened", "CallMissed", "InteractionClosed"]
    opened_at, closed_at = (datetime.fromisoformat(record[name]).timestamp() for name in ("opened_at", "closed_at"))
    assert called_at - 1 < opened_at <= closed_at < called_at + 5


def test_callers_who_gave_up_while_the_call_server_stood_still(centre: Centre) -> None:
    """A machine that is paused for a moment costs no record, whatever the switch keeps of their connections."""
    numbers = [f"1380000045{place}" for place in range(5, 8)]
    with EventSocket(centre) as line, centre.paused("serve"):
        callers = [centre.caller(number) for number in numbers]
        for caller in callers:
            caller.call("4000")
        until(lambda: line.legs() == 3, 5, "the switch has them")
        for caller in callers:
            caller.hangup()
        for caller in callers:
            caller.wait_for("disconnected")
        until(lambda: line.legs() == 0, 10, "the switch has forgotten them")
    for number in numbers:
        record = centre.closed(number, 20)
        assert record["outcome"] in ("failed", "abandoned") and record["to"] == "4000"


def test_keys_pressed_while_the_call_server_stood_still(centre: Centre, tmp_path: Path) -> None:
    """They count as pressed in time, and whoever pressed first is queued first; so does who came first."""
    agent_on_break(centre, "1001")
    in_menu = {f"1380000046{place}": centre.caller(f"1380000046{place}") for place in range(3)}
    for caller in in_menu.values():
        caller.call(sample.QUICK_NUMBER)
        caller.wait_for("confirmed")
    for caller in in_menu.values():
        until(lambda caller=caller: audio.is_silent(hear(caller, tmp_path / "menu.wav", 0.5)), 20, "the menu is over")
    pressed = [*reversed(in_menu)]
    with centre.paused("serve"):
        for number in pressed:
            in_menu[number].digits(KEYS["sales"])
            time.sleep(0.5)  # one after the other
        time.sleep(FIRST_DIGIT_S)
    until(lambda: waiting(centre, "sales") == pressed, 15, lambda: f"all in their order; {waiting(centre)}", 0.1)


def test_a_talk_that_ended_while_nobody_was_in_control_keeps_its_recording(centre: Centre) -> None:
    """Nobody heard of the recording's end: it is found, and its file says how long it is."""
    agent = agent_at_work(centre, "1001")
    for number, by_agent in (("13800000443", True), ("13800000444", False)):
        caller = caller_in_queue(centre, number)
        take(agent)
        wait_state(centre, "1001", "talking")
        begun = time.monotonic()
        caller.wait_until(lambda _, begun=begun: time.monotonic() > begun + 2, 5, "they have talked")
        talked_s = time.monotonic() - begun
        old = centre.kill("serve")
        (agent if by_agent else caller).hangup()
        agent.wait_for("disconnected")
        centre.wait_restarted("serve", old)
        history = centre.interaction(number, lambda it: it["closed_at"] and facts(it, "RecordingKept"), 30)
        kept = facts(history, "RecordingKept")
        assert len(kept) == 1 and kept[0]["what"] == "conversation"
        heard = audio.read(centre.var / kept[0]["path"])
        assert abs(kept[0]["duration_s"] - heard.duration_s) < 0.1 and heard.duration_s > talked_s - 0.5
        wait_state(centre, "1001", "ready", timeout_s=15)


def test_three_deaths_in_a_row(centre: Centre, tmp_path: Path) -> None:
    agent = agent_on_break(centre, "1001")
    caller = caller_in_queue(centre, "13800000451")
    for _ in range(3):
        kill_call_server(centre)
        until(lambda: waiting(centre) == ["13800000451"], 15, "back in the queue")
    centre.presence("1001", "ready")
    take(agent)
    assert_talk(caller, agent, tmp_path)
    agent.hangup()
    history = centre.closed("13800000451", 15)
    assert history["outcome"] == "answered" and len(facts(history, "QueueEntered")) == 1


def test_the_admin_is_killed(centre: Centre, tmp_path: Path) -> None:
    """Nobody on the phone notices."""
    agent = agent_at_work(centre, "1001")
    caller = caller_in_queue(centre, "13800000461")
    take(agent)
    old = centre.kill("admin")
    assert_talk(caller, agent, tmp_path)
    centre.wait_restarted("admin", old)
    caller.hangup()
    assert centre.closed("13800000461")["outcome"] == "answered"


@pytest.mark.parametrize("switch", ["embedded"], indirect=True)  # FreeSWITCH is not ours to restart
def test_the_embedded_switch_is_killed(centre: Centre) -> None:
    """Its calls are gone with it: closed as such, nobody stuck, and new calls work."""
    agent = agent_at_work(centre, "1001")
    caller_in_queue(centre, "13800000471")
    take(agent)
    wait_state(centre, "1001", "talking")
    caller_in_queue(centre, "13800000472")
    centre.wait_restarted("softswitch", centre.kill("softswitch"))
    for number in ("13800000471", "13800000472"):
        assert centre.closed(number, 20)["outcome"] == "switch_lost"
    agent.hangup()  # its phone has heard of nothing
    wait_state(centre, "1001", "ready", timeout_s=10)
    caller = centre.caller("13800000473")  # the switch still knows where the agent's phone is
    into_queue(centre, caller, "13800000473")
    take(agent)
    caller.hangup()


def test_an_orderly_stop_is_no_abandon(fresh_centre: Callable[..., Centre]) -> None:
    """The embedded switch ends with the rest: its callers were served or lost, none of them has left by itself.

    A FreeSWITCH keeps them, and they are back when the application is.
    """
    centre = fresh_centre(quick=True)
    agent = agent_at_work(centre, "1001")
    caller_in_queue(centre, "13800000491")
    take(agent)
    wait_state(centre, "1001", "talking")
    caller_in_queue(centre, "13800000492")
    centre.forgive("the control line|the switch has started anew")
    centre.stop_hotline()
    lost = centre.switch == "embedded"
    histories = {each["from"]: each for each in centre.ask("interactions", "--limit", "10")}
    assert histories["13800000491"]["outcome"] == ("answered" if lost else None)
    assert histories["13800000492"]["outcome"] == ("switch_lost" if lost else None)
    centre.start_hotline()
    if not lost:
        until(lambda: waiting(centre) == ["13800000492"], 15, "back in the queue")
        assert centre.agent_state("1001")["state"] == "talking"
    centre.clear()


def test_100_re_entries(centre: Centre) -> None:
    """Each transfer would cost one of Max-Forwards, were it not for max_session_transfers (survival.md)."""
    agent_on_break(centre, "1001")
    with RawCaller(centre.sip, b"<sip:13800000481@x>", "4100", max_forwards=10) as caller:
        caller.invite()
        assert caller.wait_answer() == 200
        caller.press("1")
        wait_queued(centre, "13800000481", "sales")
        leg = facts(centre.interaction("13800000481", bool), "InteractionOpened")[0]["leg"]
        with EventSocket(centre) as line:
            for n in range(100):
                assert line.api("uuid_transfer", f"{leg} recover XML recover").startswith("+OK"), n
                caller.heard(0.05)
        assert not caller.gone
        caller.heard(1)
        assert waiting(centre) == ["13800000481"]
        assert len(caller.heard(1.0)) > 4000  # music
    assert centre.closed("13800000481", 15)["outcome"] == "abandoned"

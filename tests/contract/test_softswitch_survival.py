"""What survives the death of the socket application: the table of the design (rows V, W, X, Z, R), on
the embedded switch with real phones. The application dies by closing its connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, Session, until
from softswitch_trio import NEEDS_PHONES, arrive

from switch_app.esl import commands
from switch_app.phones.phone import Phone, Phones

pytestmark = NEEDS_PHONES
TARGET = "4300:XML:inbound"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("switch")) as lab:
        lab.esl.ask(commands.events(["BACKGROUND_JOB", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_PARK"]))
        yield lab


@pytest.fixture(scope="module")
def phones(lab: Lab) -> Iterator[tuple[Phone, Phone]]:
    with Phones() as phones:
        agent = phones.phone("1001", SIP_PASSWORD, lab.server)
        agent.register()
        agent.behave(answer_after_s=0.0)
        yield phones.caller("13800000001", lab.server), agent


@pytest.fixture
def pair(lab: Lab, phones: tuple[Phone, Phone]) -> Iterator[tuple[Phone, Phone]]:
    yield phones
    lab.esl.api("hupall")
    until(lambda: not lab.channels(), "no channel is left")
    for phone in phones:
        phone.wait_until(lambda p: not p.in_call, 3, "the phone is idle")
    lab.drain()
    lab.esl.events.clear()


def join(lab: Lab, session: Session, variables: str, agent_first: bool = False) -> str:
    leg = lab.esl.job("originate", "{ignore_early_media=true}user/1001 &park()").split()[-1]
    if variables:
        assert lab.esl.api("uuid_setvar_multi", f"{session.uuid} {variables}") == "+OK"
    pair = (leg, session.uuid) if agent_first else (session.uuid, leg)
    assert lab.esl.api("uuid_bridge", " ".join(pair)).startswith("+OK")
    lab.esl.event("CHANNEL_BRIDGE")
    return leg


def state(lab: Lab, uuid: str) -> str:
    return next((each["state"] for each in lab.channels() if each["uuid"] == uuid), "gone")


def fate(lab: Lab, uuid: str) -> str:
    """Where the caller is: recover, target, parked, zombie or gone."""
    try:
        session = lab.session(0.6)
    except TimeoutError:
        return {"CS_PARK": "parked", "CS_RESET": "zombie", "gone": "gone"}.get(
            state(lab, uuid), state(lab, uuid)
        )
    assert session.data and session.uuid == uuid
    return {"4300": "target", "recover": "recover"}[session.data.get("Caller-Destination-Number", "")]


@pytest.mark.parametrize(
    ("row", "variables", "agent_first", "broken", "after"),
    [
        ("V0b", "", False, False, "recover"),
        ("V2", "socket_resume=true", False, True, "recover"),
        ("V4", "socket_resume=true;park_after_bridge=true", False, True, "parked"),
        ("V5", "socket_resume=true;hangup_after_bridge=true", False, True, "gone"),
        ("V7", f"socket_resume=true;transfer_after_bridge={TARGET}", False, True, "target"),
        ("V3", "park_after_bridge=true", False, False, "parked"),
        ("V6", f"transfer_after_bridge={TARGET}", False, False, "target"),
        ("X6", "hangup_after_bridge=true", False, False, "gone"),
        ("X8", f"hangup_after_bridge=true;transfer_after_bridge={TARGET}", False, False, "target"),
        ("W1", "socket_resume=false", False, False, "recover"),
        ("V11", "", True, False, "gone"),
        ("V10", f"transfer_after_bridge={TARGET}", True, False, "target"),
        ("V8", "socket_resume=true", True, True, "zombie"),
        ("V9", f"socket_resume=true;transfer_after_bridge={TARGET}", True, True, "zombie"),
    ],
)
def test_death_while_joined(
    lab: Lab, pair: tuple[Phone, Phone], row: str, variables: str, agent_first: bool, broken: bool, after: str
) -> None:
    caller, agent = pair
    session = arrive(lab, caller)
    leg = join(lab, session, variables, agent_first)
    session.close()
    if broken:
        until(lambda: state(lab, leg) == "gone", "the agent's leg is hung up", 1)
        agent.wait_for("disconnected")
    else:
        agent.listen(lab.folder / "hears.wav", 0.3)
        assert {each["state"] for each in lab.channels()} == {"CS_SOFT_EXECUTE", "CS_EXCHANGE_MEDIA"}
        agent.hangup()
    assert fate(lab, session.uuid) == after


@pytest.mark.parametrize(("variables", "after"), [("socket_resume=true", "recover"), ("", "CS_EXECUTE")])
def test_death_while_playing(lab: Lab, pair: tuple[Phone, Phone], variables: str, after: str) -> None:
    """V1 and V0: without socket_resume the caller stays in the tone with nobody in control."""
    session = arrive(lab, pair[0])
    session.execute("endless_playback", "tone_stream://%(2000,0,440)", wait=False)
    if variables:
        lab.esl.api("uuid_setvar_multi", f"{session.uuid} {variables}")
    session.close()
    assert fate(lab, session.uuid) == after


def test_two_masters_when_the_application_lives(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """W0 and R2: the socket application is complete at the bridge, a second one comes after it."""
    caller, agent = pair
    session = arrive(lab, caller)
    join(lab, session, f"transfer_after_bridge={TARGET}")
    session.event("CHANNEL_EXECUTE_COMPLETE", where=lambda e: e.get("Application") == "socket")
    agent.hangup()
    again = lab.session()
    assert again.data and again.data.get("variable_transfer_after_bridge") is None
    done = session.execute("playback", "silence_stream://40")
    assert done and done.get("Application-Response") == "FILE PLAYED"


def test_park_after_bridge_leaves_the_first_application_in_control(
    lab: Lab, pair: tuple[Phone, Phone]
) -> None:
    """Z1."""
    caller, agent = pair
    session = arrive(lab, caller)
    lab.esl.events.clear()
    join(lab, session, "park_after_bridge=true")
    agent.hangup()
    lab.esl.event("CHANNEL_PARK", where=lambda e: e.get("Unique-ID") == session.uuid)
    done = session.execute("playback", "silence_stream://40")
    assert done and done.get("Application-Response") == "FILE PLAYED"


def test_transfer_of_the_caller_drops_the_agent(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """W4."""
    session = arrive(lab, pair[0])
    join(lab, session, "")
    session.close()
    assert lab.esl.api("uuid_transfer", f"{session.uuid} 4300 XML inbound") == "+OK"
    assert fate(lab, session.uuid) == "target"
    pair[1].wait_for("disconnected")


def test_transfer_of_both_keeps_both(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """W5."""
    session = arrive(lab, pair[0])
    leg = join(lab, session, "")
    session.close()
    assert lab.esl.api("uuid_transfer", f"{session.uuid} -both 4300 XML inbound") == "+OK"
    assert {lab.session().uuid, lab.session().uuid} == {session.uuid, leg}


def test_setvar_takes_over_unnoticed(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """W6: the way to take control again in the middle of a talk."""
    caller, agent = pair
    session = arrive(lab, caller)
    join(lab, session, "")
    session.close()
    lab.esl.api("uuid_setvar", f"{session.uuid} transfer_after_bridge {TARGET}")
    agent.hangup()
    assert fate(lab, session.uuid) == "target"


def test_the_recommended_settings(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """R3 and R1: killed while waiting, back; killed while talking, untouched, and back after the talk."""
    caller, agent = pair
    session = arrive(lab, caller, "4000")
    session.execute("playback", "tone_stream://%(2000,0,440);loops=-1", wait=False)
    session.close()
    back = lab.session(0.5)
    assert back.data and back.data.get("variable_interaction_id") == session.uuid == back.uuid
    join(lab, back, "socket_resume=false;transfer_after_bridge=recover:XML:recover")
    back.close()
    agent.listen(lab.folder / "hears.wav", 0.5)
    agent.hangup()
    assert fate(lab, session.uuid) == "recover"


def test_a_pair_meets_by_api_on_answer(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """Y1: even with every application dead."""
    caller, agent = pair
    agent.behave(answer_after_s=0.5)
    try:
        session = arrive(lab, caller, "4000")
        lab.esl.ask(
            commands.bgapi(
                "originate",
                f"{{ignore_early_media=true,origination_uuid=y1,api_on_answer='uuid_bridge {session.uuid} y1'}}"
                "user/1001 &park()",
            )
        )
        session.close()
        assert fate(lab, session.uuid) == "recover"
        lab.esl.event("CHANNEL_BRIDGE", where=lambda e: e.get("Unique-ID") == session.uuid)
        agent.hangup()
        # The bridge's end used up the recover socket: what comes next are its 2 s of music and the loop.
        assert fate(lab, session.uuid) == "CS_EXECUTE"
        assert lab.session(4).uuid == session.uuid
    finally:
        agent.behave(answer_after_s=0.0)


def test_transfers_are_counted_and_max_session_transfers_lifts_the_limit(
    lab: Lab, pair: tuple[Phone, Phone], tmp_path: Path
) -> None:
    caller = pair[0]
    session = arrive(lab, caller, "4200")
    lab.esl.api("uuid_setvar", f"{session.uuid} max_session_transfers 5")
    for left in (4, 3, 2, 1):
        assert lab.esl.api("uuid_transfer", f"{session.uuid} 4200 XML inbound") == "+OK"
        again = lab.session()
        assert again.data and again.data.get("variable_max_session_transfers") == str(left)
    assert lab.esl.api("uuid_transfer", f"{session.uuid} 4200 XML inbound") == "-ERR"
    caller.wait_for("disconnected")


def test_a_hundred_ways_back(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    session = arrive(lab, pair[0], "4200")
    lab.esl.api("uuid_setvar_multi", f"{session.uuid} socket_resume=true;max_session_transfers=1000000")
    for turn in range(100):
        session.close()
        session = lab.session(2)
        assert session.data and session.data.get("variable_max_session_transfers") == str(999_999 - turn)


def test_hosts_are_tried_in_order(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    pair[0].call("4300")
    assert lab.session().data


def test_a_second_uuid_bridge_leaves_the_first_agent(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    caller, agent = pair
    session = arrive(lab, caller)
    first = join(lab, session, "")
    second = lab.esl.job("originate", "{ignore_early_media=true}sofia/internal/sip:x@127.0.0.1:1 &park()")
    assert second == "-ERR NORMAL_TEMPORARY_FAILURE"
    other = lab.esl.api("uuid_bridge", f"{session.uuid} nobody")
    assert other == "-ERR Invalid uuid"
    assert state(lab, first) == "CS_EXCHANGE_MEDIA"
    agent.hangup()


def test_what_a_dead_application_had_sent_does_not_run_later(lab: Lab, pair: tuple[Phone, Phone]) -> None:
    """A playback that arrives together with the end of the connection is over at once, as in FreeSWITCH."""
    session = arrive(lab, pair[0], "4000")
    session.send(b"".join(commands.execute("playback", "tone_stream://%(10000,0,900)") for _ in range(3)))
    session.close()
    again = lab.session(2).begin()
    done = again.execute("playback", "silence_stream://40")
    assert done and done.get("Application-Data") == "silence_stream://40"
    assert not [e for e in again.events if "900" in e.get("Application-Data", "")]

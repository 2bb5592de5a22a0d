"""What phones do and what the switch makes of it: ring, refuse, vanish, hold, transfer, press keys."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from softswitch_lab import SIP_PASSWORD, Lab, Session, power, until, wav_channels

from switch_app.esl import commands
from switch_app.phones import phone as phone_module
from switch_app.phones.phone import Phone, PhoneError, Phones

pytestmark = pytest.mark.skipif(not phone_module.available(), reason=phone_module.MISSING)
EVENTS = [
    "BACKGROUND_JOB", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_HOLD",
    "CHANNEL_UNHOLD", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "DTMF", "CUSTOM", "sofia::register",
    "sofia::unregister", "sofia::expire",
]  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("switch"), min_expires_s=1) as lab:
        lab.esl.ask(commands.events(EVENTS))
        yield lab


@pytest.fixture(scope="module")
def phones() -> Iterator[Phones]:
    with Phones() as phones:
        yield phones


@pytest.fixture(scope="module")
def lines(lab: Lab, phones: Phones) -> tuple[Phone, Phone, Phone]:
    agents = [phones.phone(number, SIP_PASSWORD, lab.server) for number in ("1001", "1002")]
    for agent in agents:
        agent.register()
    return phones.caller("13800000001", lab.server), agents[0], agents[1]


@pytest.fixture
def trio(lab: Lab, lines: tuple[Phone, Phone, Phone]) -> Iterator[tuple[Phone, Phone, Phone]]:
    lab.esl.events.clear()
    yield lines
    lab.esl.api("hupall")
    until(lambda: not lab.channels(), "no channel is left")
    for line in lines:
        line.behave()
        line.hush()
        line.wait_until(lambda p: not p.in_call, 3, "the phone is idle")
        line.skip()


def originate(lab: Lab, user: str = "1001", variables: str = "ignore_early_media=true") -> str:
    return lab.esl.job("originate", f"{{{variables}}}user/{user} &park()")


def arrive(lab: Lab, caller: Phone, number: str = "4100") -> Session:
    caller.call(number)
    session = lab.session().begin()
    session.execute("answer")
    caller.wait_for("confirmed")
    return session


def join(lab: Lab, session: Session, agent: Phone, user: str = "1001") -> str:
    agent.behave(answer_after_s=0.0)
    leg = originate(lab, user).split()[-1]
    assert lab.esl.api("uuid_bridge", f"{session.uuid} {leg}").startswith("+OK")
    lab.esl.event("CHANNEL_BRIDGE")
    return leg


# --- calling an agent ----------------------------------------------------------------------------------


def test_nobody_answers(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    began = time.monotonic()
    assert originate(lab, variables="originate_timeout=1") == "-ERR NO_ANSWER"
    assert 0.9 < time.monotonic() - began < 1.6
    trio[1].wait_for("incoming")
    trio[1].wait_for("disconnected", 2)
    assert lab.esl.event("CHANNEL_PROGRESS").get("Answer-State") == "ringing"


@pytest.mark.parametrize(
    ("code", "cause"), [(486, "USER_BUSY"), (603, "CALL_REJECTED"), (480, "NO_USER_RESPONSE")]
)
def test_a_phone_refuses(lab: Lab, trio: tuple[Phone, Phone, Phone], code: int, cause: str) -> None:
    trio[1].behave(reject_with=code)
    assert originate(lab) == f"-ERR {cause}"
    assert lab.esl.event("CHANNEL_HANGUP_COMPLETE").get("Hangup-Cause") == cause


def test_a_phone_that_is_not_there(lab: Lab, phones: Phones) -> None:
    assert originate(lab, "1003") == "-ERR USER_NOT_REGISTERED"
    assert originate(lab, "2001") == "-ERR SUBSCRIBER_ABSENT"
    unplugged = phones.phone("1004", SIP_PASSWORD, lab.server, alone=True)
    unplugged.register()
    unplugged.unplug()
    began = time.monotonic()
    assert originate(lab, "1004") == "-ERR NORMAL_TEMPORARY_FAILURE"
    assert time.monotonic() - began < 2


def test_originate_is_cancelled_by_uuid_kill(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    job = lab.esl.ask(commands.bgapi("originate", "{origination_uuid=k1}user/1001 &park()")).split()[-1]
    trio[1].wait_for("incoming")
    assert lab.esl.api("uuid_exists", "k1") == "true"
    assert lab.esl.api("uuid_kill", "k1 ORIGINATOR_CANCEL") == "+OK"
    result = lab.esl.event("BACKGROUND_JOB", where=lambda e: e.get("Job-UUID") == job)
    assert result.body.decode() == "-ERR ORIGINATOR_CANCEL\n"
    trio[1].wait_for("disconnected", 2)
    assert lab.esl.api("uuid_kill", "k1") == "-ERR No such channel!"


def test_several_destinations(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    """At once (the first answer wins), and in turn."""
    trio[2].behave(answer_after_s=0.1)
    job = lab.esl.job("originate", "{ignore_early_media=true}[leg_one=1]user/1001,user/1002 &park()")
    assert job.startswith("+OK")
    assert lab.esl.api("uuid_getvar", f"{job.split()[-1]} dialed_user") == "1002"
    trio[1].wait_for("disconnected", 2)
    lost = lab.esl.event("CHANNEL_HANGUP_COMPLETE")
    assert (lost.get("Hangup-Cause"), lost.get("variable_leg_one")) == ("LOSE_RACE", "1")
    job = lab.esl.job("originate", "{ignore_early_media=true}user/1003|error/user_busy|user/1002 &park()")
    assert job == "-ERR USER_BUSY" or job.startswith("+OK")


def test_the_caller_id_is_shown(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    lab.esl.ask(
        commands.bgapi(
            "originate",
            "{origination_caller_id_number=13912345678,origination_caller_id_name='Wang, Fang',"
            "sip_h_X-Queue=sales}user/1001 &park()",
        )
    )
    call = trio[1].wait_for("incoming")
    assert "13912345678" in call["from"]
    assert "Wang, Fang" in call["from"]
    assert "X-queue: sales" in call["message"] or "X-Queue: sales" in call["message"]


# --- a caller ------------------------------------------------------------------------------------------


def test_early_media_is_heard_before_the_answer(
    lab: Lab, trio: tuple[Phone, Phone, Phone], tmp_path: Path
) -> None:
    caller = trio[0]
    caller.call("4100")
    session = lab.session().begin()
    session.execute("playback", "tone_stream://%(60000,0,500)", wait=False)
    assert caller.wait_for("ringing")["code"] == 183
    caller.listen(tmp_path / "early.wav", 0.7)
    assert power(wav_channels(tmp_path / "early.wav")[0][2000:5000], 500) > 0.9
    assert lab.esl.event("CHANNEL_PROGRESS_MEDIA").get("Answer-State") == "early"
    assert not caller.seen("confirmed")
    session.execute("answer")
    caller.wait_for("confirmed")


def test_the_caller_gives_up_while_it_rings(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    trio[0].call("4100")
    session = lab.session().begin()
    session.execute("ring_ready")
    assert trio[0].wait_for("ringing")["code"] == 180
    trio[0].hangup()
    assert session.event("CHANNEL_HANGUP").get("Hangup-Cause") == "ORIGINATOR_CANCEL"


@pytest.mark.parametrize("method", ["rfc4733", "info"])
def test_digits_in(lab: Lab, trio: tuple[Phone, Phone, Phone], method: str) -> None:
    session = arrive(lab, trio[0])
    trio[0].digits("1234567890*#", method)
    events = [session.event("DTMF") for _ in range(12)]
    assert "".join(e.get("DTMF-Digit", "") for e in events) == "1234567890*#"
    assert {e.get("DTMF-Source") for e in events} == {"RTP" if method == "rfc4733" else "INFO"}


def test_digits_out_and_through_a_bridge(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    caller, agent, _ = trio
    session = arrive(lab, caller)
    session.execute("send_dtmf", "159#")
    for digit in "159#":
        assert caller.wait_for("digit")["digit"] == digit
    join(lab, session, agent)
    agent.digits("42")
    assert [caller.wait_for("digit")["digit"] for _ in range(2)] == ["4", "2"]


def test_play_and_get_digits(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    session = arrive(lab, trio[0])
    arguments = "3 5 2 3000 # tone_stream://%(3000,0,440) silence_stream://20 pin ^\\d+$ 1500"
    session.execute("play_and_get_digits", arguments, wait=False)
    trio[0].digits("1234#")
    done = session.event("CHANNEL_EXECUTE_COMPLETE")
    assert done.get("variable_pin") == "1234"


def test_playback_stops_at_its_terminator_only(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    session = arrive(lab, trio[0])
    session.execute("set", "playback_terminators=#")
    session.execute("playback", "tone_stream://%(60000,0,440)", wait=False)
    trio[0].digits("5#")
    done = session.event("CHANNEL_EXECUTE_COMPLETE", where=lambda e: e.get("Application") == "playback")
    assert done.get("variable_playback_terminator_used") == "#"
    missing = session.execute("playback", "no-such-file.wav")
    assert missing and missing.get("Application-Response") == "FILE NOT FOUND"


def test_a_message_is_recorded_until_silence(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    caller = trio[0]
    session = arrive(lab, caller)
    caller.play_tone(600)
    path = lab.folder / "message.wav"
    session.execute("record", f"{path} 20 200 1", wait=False)
    time.sleep(1.0)
    caller.hush()
    done = session.event("CHANNEL_EXECUTE_COMPLETE")
    assert done.get("Application-Response") == "FILE RECORDED"
    (heard,) = wav_channels(path)
    assert power(heard[3000:7000], 600) > 0.9
    assert 1500 <= int(done.get("variable_record_ms", "0")) <= 3500


def test_a_second_playback_runs_inside_the_first(
    lab: Lab, trio: tuple[Phone, Phone, Phone], tmp_path: Path
) -> None:
    """As FreeSWITCH polls an async socket while a file plays: music, an announcement, music again."""
    caller = trio[0]
    session = arrive(lab, caller)
    session.execute("endless_playback", "tone_stream://%(5000,0,400)", wait=False)
    caller.record_to(tmp_path / "heard.wav")
    time.sleep(0.5)
    done = session.execute("playback", "tone_stream://%(500,0,900)")
    assert done and done.get("Application-Data", "").endswith("900)")
    time.sleep(0.5)
    caller.stop_recording()
    (heard,) = wav_channels(tmp_path / "heard.wav")
    found = [
        max((400, 900), key=lambda hz: power(heard[at : at + 1600], hz))
        for at in range(0, len(heard) - 1600, 1600)
    ]
    assert found[0] == found[-1] == 400
    assert 900 in found


def test_event_lock_makes_the_second_wait(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    session = arrive(lab, trio[0])
    began = time.monotonic()
    session.execute("playback", "silence_stream://600", wait=False, lock=True)
    session.execute("playback", "silence_stream://20")
    assert time.monotonic() - began > 0.55


# --- a talk --------------------------------------------------------------------------------------------


def test_hold_and_resume_by_the_phone(lab: Lab, trio: tuple[Phone, Phone, Phone], tmp_path: Path) -> None:
    caller, agent, _ = trio
    session = arrive(lab, caller)
    leg = join(lab, session, agent)
    lab.esl.api("uuid_setvar", f"{leg} hold_music tone_stream://%(5000,0,350)")
    agent.play_tone(800)
    agent.hold()
    assert lab.esl.event("CHANNEL_HOLD").get("Unique-ID") == leg
    caller.listen(tmp_path / "hold.wav", 0.6)
    assert power(wav_channels(tmp_path / "hold.wav")[0][1600:4000], 350) > 0.9
    agent.resume()
    assert lab.esl.event("CHANNEL_UNHOLD").get("Unique-ID") == leg
    caller.listen(tmp_path / "talk.wav", 0.6)
    assert power(wav_channels(tmp_path / "talk.wav")[0][1600:4000], 800) > 0.9


def test_both_laws(lab: Lab, trio: tuple[Phone, Phone, Phone], phones: Phones, tmp_path: Path) -> None:
    agent = trio[1]
    caller = phones.caller("13800000009", lab.server, codecs=("PCMA/8000/1",))
    session = arrive(lab, caller)
    leg = join(lab, session, agent)
    assert lab.esl.api("uuid_dump", f"{session.uuid} plain").count("Codec-Name: PCMA") == 2
    assert "Codec-Name: PCMU" in lab.esl.api("uuid_dump", leg)
    caller.play_tone(700)
    agent.play_tone(900)
    for phone, hz in ((caller, 900), (agent, 700)):
        phone.listen(tmp_path / f"{hz}.wav", 0.6)
        assert power(wav_channels(tmp_path / f"{hz}.wav")[0][1600:4000], hz) > 0.9
    caller.hangup()


def test_blind_transfer_by_the_agent(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    caller, agent, other = trio
    session = arrive(lab, caller)
    join(lab, session, agent)
    other.behave(answer_after_s=0.0)
    agent.transfer("1002")
    agent.wait_until(
        lambda p: any(e["code"] == 200 for e in p.seen("transfer")), 3, "the transfer is accepted"
    )
    agent.wait_for("disconnected")
    other.wait_for("confirmed")
    bridge = lab.esl.event("CHANNEL_BRIDGE")
    assert bridge.get("Unique-ID") == session.uuid
    assert bridge.get("Other-Leg-Destination-Number") == "1002"


def test_agents_call_each_other(lab: Lab, trio: tuple[Phone, Phone, Phone], tmp_path: Path) -> None:
    _, one, two = trio
    two.behave(answer_after_s=0.3)
    one.call("1002")
    assert one.wait_for("ringing")["code"] == 180
    one.wait_for("confirmed")
    assert "Agent 1001" in two.wait_for("incoming")["from"]
    two.play_tone(650)
    one.listen(tmp_path / "one.wav", 0.6)
    assert power(wav_channels(tmp_path / "one.wav")[0][1600:4000], 650) > 0.9
    two.hangup()
    one.wait_for("disconnected")


def test_a_busy_agent_is_told_to_the_agent_who_calls(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    trio[2].behave(reject_with=486)
    trio[1].call("1002")
    assert trio[1].wait_for("disconnected")["code"] == 486


def test_an_agent_gives_up_calling(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    trio[1].call("1002")
    trio[2].wait_for("incoming")
    trio[1].hangup()
    trio[2].wait_for("disconnected", 2)
    causes = {lab.esl.event("CHANNEL_HANGUP_COMPLETE").get("Hangup-Cause") for _ in range(2)}
    assert causes == {"ORIGINATOR_CANCEL"}


def test_a_recording_of_its_own_limits_ends_in_silence(
    lab: Lab, trio: tuple[Phone, Phone, Phone], tmp_path: Path
) -> None:
    caller = trio[0]
    session = arrive(lab, caller)
    caller.play_tone(600)
    path = tmp_path / "limits.wav"
    limits = "{RECORD_INITIAL_TIMEOUT_MS=9000,RECORD_FINAL_TIMEOUT_MS=1000,RECORD_STEREO=false}"
    lab.esl.ask(commands.events(("RECORD_STOP",)))
    assert lab.esl.api("uuid_record", f"{session.uuid} start {path} 20 {limits}") == "+OK Success"
    time.sleep(1.5)
    caller.hush()
    stopped = lab.esl.event("RECORD_STOP", timeout_s=5)
    assert stopped.get("Record-File-Path") == str(path)
    assert 2200 <= int(stopped.get("variable_record_ms", "0")) <= 4200
    (heard,) = wav_channels(path)
    assert power(heard[3000:7000], 600) > 0.9


def test_a_recording_is_masked_on_time(lab: Lab, trio: tuple[Phone, Phone, Phone], tmp_path: Path) -> None:
    caller, agent, _ = trio
    session = arrive(lab, caller)
    join(lab, session, agent)
    caller.play_tone(700)
    agent.play_tone(1100)
    path = tmp_path / "masked.wav"
    lab.esl.api("uuid_setvar", f"{session.uuid} RECORD_STEREO true")
    lab.esl.api("uuid_record", f"{session.uuid} start {path}")
    time.sleep(0.8)
    assert lab.esl.api("uuid_record", f"{session.uuid} mask {path}") == "+OK Success"
    time.sleep(0.8)
    lab.esl.api("uuid_record", f"{session.uuid} unmask {path}")
    time.sleep(0.8)
    assert lab.esl.api("uuid_record", f"{session.uuid} stop {path}") == "+OK Success"
    left, right = wav_channels(path)
    assert 2.2 < len(left) / 8000 < 2.8
    for samples, hz in ((left, 700), (right, 1100)):
        assert power(samples[2000:5000], hz) > 0.9
        assert max(map(abs, samples[8500:11500])) < 10
        assert power(samples[-5000:-2000], hz) > 0.9


# --- registration --------------------------------------------------------------------------------------


def test_registrations_are_told(lab: Lab, phones: Phones) -> None:
    phone = phones.phone("1005", SIP_PASSWORD, lab.server)
    phone.register()
    event = lab.esl.event("CUSTOM", where=lambda e: e.get("from-user") == "1005")
    assert event.get("Event-Subclass") == "sofia::register"
    assert lab.esl.api("sofia_contact", "1005").startswith("sofia/internal/sip:1005@127.0.0.1:")
    assert '"reg_user":"1005"' in lab.esl.api("show", "registrations as json")
    phone.unregister()
    event = lab.esl.event("CUSTOM", where=lambda e: e.get("from-user") == "1005")
    assert event.get("Event-Subclass") == "sofia::unregister"
    assert lab.esl.api("sofia_contact", "1005") == "error/user_not_registered"


def test_an_extension_is_not_reached_without_password(lab: Lab, trio: tuple[Phone, Phone, Phone]) -> None:
    trio[0].call("1001")
    with pytest.raises(PhoneError):
        trio[0].wait_for("confirmed", 2)
    assert trio[0].seen("disconnected")[-1]["code"] in (401, 407)
    assert not trio[1].in_call

"""Two phones against each other, with no switch between: what the acceptance tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import audio
import pytest

from switch_app.phones import phone as p

pytestmark = pytest.mark.skipif(not p.available(), reason=p.MISSING)

NOWHERE = "127.0.0.1:9"  # the discard port: nothing answers there


@pytest.fixture(scope="module")
def phones() -> Iterator[p.Phones]:
    with p.Phones() as all_phones:
        yield all_phones


@pytest.fixture
def caller(phones: p.Phones) -> p.Phone:
    return phones.caller("13800000001", NOWHERE, alone=True)


@pytest.fixture
def callee(phones: p.Phones) -> p.Phone:
    return phones.caller("1001", NOWHERE, alone=True)


def dial(caller: p.Phone, callee: p.Phone, **caller_id: str) -> p.Event:
    caller.call(f"sip:1001@{callee.address}", **caller_id)
    return callee.wait_for("incoming")


def talk(caller: p.Phone, callee: p.Phone) -> None:
    dial(caller, callee)
    callee.answer()
    caller.wait_for("confirmed")
    callee.wait_for("confirmed")


def hear(phone: p.Phone, path: Path, seconds: float = 0.8) -> audio.Samples:
    phone.listen(path, seconds)
    return audio.read(path).mono


def test_both_hear_the_other_ones_tone(caller: p.Phone, callee: p.Phone, tmp_path: Path) -> None:
    caller.play_tone(440)
    callee.play_tone(600)
    talk(caller, callee)
    assert audio.tone_share(audio.part(hear(caller, tmp_path / "caller.wav"), 0.3), 600) > 0.9
    assert audio.tone_share(audio.part(hear(callee, tmp_path / "callee.wav"), 0.3), 440) > 0.9
    callee.hush()
    hear(caller, tmp_path / "pause.wav", 0.3)
    assert audio.is_silent(audio.part(hear(caller, tmp_path / "silence.wav"), 0.2))
    caller.hangup()
    assert callee.wait_for("disconnected")["code"] == 200


def test_recording_ends_with_the_call(caller: p.Phone, callee: p.Phone, tmp_path: Path) -> None:
    caller.record_to(tmp_path / "heard.wav")
    callee.play_tone(880)
    talk(caller, callee)
    callee.listen(tmp_path / "unused.wav", 0.6)
    callee.hangup()
    caller.wait_for("disconnected")
    heard = audio.read(tmp_path / "heard.wav")
    assert heard.duration_s >= 0.5
    assert audio.tone_share(audio.part(heard.mono, 0.3), 880) > 0.9


@pytest.mark.parametrize("method", ["rfc4733", "info"])
def test_digits(caller: p.Phone, callee: p.Phone, method: str) -> None:
    talk(caller, callee)
    caller.digits("159*#00", method)
    callee.wait_until(lambda phone: len(phone.seen("digit")) == 7)
    assert "".join(event["digit"] for event in callee.seen("digit")) == "159*#00"
    caller.hangup()


def test_caller_id(caller: p.Phone, callee: p.Phone) -> None:
    event = dial(caller, callee, number="400123", name='A "B" \\ 张')
    assert "<sip:400123@" in event["from"]
    assert 'A \\"B\\" \\\\ 张' in event["from"]
    caller.hangup()
    assert callee.wait_for("disconnected")["code"] == 487


@pytest.mark.parametrize("code", [486, 603, 480])
def test_refusal(caller: p.Phone, callee: p.Phone, code: int) -> None:
    dial(caller, callee)
    callee.reject(code)
    assert caller.wait_for("disconnected")["code"] == code


def test_a_phone_that_answers_by_itself_and_one_that_refuses(caller: p.Phone, callee: p.Phone) -> None:
    callee.behave(answer_after_s=0.2)
    caller.call(f"sip:1001@{callee.address}")
    assert caller.wait_for("ringing")["code"] == 180
    caller.wait_for("confirmed", 2)
    caller.hangup()
    callee.wait_for("disconnected")
    caller.wait_for("disconnected")
    callee.behave(reject_with=486)
    caller.call(f"sip:1001@{callee.address}")
    assert caller.wait_for("disconnected")["code"] == 486


def test_a_busy_line_is_busy_and_its_call_unharmed(phones: p.Phones, caller: p.Phone, callee: p.Phone) -> None:
    third = phones.caller("13800000003", NOWHERE)
    talk(caller, callee)
    third.call(f"sip:1001@{callee.address}")
    assert third.wait_for("disconnected")["code"] == 486
    assert caller.in_call and callee.in_call and not third.in_call
    caller.hangup()


def test_hold_and_resume(caller: p.Phone, callee: p.Phone, tmp_path: Path) -> None:
    caller.play_tone(440)
    talk(caller, callee)
    caller.skip()
    callee.skip()
    caller.hold()
    assert callee.wait_for("audio")["state"] == "held_by_peer"
    assert caller.wait_for("audio")["state"] == "held"
    caller.resume()
    assert callee.wait_for("audio")["state"] == "active"
    assert audio.tone_share(audio.part(hear(callee, tmp_path / "after.wav"), 0.3), 440) > 0.9
    caller.hangup()


def test_a_file_is_played_to_its_end(caller: p.Phone, callee: p.Phone, tmp_path: Path) -> None:
    callee.play_tone(1000)
    talk(caller, callee)
    hear(caller, tmp_path / "tone.wav", 0.5)
    callee.hush()
    callee.play(tmp_path / "tone.wav")
    callee.wait_for("played", 2)
    caller.hangup()


def test_many_calls_on_one_line(caller: p.Phone, callee: p.Phone) -> None:
    """A Call object that outlives its call hangs up the next one that gets its id."""
    callee.behave(answer_after_s=0.0)
    for _ in range(12):
        caller.call(f"sip:1001@{callee.address}")
        caller.wait_for("confirmed")
        callee.wait_for("confirmed")
        caller.hangup()
        caller.wait_for("disconnected")
        callee.wait_for("disconnected")
    assert callee.seen("error") == caller.seen("error") == []


def test_waiting_for_what_cannot_come_any_more_fails_at_once(caller: p.Phone, callee: p.Phone) -> None:
    callee.behave(reject_with=603)
    caller.call(f"sip:1001@{callee.address}")
    with pytest.raises(p.PhoneError, match="the call ended .603") as failure:
        caller.wait_for("confirmed", 60)
    assert "SIP/2.0 603" in str(failure.value)  # the end of the SIP log


def test_a_time_out_names_what_was_seen(caller: p.Phone, callee: p.Phone) -> None:
    dial(caller, callee)
    with pytest.raises(p.PhoneError, match=r"no confirmed within 0.3 s(.|\n)*ringing"):
        caller.wait_for("confirmed", 0.3)
    caller.hangup()


def test_an_unplugged_phone(phones: p.Phones, caller: p.Phone, callee: p.Phone) -> None:
    talk(caller, callee)
    callee.unplug()
    assert callee.seen("lost")
    with pytest.raises(p.PhoneError, match="process is gone|died|no reply"):
        callee.answer()
    assert caller.in_call  # nobody has told it
    caller.hangup()


def test_bad_commands_are_answered(caller: p.Phone) -> None:
    with pytest.raises(p.PhoneError, match="no call"):
        caller.hangup()
    with pytest.raises(p.PhoneError, match="dial"):
        caller.call("sip:")
    assert not caller.in_call

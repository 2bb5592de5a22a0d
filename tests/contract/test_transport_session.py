"""A caller's connection, against a switch made of our codec's other role, on real sockets.

Each test named after a defect of greenswitch 0.0.19 is the regression test for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from time import monotonic

import gevent
import pytest
from esl_peer import CHANNEL, LEG, Peer, channel_answers, pair, until
from gevent.event import AsyncResult
from greenswitch.esl import OutboundSession, OutboundSessionHasGoneAway

from switch_app.esl import commands, replies
from switch_app.esl.errors import LocalWireError
from switch_app.esl.wire import Command
from switch_app.switches.errors import SwitchGone
from switch_app.switches.session import OutboundCall


class Talk:
    """A call and the switch at its other end, with all that the call told."""

    def __init__(self, answers: Callable[[Command], bytes] = channel_answers) -> None:
        ours, theirs = pair()
        self.peer = Peer(theirs, answers)
        self.call = OutboundCall(ours)
        self.events: list[object] = []
        self.gone: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.call.on_event = self.events.append
        self.call.on_gone = self.gone.append
        self.call.on_refused = lambda *what: self.refused.append(what)

    def end(self) -> None:
        self.call.stop()
        self.peer.close()
        self.peer.greenlet.join(1)


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.end()


def complete(event_uuid: str, app: str = "playback", **more: str) -> bytes:
    return replies.event(
        {
            "Event-Name": "CHANNEL_EXECUTE_COMPLETE",
            "Unique-ID": LEG,
            "Application": app,
            "variable_current_application": app,
            "Application-UUID": event_uuid,
            **more,
        }
    )


def test_the_handshake_subscribes_to_this_channel_only(talk: Talk) -> None:
    data = talk.call.handshake(timeout_s=2, events=("CHANNEL_EXECUTE_COMPLETE", "DTMF"), linger_s=3)
    assert (data.get("Unique-ID"), talk.call.uuid, talk.call.caller_id_number) == (LEG, LEG, "1000")
    until(lambda: len(talk.peer.heard) == 4)
    assert talk.peer.lines() == [
        "connect",
        "linger 3",
        f"filter Unique-ID {LEG}",
        "event plain CHANNEL_EXECUTE_COMPLETE DTMF CHANNEL_HANGUP_COMPLETE",
    ]
    assert isinstance(talk.call, OutboundSession)


def test_commands_are_answered_in_order_also_between_events(talk: Talk) -> None:
    talk.call.handshake()
    until(lambda: len(talk.peer.heard) == 4)
    talk.peer.answers = lambda command: complete("x") + channel_answers(command) + complete("y")
    waiting = [gevent.spawn(talk.call.command, commands.api("echo", str(n))) for n in range(50)]
    gevent.joinall(waiting, timeout=3, raise_error=True)
    assert [each.value.body for each in waiting] == [b"+OK echo %d" % n for n in range(50)]
    until(lambda: len(talk.events) == 100)


def test_events_before_the_callback_is_set_are_kept() -> None:
    talk = Talk()
    talk.call.on_event = None
    talk.call.handshake()
    talk.peer.tell(complete("early"))
    talk.call.command(commands.api("status"))
    heard: list[str] = []
    talk.call.on_event = lambda event: heard.append(event.get("Application-UUID"))
    assert heard == ["early"]
    talk.end()


def test_an_execute_the_switch_refuses_is_told(talk: Talk) -> None:
    talk.call.handshake()
    talk.peer.answers = lambda command: replies.command_reply("-ERR invalid session id [x]")
    talk.call.execute("playback", "a.wav", "p1")
    until(lambda: talk.refused)
    assert talk.refused == [("p1", "-ERR invalid session id [x]")]
    with pytest.raises(SwitchGone):
        talk.call.run("playback", "a.wav", timeout_s=2)


def test_exit_lets_go_and_ends_once(talk: Talk) -> None:
    talk.call.handshake()
    talk.call.exit()
    talk.call.exit()
    until(lambda: talk.gone)
    assert talk.peer.lines().count("exit") == 1
    assert talk.gone == ["disconnected"]


def test_the_last_event_of_a_hung_up_channel_ends_the_lingering(talk: Talk) -> None:
    talk.call.handshake()
    talk.peer.tell(replies.linger_notice(LEG, "sofia/inbound/1000", 5) + complete("p1"))
    until(lambda: talk.events)
    assert not talk.gone
    with pytest.raises(OutboundSessionHasGoneAway):
        talk.call.raise_if_disconnected()
    talk.peer.tell(replies.event({"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Unique-ID": LEG}))
    until(lambda: talk.gone)


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize(
    "half", [b"", b"Content-Len", b"Content-Length: 500\nContent-Type: text/event-plain\n\nEvent"]
)
def test_every_ending_frees_all_waiters_and_is_told_once(talk: Talk, ending: str, half: bytes) -> None:
    """greenswitch: EOF without a notice left a greenlet waiting for ever, a cut body spun the hub."""
    talk.call.handshake()
    talk.peer.answers = lambda command: b""
    waiting = [
        gevent.spawn(talk.call.command, commands.api("status"), 30),
        gevent.spawn(talk.call.run, "playback", "a.wav", 30),
        gevent.spawn(talk.call.run, "playback", "b.wav"),
    ]
    until(lambda: len(talk.peer.heard) == 7)
    talk.peer.tell(half)
    getattr(talk.peer, ending)()
    gevent.joinall(waiting, timeout=2)
    assert [type(each.exception) for each in waiting] == [SwitchGone] * 3
    assert len(talk.gone) == 1
    assert not talk.call.connected
    assert not talk.call._awaited
    with pytest.raises(SwitchGone):
        talk.call.command(commands.api("status"))
    with pytest.raises(SwitchGone):
        talk.call.run("playback", "late.wav")
    talk.call.execute("playback", "late.wav", "p9")
    talk.call.exit()
    talk.call.close()
    assert len(talk.gone) == 1


def test_a_late_callback_for_the_end_is_told_at_once(talk: Talk) -> None:
    talk.call.on_gone = None
    talk.peer.close()
    until(lambda: talk.call.sock.fileno() < 0)
    talk.call.on_gone = talk.gone.append
    talk.call.on_gone = talk.gone.append
    assert talk.gone == ["ended"]


@pytest.mark.parametrize(
    "broken",
    [
        b"no colon here\n\n",
        b"Caf\xe9 \xff\n\n",
        replies.command_reply("+OK stray"),
        replies.auth_request(),
        b"Content-Length: 9\nContent-Type: text/event-xml\n\n<event/>.",
        b"Content-Length: 3\nContent-Type: text/event-json\n\n{{{",
        b"Content-Length: x\nContent-Type: text/event-plain\n\n",
    ],
)
def test_broken_bytes_end_the_connection_and_say_so(talk: Talk, broken: bytes) -> None:
    """greenswitch: a line without colon, a Latin-1 byte or a stray reply killed the reader silently."""
    talk.call.handshake()
    talk.call.command(commands.api("status"))
    talk.peer.tell(complete("p1") + broken)
    until(lambda: talk.gone)
    assert talk.gone == ["broken"]
    assert len(talk.events) == 1  # what came before the break still counts
    assert not talk.call.connected


def test_a_latin_1_byte_in_a_value_harms_nobody(talk: Talk) -> None:
    talk.call.handshake()
    inner = b"Event-Name: DTMF\nUnique-ID: x\nCaller-Caller-ID-Name: Caf\xe9\n\n"
    talk.peer.tell(b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(inner) + inner)
    until(lambda: talk.events)
    assert talk.events[0].get("Caller-Caller-ID-Name") == "Caf\ufffd"


def test_encoded_newlines_forge_no_digit(talk: Talk) -> None:
    """greenswitch: the whole event was URL-decoded before it was split into lines."""
    talk.call.handshake()
    inner = b"Event-Name: DTMF\nUnique-ID: real\nX: a%0AUnique-ID: forged%0ADTMF-Digit: 9\nDTMF-Digit: 1\n\n"
    talk.peer.tell(b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(inner) + inner)
    until(lambda: talk.events)
    event = talk.events[0]
    assert (event.get("Unique-ID"), event.get("DTMF-Digit")) == ("real", "1")
    assert event.headers()["DTMF-Digit"] == "1"


def test_a_body_is_no_header(talk: Talk) -> None:
    """greenswitch: a body was parsed as headers."""
    talk.call.handshake()
    talk.peer.tell(
        replies.event({"Event-Name": "CUSTOM", "Unique-ID": "real"}, "Unique-ID: forged\n\nDTMF-Digit: 9")
    )
    until(lambda: talk.events)
    assert talk.events[0].get("Unique-ID") == "real"
    assert "DTMF-Digit" not in talk.events[0].headers()
    assert talk.events[0].body == b"Unique-ID: forged\n\nDTMF-Digit: 9"


def test_two_playbacks_complete_each_for_itself(talk: Talk) -> None:
    """greenswitch: a completion was matched by the application's name and released both waiters."""
    talk.call.handshake()
    first = gevent.spawn(talk.call.playback, "a.wav")
    until(lambda: len(talk.peer.heard) == 5)
    second = gevent.spawn(talk.call.playback, "b.wav")
    until(lambda: len(talk.peer.heard) == 6)
    uuids = [command.get("event-uuid", "") for command in talk.peer.heard[-2:]]
    talk.peer.tell(complete(uuids[1], Result="second"))
    second.join(2)
    assert second.value.headers["Result"] == "second"
    assert not first.ready()
    talk.peer.tell(complete("unknown") + complete("", "playback") + complete(uuids[0], Result="first"))
    first.join(2)
    assert first.value.headers["Result"] == "first"


def test_a_completion_counts_although_the_end_follows_at_once(talk: Talk) -> None:
    talk.call.handshake()
    waiting = gevent.spawn(talk.call.run, "hangup", "NORMAL_CLEARING")
    until(lambda: talk.peer.heard[-1].get("event-uuid"))
    event_uuid = talk.peer.heard[-1].get("event-uuid", "")
    talk.peer.tell(complete(event_uuid, "hangup") + replies.disconnect_notice(LEG))
    waiting.join(2)
    assert waiting.value.get("Application") == "hangup"
    assert talk.gone == ["disconnected"]


def test_a_waiter_out_of_time_is_forgotten(talk: Talk) -> None:
    """greenswitch: timed-out waiters stayed registered for ever."""
    talk.call.handshake()
    with pytest.raises(TimeoutError):
        talk.call.call_command("playback", "a.wav", block=True, response_timeout=0.05)
    assert not talk.call._awaited
    talk.peer.answers = lambda command: b""
    with pytest.raises(TimeoutError):
        talk.call.command(commands.api("status"), 0.05)
    talk.peer.answers = channel_answers
    talk.peer.tell(replies.api_response("late"))
    assert talk.call.command(commands.api("again")).body == b"+OK again"


def test_everything_is_written(talk: Talk) -> None:
    """greenswitch: `send` for `sendall` wrote 8 064 of 20 000 000 bytes."""
    talk.call.handshake()
    posted = [commands.api("echo", f"{n} " + "x" * 50_000) for n in range(15)]
    answers: list[AsyncResult] = [AsyncResult() for _ in posted]
    for command, answer in zip(posted, answers, strict=True):
        talk.call.post(command, on_reply=answer.set)
    gevent.wait(answers, timeout=5)
    assert [answer.value.body.split(b" ")[2] for answer in answers] == [b"%d" % n for n in range(15)]


def test_a_peer_that_reads_nothing_is_lost_within_a_bound(talk: Talk) -> None:
    talk.call.handshake()
    talk.peer.greenlet.kill()
    for _ in range(400):
        talk.call.post(commands.api("echo", "x" * 100_000))
    until(lambda: talk.gone)
    assert talk.gone == ["stalled"]
    assert talk.call._outbox.unsent == 0


@pytest.mark.parametrize("bad", ["a.wav\n\napi shutdown", "a\rb", "a\0b"])
def test_no_argument_becomes_a_command(talk: Talk, bad: str) -> None:
    """greenswitch: a newline in an argument injected commands."""
    talk.call.handshake()
    talk.call.command(commands.api("status"))
    before = len(talk.peer.heard)
    for attempt in (talk.call.playback, talk.call.execute, talk.call.hangup, talk.call.send):
        with pytest.raises(LocalWireError):
            attempt(bad)
    talk.call.command(commands.api("status"))
    assert len(talk.peer.heard) == before + 1
    assert not talk.call._awaited


def test_the_argument_travels_as_a_body(talk: Talk) -> None:
    talk.call.handshake()
    talk.call.execute("set", "a=b%0Ac: d", "p1")
    until(lambda: len(talk.peer.heard) == 5)
    told = talk.peer.heard[-1]
    assert (told.argument, told.get("execute-app-arg"), told.get("event-uuid")) == ("a=b%0Ac: d", None, "p1")


def test_a_silent_switch_ends_the_handshake() -> None:
    talk = Talk(lambda command: b"")
    with pytest.raises(TimeoutError):
        talk.call.handshake(timeout_s=0.05)
    until(lambda: talk.gone)
    assert talk.gone == ["closed"]
    talk.end()


def test_stop_is_prompt(talk: Talk) -> None:
    """greenswitch: stop() took 0.7 s."""
    talk.call.handshake()
    began = monotonic()
    talk.call.stop()
    assert monotonic() - began < 0.5
    assert talk.gone == ["closed"]


def test_a_callback_cannot_wait_for_its_own_connection(talk: Talk) -> None:
    caught: list[BaseException] = []

    def waits(event: object) -> None:
        try:
            talk.call.command(commands.api("status"))
        except LocalWireError as error:
            caught.append(error)

    talk.call.on_event = waits
    talk.call.handshake()
    talk.peer.tell(complete("p1"))
    until(lambda: caught)


def test_a_failing_callback_ends_nothing_and_logs_no_digits(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(event: object) -> None:
        raise ValueError("card 4111111111111111")

    talk.call.on_event = fails
    talk.call.handshake()
    with caplog.at_level(logging.DEBUG):
        talk.peer.tell(complete("p1"))
        assert talk.call.command(commands.api("status")).body
    assert "ValueError" in caplog.text
    assert "4111" not in caplog.text


def test_greenswitch_s_face_is_kept(talk: Talk) -> None:
    heard: list[str] = []
    talk.call.register_handle("DTMF", lambda event: heard.append(event.headers["DTMF-Digit"]))
    talk.call.connect()
    talk.call.answer()
    talk.call.hangup("USER_BUSY")
    talk.call.uuid_break()
    reply = talk.call.send("api status")
    assert reply.data == "+OK status"
    asked = gevent.spawn(talk.call.play_and_get_digits, 1, 2, 3, 4000, "#", "a.wav", "b.wav", "pin", "\\d+")
    until(lambda: talk.peer.heard[-1].get("execute-app-name") == "play_and_get_digits")
    assert talk.peer.heard[-1].argument == "1 2 3 4000 # a.wav b.wav pin \\d+ None None"
    talk.peer.tell(complete(talk.peer.heard[-1].get("event-uuid", ""), variable_pin="42"))
    talk.peer.tell(replies.event({"Event-Name": "DTMF", "DTMF-Digit": "7"}))
    asked.join(2)
    assert asked.value == "42"
    until(lambda: heard == ["7"])
    apps = [command.get("execute-app-name") for command in talk.peer.heard if command.verb == "sendmsg"]
    assert apps == ["answer", "hangup", "play_and_get_digits"]
    assert CHANNEL["Unique-ID"] in talk.peer.lines()[-3]

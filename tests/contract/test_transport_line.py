"""The control line, against an event socket made of our codec's other role, on real sockets."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from time import monotonic

import gevent
import pytest
from esl_peer import event_socket, job_done, line_answers, until
from gevent import socket
from gevent.server import StreamServer
from greenswitch.esl import InboundESL, NotConnectedError

from switch_app.esl import replies
from switch_app.esl.errors import LocalWireError
from switch_app.esl.wire import Command
from switch_app.switches.control_line import GONE, LATE, ControlLine
from switch_app.switches.errors import PasswordRefused, SwitchGone

Lines = Callable[..., ControlLine]


@pytest.fixture
def line_to() -> Iterator[Lines]:
    made: list[ControlLine] = []

    def make(port: int, **settings: object) -> ControlLine:
        made.append(ControlLine("127.0.0.1", port, "secret", timeout=1.0, **settings))
        return made[-1]

    yield make
    for line in made:
        line.stop()


def test_it_comes_up_logged_in_and_subscribed(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port, events=["CHANNEL_ANSWER", "sofia::register", "DTMF"])
        up: list[str] = []
        line.on_up = lambda: up.append(line.api("status"))
        line.start()
        until(lambda: up)
        assert up == ["+OK status"]
        assert peers[0].lines() == [
            "auth secret",
            "event plain BACKGROUND_JOB CHANNEL_ANSWER DTMF CUSTOM sofia::register",
            "api status",
        ]
        assert isinstance(line, InboundESL)
        line.subscribe(["CHANNEL_BRIDGE", "DTMF"])
        until(lambda: len(peers[0].heard) == 4)
        assert "CHANNEL_BRIDGE" in peers[0].lines()[3]


def test_many_greenlets_ask_at_once(line_to: Lines) -> None:
    with event_socket() as (port, _):
        line = line_to(port)
        line.connect()
        waiting = [gevent.spawn(line.api, "echo", str(n)) for n in range(200)]
        gevent.joinall(waiting, timeout=3, raise_error=True)
        assert [each.value for each in waiting] == [f"+OK echo {n}" for n in range(200)]


def test_an_answer_by_callback(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port)
        told: list[str] = []
        line.command("uuid_kill", "x", told.append)
        assert told == [GONE]  # never connected: nothing can be known
        line.connect()
        line.command("uuid_kill", "x", told.append)
        until(lambda: len(told) == 2)
        peers[0].answers = lambda command: replies.command_reply("-ERR permission denied")
        line.command("uuid_kill", "x", told.append)
        until(lambda: len(told) == 3)
        assert told[1:] == ["+OK uuid_kill x", "-ERR permission denied"]


def test_jobs_find_their_results_in_any_order(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port)
        jobs: list[tuple[str, str]] = []
        texts: list[str] = []
        events: list[str] = []
        line.on_job = lambda *job: jobs.append(job)
        line.on_event = lambda event: events.append(event.name)
        line.connect()
        peers[0].answers = lambda command: replies.bgapi_reply(command.get("job-uuid", ""))
        assert line.bgapi("originate", "user/1 &park()", "call:1") == "call:1"
        line.bgapi("originate", "user/2 &park()", "call:2", texts.append)
        until(lambda: len(peers[0].heard) == 4)
        peers[0].tell(
            job_done("call:2", "-ERR USER_BUSY\n") + job_done("foreign", "x") + job_done("call:1", "+OK 1\n")
        )
        until(lambda: len(jobs) == 2)
        assert jobs == [("call:2", "-ERR USER_BUSY\n"), ("call:1", "+OK 1\n")]
        assert texts == ["-ERR USER_BUSY\n"]
        assert events == ["BACKGROUND_JOB"]  # the foreign one
        peers[0].tell(job_done("call:1", "twice"))
        peers[0].answers = lambda command: replies.command_reply("-ERR permission denied")
        line.bgapi("originate", "x", "call:3", texts.append)
        until(lambda: len(texts) == 2)
        assert jobs[2:] == [("call:3", "-ERR permission denied")]


def test_a_job_without_a_result_ends_too(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port, keepalive_s=0.02)
        line.start()
        until(lambda: line.is_up)
        peers[0].answers = lambda command: replies.bgapi_reply(command.get("job-uuid", ""))
        texts: list[str] = []
        line.bgapi("originate", "x", on_text=texts.append, timeout_s=0.05)
        until(lambda: texts)
        line.bgapi("originate", "y", on_text=texts.append)
        until(lambda: peers[0].lines()[-1] == "bgapi originate y")
        peers[0].close()
        until(lambda: len(texts) == 2)
        assert texts == [LATE, GONE]


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_it_comes_back_after_every_end(line_to: Lines, ending: str) -> None:
    """greenswitch: no reconnection, and waiting greenlets for ever."""
    with event_socket() as (port, peers):
        line = line_to(port, events=["CHANNEL_ANSWER"])
        story: list[str] = []
        line.on_up = lambda: story.append("up")
        line.on_down = lambda reason: story.append("down")
        line.start()
        until(lambda: story == ["up"])
        peers[0].answers = lambda command: b""
        waiting = gevent.spawn(line.api, "status", "", 30)
        until(lambda: peers[0].lines()[-1] == "api status")
        began = monotonic()
        getattr(peers[0], ending)()
        waiting.join(1)
        assert type(waiting.exception) is SwitchGone
        until(lambda: story == ["up", "down", "up"])
        assert monotonic() - began < 1
        assert peers[1].lines()[1] == "event plain BACKGROUND_JOB CHANNEL_ANSWER"
        assert line.api("status") == "+OK status"


def test_the_back_off_grows(line_to: Lines) -> None:
    tries: list[float] = []

    def hangs_up(sock: socket.socket, _: object) -> None:
        tries.append(monotonic())
        sock.close()

    server = StreamServer(("127.0.0.1", 0), hangs_up)
    server.start()
    line = line_to(server.server_port)
    line.start()
    until(lambda: len(tries) == 4)
    with pytest.raises(SwitchGone):
        line.api("status")
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert [round(gap, 1) >= least for gap, least in zip(gaps, (0.1, 0.2, 0.4), strict=True)] == [True] * 3
    began = monotonic()
    line.stop()
    assert monotonic() - began < 0.6  # the next attempt would come after 0.8 s
    server.stop()


def test_while_the_switch_has_not_greeted_there_is_no_line(line_to: Lines) -> None:
    """In the middle of a reconnection a command is dropped like any other, and no bug of ours."""
    met: list[socket.socket] = []
    server = StreamServer(("127.0.0.1", 0), lambda sock, _: (met.append(sock), gevent.sleep(5)))
    server.start()
    line = line_to(server.server_port)
    line.start()
    until(lambda: len(met) == 1 and line.connected)
    texts: list[str] = []
    line.command("status", on_text=texts.append)
    assert texts == [GONE]
    with pytest.raises(SwitchGone):
        line.api("status")
    line.stop()
    server.stop(0.1)


def test_a_wrong_password_is_told_and_logged_once(line_to: Lines, caplog: pytest.LogCaptureFixture) -> None:
    def refuses(command: Command) -> bytes:
        return replies.command_reply("-ERR invalid") + replies.disconnect_notice()

    with event_socket(refuses) as (port, peers):
        line = line_to(port)
        with pytest.raises(PasswordRefused):
            line.connect()
        with pytest.raises(ValueError):  # greenswitch's own class for it
            line.connect()
        with caplog.at_level(logging.WARNING):
            line.start()
            until(lambda: len(peers) >= 4)
        assert caplog.text.count("refuses the password") == 1
        assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "greeting", [replies.rude_rejection(), b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 2000]
)
def test_what_is_no_event_socket_ends_in_time(line_to: Lines, greeting: bytes) -> None:
    with event_socket(greeting=greeting) as (port, _):
        line = line_to(port)
        line.timeout = 0.1
        with pytest.raises((NotConnectedError, TimeoutError)):
            line.connect()
        until(lambda: not line.connected)


def test_a_dead_peer_is_noticed(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port, keepalive_s=0.03, patience_s=0.1)
        down: list[str] = []
        line.on_down = down.append
        line.start()
        until(lambda: line.is_up)
        until(lambda: peers[0].lines().count("api status") >= 2)  # it asks for signs of life
        assert not down
        peers[0].answers = lambda command: b""
        until(lambda: down)
        assert down == ["silent"]


def test_a_slow_answer_is_not_a_dead_peer(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port, keepalive_s=0.03, patience_s=0.05)
        down: list[str] = []
        line.on_down = down.append
        line.start()
        until(lambda: line.is_up)
        peers[0].answers = lambda command: b""
        slow = gevent.spawn(line.api, "originate", "x", 2)
        began = monotonic()
        until(lambda: monotonic() - began > 0.3)  # six times its patience
        peers[0].tell(replies.api_response("+OK slow"))
        slow.join(1)
        assert (slow.value, down[1:]) == ("+OK slow", [])


def test_who_stood_still_blames_nobody(line_to: Lines) -> None:
    """The answer has come meanwhile, and so may have events: a new line would have missed them."""
    with event_socket() as (port, peers):
        line = line_to(port, keepalive_s=1.0, patience_s=0.2)
        down: list[str] = []
        line.on_down = down.append
        line.start()
        until(lambda: line.is_up)
        heard: list[str] = []
        gevent.sleep(0.9)  # the next look is near
        peers[0].answers = lambda command: b""
        line.command("status", on_text=heard.append)
        peers[0].tell(replies.api_response("+OK"))  # it lies there
        time.sleep(0.5)
        until(lambda: heard)
        gevent.sleep(0.01)
        assert heard == ["+OK"] and not down


def test_on_up_may_wait_and_still_be_followed_by_down(line_to: Lines) -> None:
    with event_socket() as (port, peers):
        line = line_to(port)
        story: list[str] = []

        def up() -> None:
            peers[0].answers = lambda command: b""
            peers[0].close()
            with pytest.raises(SwitchGone):
                line.api("status", "", 2)
            story.append("up")
            line.on_up = None

        line.on_up = up
        line.on_down = lambda reason: story.append("down")
        line.start()
        until(lambda: len(story) == 2)
        assert story == ["up", "down"]


@pytest.mark.parametrize("bad", ["x\n\napi shutdown", "x\rx", "x\0x"])
def test_no_argument_becomes_a_command(line_to: Lines, bad: str) -> None:
    with event_socket(line_answers) as (port, peers):
        line = line_to(port)
        line.connect()
        for attempt in (line.api, line.command, line.bgapi):
            with pytest.raises(LocalWireError):
                attempt("echo", bad)
        with pytest.raises(LocalWireError):
            line.bgapi("echo", "x", bad)
        assert line.api("status") == "+OK status"
        assert peers[0].lines()[-1] == "api status"
        assert len(line._jobs) == 0

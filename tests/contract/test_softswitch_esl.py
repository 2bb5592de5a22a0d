"""The Event Socket of the embedded switch, word by word as mod_event_socket.c and mod_commands.c say them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from softswitch_lab import PASSWORD, Lab, Line, Session, until
from softswitch_sip import Raw

from switch_app.esl import commands


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("switch"), inbound_burst=1000) as lab:
        yield lab


@pytest.fixture
def call(lab: Lab) -> Iterator[Callable[[], tuple[Raw, Session]]]:
    made: list[Raw] = []

    def make() -> tuple[Raw, Session]:
        phone = Raw(lab.sip_port)
        made.append(phone)
        phone.say(phone.request("INVITE", "4100", phone.sdp()))
        return phone, lab.session()

    yield make
    lab.esl.api("hupall")
    until(lambda: not lab.channels(), "no channel is left")
    for each in made:
        each.close()


# --- the listening side --------------------------------------------------------------------------------


def test_the_password(lab: Lab) -> None:
    line = Line(socket.create_connection(("127.0.0.1", lab.esl_port)))
    assert line.frame().content_type == "auth/request"
    assert line.ask(b"api status\n\n") == "-ERR command not found"
    assert line.ask(commands.auth(PASSWORD + "x")) == "-ERR invalid"
    assert line.reply().content_type == "text/disconnect-notice"
    with pytest.raises(AssertionError, match="closed"):
        line.frame()
    assert lab.control().ask(commands.exit_()) == "+OK bye"


def test_strangers_do_not_lock_out_the_application(lab: Lab) -> None:
    strangers = [socket.create_connection(("127.0.0.1", lab.esl_port)) for _ in range(60)]
    assert lab.control().api("uuid_exists", "x") == "false"
    for each in strangers:
        each.close()


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("nonsense", "-ERR command not found"),
        ("event plain", "-ERR no keywords supplied"),
        ("event plain NOTHING", "-ERR no keywords supplied"),
        ("event json CHANNEL_ANSWER", "+OK event listener enabled json"),
        ("event plain CHANNEL_ANSWER CUSTOM a::b", "+OK event listener enabled plain"),
        ("nixevent CHANNEL_ANSWER", "+OK events nixed"),
        ("noevents", "+OK no longer listening for events"),
        ("noevents", "-ERR not listening for events"),
        ("filter Unique-ID abc", "+OK filter added. [Unique-ID]=[abc]"),
        ("filter delete Unique-ID abc", "+OK filter deleted. [Unique-ID][abc]"),
        ("filter Unique-ID", "-ERR invalid syntax"),
        ("linger", "-ERR not controlling a session"),
        ("divert_events on", "-ERR not controlling a session."),
        ("sendmsg nobody\ncall-command: hangup", "-ERR invalid session id [nobody]"),
        ("myevents nobody", "-ERR invalid uuid"),
    ],
)
def test_replies(lab: Lab, command: str, reply: str) -> None:
    line = lab.control()
    if reply == "+OK no longer listening for events":
        line.ask(b"event plain ALL\n\n")
    assert line.ask(command.encode() + b"\n\n") == reply


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("nonsense a b", "-ERR nonsense Command not found!\n"),
        ("uuid_kill", "-USAGE: <uuid> [cause]\n"),
        ("uuid_kill nobody", "-ERR No such channel!\n"),
        ("uuid_exists nobody", "false"),
        ("uuid_bridge a b", "-ERR Invalid uuid\n"),
        ("uuid_getvar nobody x", "-ERR No such channel!\n"),
        ("uuid_setvar nobody x y", "-ERR No such channel!\n"),
        ("uuid_dump nobody", "-ERR No such channel!\n"),
        ("uuid_transfer nobody 1", "-ERR No such channel!\n"),
        ("uuid_broadcast nobody x", "-ERR invalid uuid\n"),
        ("uuid_record nobody start x.wav", "-ERR Cannot locate session!\n"),
        ("uuid_answer nobody", "-ERROR\n"),
        ("uuid_break nobody", "-ERR No such channel!\n"),
        ("show channels as json", '{"row_count": 0}\n'),
        ("show channels", "\n0 total.\n"),
        ("show channels as smoke", "-ERR Cannot find format smoke\n"),
        ("sofia_contact 1001", "error/user_not_registered"),
        ("originate user/1001 &park()", "-ERR USER_NOT_REGISTERED\n"),
        ("originate nonsense/1 &park()", "-ERR DESTINATION_OUT_OF_ORDER\n"),
        ("originate error/call_rejected &park()", "-ERR CALL_REJECTED\n"),
        ("global_getvar domain", "test.local"),
        ("reloadxml", "+OK [Success]\n"),
    ],
)
def test_api_output(lab: Lab, command: str, output: str) -> None:
    lab.esl.send(b"api " + command.encode() + b"\n\n")
    assert lab.esl.reply().body.decode() == output


def test_jobs(lab: Lab) -> None:
    line = lab.control()
    line.ask(commands.events(["BACKGROUND_JOB"]))
    line.send(commands.bgapi("status", "", "my-job"))
    reply = line.reply()
    assert (reply.get("Reply-Text"), reply.get("Job-UUID")) == ("+OK Job-UUID: my-job", "my-job")
    job = line.event("BACKGROUND_JOB")
    assert (job.get("Job-UUID"), job.get("Job-Command"), job.body[:2]) == ("my-job", "status", b"UP")


def test_an_originate_holds_up_its_own_line_only(lab: Lab) -> None:
    phone = Raw(lab.sip_port)
    phone.register("1001", "sip-secret")
    slow, fast = lab.control(), lab.control()
    slow.send(commands.api("originate", "{originate_timeout=1}user/1001 &park()") + commands.api("create_uuid"))
    phone.ok(phone.hear("^INVITE"), code="180 Ringing")
    began = time.monotonic()
    assert len(fast.api("create_uuid")) == 36
    assert time.monotonic() - began < 0.8  # the originate takes 1 s
    assert slow.reply().body == b"-ERR NO_ANSWER\n"
    assert len(slow.reply().body) == 36
    phone.register("1001", "sip-secret", expires="0")
    phone.close()


def test_events_of_the_switch_itself(lab: Lab) -> None:
    line = lab.control()
    line.ask(commands.events(["RELOADXML", "CUSTOM", "my::thing"], "json"))
    lab.esl.api("reloadxml")
    event = line.event("RELOADXML")
    assert event.get("Core-UUID") == lab.esl.api("global_getvar", "core_uuid")
    assert abs(int(event.get("Event-Date-Timestamp", "0")) / 1e6 - time.time()) < 5
    assert lab.esl.ask(b"sendevent CUSTOM\nEvent-Subclass: my::thing\nx-note: hello\n\n").startswith("+OK ")
    assert line.event("CUSTOM").get("X-Note") == "hello"


# --- the outbound socket -------------------------------------------------------------------------------


def test_the_connect_reply(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    _, session = call()
    data = session.data
    assert data
    wanted = {
        "Reply-Text": "+OK\n", "Socket-Mode": "async", "Control": "full", "Event-Name": "CHANNEL_DATA", "Channel-State": "CS_EXECUTE",
        "Call-Direction": "inbound", "Answer-State": "ringing", "Caller-Destination-Number": "4100", "Caller-Context": "inbound",
        "Caller-Caller-ID-Number": "13800000001", "Caller-Network-Addr": "127.0.0.1", "variable_direction": "inbound", "variable_sip_req_user": "4100",
        "variable_current_application": "socket", "Caller-Unique-ID": session.uuid, "variable_uuid": session.uuid, "Caller-Dialplan": "XML",
    }  # fmt: skip
    assert {name: data.get(name) for name in wanted} == wanted


def test_commands_of_a_session(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    phone, session = call()
    assert session.ask(b"getvar sip_req_user\n\n") == "4100"
    assert session.ask(b"linger 7\n\n") == "+OK will linger 7 seconds"
    assert session.ask(b"nolinger\n\n") == "+OK will not linger"
    assert session.ask(b"linger\n\n") == "+OK will linger"
    assert session.ask(b"myevents json\n\n") == "+OK Events Enabled"
    assert session.ask(b"myevents\n\n") == "-ERR aready enabled."
    assert session.ask(b"divert_events on\n\n") == "+OK events diverted"
    done = session.execute("multiset", "a=1 b='two words' c=3")
    assert done and [done.get(f"variable_{n}") for n in "abc"] == ["1", "two words", "3"]
    done = session.execute("set", "d=${a}-${sip_req_user}-${undefined}")
    assert done and done.get("variable_d") == "1-4100-"
    assert session.ask(commands.execute("answer", leg=session.uuid)).startswith("+OK")
    phone.learn(phone.hear("^SIP/2.0 200"))
    phone.ack("4100")
    phone.say(phone.request("BYE", "4100"))
    notice = session.reply()
    assert (notice.get("Content-Disposition"), notice.get("Linger-Time")) == ("linger", "-1")
    names = [session.event("CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY").name for _ in range(3)]
    assert names == ["CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY"]


def test_without_linger_the_connection_ends_with_the_call(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    _, session = call()
    session.send(commands.hangup("USER_BUSY"))
    assert session.reply().get("Reply-Text") == "+OK"
    notice = session.reply()
    assert notice.content_type == "text/disconnect-notice"
    assert notice.get("Controlled-Session-UUID") == session.uuid
    with pytest.raises(AssertionError, match="closed"):
        session.frame()


def test_hangup_refuses_with_the_causes_code(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    phone, session = call()
    session.send(commands.hangup("USER_BUSY"))
    assert 'cause=17;text="USER_BUSY"' in phone.hear("^SIP/2.0 486")


def test_an_unknown_application_ends_the_call(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    phone, session = call()
    session.begin()
    session.execute("no_such_application", wait=False)
    assert session.event("CHANNEL_HANGUP").get("Hangup-Cause") == "DESTINATION_OUT_OF_ORDER"
    phone.hear("^SIP/2.0 502")


def test_hostile_arguments_stay_arguments(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    _, session = call()
    session.begin()
    value = "x%0AEvent-Name: FORGED\tand \u202e ${uuid}"
    done = session.execute("set", f"note={value}")
    assert done
    assert done.get("variable_note") == value.replace("${uuid}", session.uuid)
    assert done.get("Event-Name") == "CHANNEL_EXECUTE_COMPLETE"
    lab.esl.api("uuid_setvar", f"{session.uuid} caller {value}")
    assert lab.esl.api("uuid_getvar", f"{session.uuid} caller") == value
    dumped = json.loads(lab.esl.api("uuid_dump", f"{session.uuid} json"))
    assert dumped["variable_caller"] == value


def test_show_channels_and_calls(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    (_, one), (_, two) = call(), call()
    for session in (one, two):
        session.begin().execute("answer")
    lab.esl.api("uuid_bridge", f"{one.uuid} {two.uuid}")
    rows = until(lambda: [r for r in lab.channels() if r["state"] == "CS_EXCHANGE_MEDIA"] and lab.channels(), "bridged")
    assert {row["uuid"]: row["callstate"] for row in rows} == {one.uuid: "ACTIVE", two.uuid: "ACTIVE"}
    assert {row["call_uuid"] for row in rows} == {one.uuid}
    calls = json.loads(lab.esl.api("show", "calls as json"))
    assert [(row["uuid"], row["b_uuid"]) for row in calls["rows"]] == [(one.uuid, two.uuid)]
    assert lab.esl.api("show", "channels count") == "2 total."
    assert lab.esl.api("uuid_getvar", f"{one.uuid} bridge_uuid") == two.uuid


def test_a_broken_application_ends_its_connection_only(lab: Lab, call: Callable[[], tuple[Raw, Session]]) -> None:
    _, session = call()
    session.send(b"sendmsg\nContent-Length: not-a-number\n\n")
    until(lambda: "connection closed" in lab.log.read_text(), "it is logged")
    assert lab.esl.api("uuid_exists", session.uuid) == "true"


def test_an_application_that_never_connects_is_given_up(lab: Lab) -> None:
    """Until then nothing of the dialplan goes on; with socket_resume the call is then sent to recover."""
    phone = Raw(lab.sip_port)
    phone.say(phone.request("INVITE", "4000", phone.sdp()))
    session = lab.session(start=False)
    assert lab.channels()[0]["application"] == "socket"
    session.close()
    again = lab.session()
    assert again.data and again.data.get("Caller-Destination-Number") == "recover"
    lab.esl.api("uuid_kill", again.uuid)
    phone.close()

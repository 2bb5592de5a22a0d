"""Both roles against each other: what one side writes, the other side reads, split anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.esl import commands, replies
from switch_app.esl.errors import LocalWireError, RemoteWireError
from switch_app.esl.wire import CommandReader, FrameReader

EVENT = {
    "Event-Name": "CHANNEL_EXECUTE_COMPLETE",
    "Unique-ID": "3f1c",
    "Application-UUID": "p/1",
    "variable_sip_from_display": "Li Léi\nUnique-ID: forged\n\n",
    "variable_empty": "",
}
STREAM = b"".join(
    (
        replies.auth_request(),
        replies.command_reply("+OK accepted"),
        replies.api_response("UP 0 years\nContent-Length: 5\n\nabc"),
        replies.event(EVENT),
        replies.event(EVENT, format="json"),
        replies.event({"Event-Name": "BACKGROUND_JOB", "Job-UUID": "j1"}, "+OK 1234\n"),
        replies.event({"Event-Name": "BACKGROUND_JOB", "Job-UUID": "j1"}, "+OK 1234\n", "json"),
        replies.connect_reply(EVENT),
        replies.linger_notice("3f1c", "sofia/inbound/1000", 30),
        replies.disconnect_notice("3f1c"),
        replies.rude_rejection(),
    )
)
TOLD = b"".join(
    (
        commands.connect(),
        commands.auth("secret"),
        commands.execute("playback", "a.wav!b.wav", event_uuid="p/1", lock=True),
        b"\r\n\n",
        commands.api("uuid_exists", "3f1c"),
        commands.bgapi("originate", "user/1001 &park()", "j1"),
        b"linger 5\r\nX: y\r\n\r\n",
        commands.exit_(),
    )
)


def frames(data: bytes, *cuts: int) -> list[tuple[str, dict[str, str], bytes]]:
    reader = FrameReader()
    pieces = [data[a:b] for a, b in zip((0, *cuts), (*cuts, len(data)), strict=True)]
    read = [frame for piece in pieces for frame in reader.feed(piece)]
    reader.eof()
    return [(frame.content_type, dict(frame.headers()), frame.body) for frame in read]


def told(data: bytes, *cuts: int) -> list[tuple[str, dict[str, str], bytes]]:
    reader = CommandReader()
    pieces = [data[a:b] for a, b in zip((0, *cuts), (*cuts, len(data)), strict=True)]
    read = [command for piece in pieces for command in reader.feed(piece)]
    reader.eof()
    return [(command.line, dict(command.headers()), command.body) for command in read]


def test_every_message_of_the_switch_is_read() -> None:
    assert [kind for kind, _, _ in frames(STREAM)] == [
        "auth/request",
        "command/reply",
        "api/response",
        "text/event-plain",
        "text/event-json",
        "text/event-plain",
        "text/event-json",
        "command/reply",
        "text/disconnect-notice",
        "text/disconnect-notice",
        "text/rude-rejection",
    ]


@pytest.mark.parametrize("read, data", [(frames, STREAM), (told, TOLD)])
def test_a_stream_split_at_any_byte_reads_the_same(read, data) -> None:
    whole = read(data)
    assert read(data, *range(1, len(data))) == whole
    for cut in range(1, len(data)):
        assert read(data, cut) == whole


def test_a_value_forges_no_header() -> None:
    for frame in FrameReader().feed(STREAM):
        if not frame.is_event and frame.get("Event-Name") is None:
            continue
        event = frame.event()
        if event.name == "BACKGROUND_JOB":
            assert (event.get("Job-UUID"), event.body) == ("j1", b"+OK 1234\n")
            continue
        assert event.get("Unique-ID") == "3f1c"
        assert event.get("variable_sip_from_display") == EVENT["variable_sip_from_display"]
        assert event.get("variable_empty") == ""
        assert event.get("variable_absent") is None
        assert event.get("variable_absent", "x") == "x"


def test_an_execute_carries_its_argument_as_a_body() -> None:
    [command] = CommandReader().feed(commands.execute("set", "a=b: c%0A", "3f1c", "e1"))
    assert (command.verb, command.args, command.argument) == ("sendmsg", "3f1c", "a=b: c%0A")
    assert command.get("Event-UUID") == "e1"
    assert command.get("execute-app-arg") is None


@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\0b", "\ud800"])
@pytest.mark.parametrize(
    "build",
    [
        commands.auth,
        lambda bad: commands.api("status", bad),
        lambda bad: commands.api(bad),
        lambda bad: commands.bgapi("originate", "x", bad),
        lambda bad: commands.execute("playback", bad),
        lambda bad: commands.execute(bad),
        lambda bad: commands.execute("playback", "x", bad),
        lambda bad: commands.execute("playback", "x", "", bad),
        lambda bad: commands.hangup(bad),
        lambda bad: commands.events([bad]),
        lambda bad: commands.filter("Unique-ID", bad),
        lambda bad: commands.filter(bad, "x"),
        lambda bad: commands.myevents(bad),
        lambda bad: commands.sendmsg({bad: "x"}),
        replies.command_reply,
        lambda bad: replies.linger_notice("x", bad),
        lambda bad: replies.event({bad: "x"}),
    ],
)
def test_builders_refuse_what_breaks_a_line(build, bad) -> None:
    with pytest.raises(LocalWireError):
        build(bad)


@pytest.mark.parametrize(
    "bad",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
        b"X" * 1025,
        b"Content-Length: -1\nContent-Type: text/event-plain\n\n",
        b"Content-Length: 99999999999\nContent-Type: text/event-plain\n\n",
        b"Content-Length: 1_0\nContent-Type: api/response\n\n",
        b"Content-Length: 99999999\nContent-Type: api/response\n\n",
        b"Content-Type: api/response\nContent-Length: 2\nContent-Length: 3\n\n",
        b"Reply-Text: +OK\n\n",
        b"A: b\n" + b"C: d\n" * 300_000,
    ],
)
def test_a_broken_switch_is_a_remote_error_for_ever(bad: bytes) -> None:
    reader = FrameReader()
    with pytest.raises(RemoteWireError) as caught:
        reader.feed(replies.auth_request() + bad)
    assert [frame.content_type for frame in caught.value.before] == ["auth/request"]
    with pytest.raises(RemoteWireError):
        reader.feed(replies.auth_request())
    with pytest.raises(RemoteWireError):
        reader.eof()


@pytest.mark.parametrize(
    "bad",
    [
        b"a" * 70_000,
        b"sendmsg\ncontent-length: x\n\n",
        b"x\ncontent-length: 1\nContent-Length: 2\n\n",
        b"a\0\n\n",
    ],
)
def test_a_broken_application_is_a_remote_error(bad: bytes) -> None:
    with pytest.raises(RemoteWireError):
        CommandReader().feed(bad)


def test_an_end_inside_a_message_is_told() -> None:
    reader = FrameReader()
    assert reader.feed(b"Content-Length: 10\nContent-Type: text/event-plain\n\nabc") == []
    with pytest.raises(RemoteWireError):
        reader.eof()


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
name = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True).filter(
    lambda name: name.lower() not in ("content-length", "content-type", "event-name", "reply-text", "_body")
)
values = st.dictionaries(name, text.filter(lambda value: value != "_undef_"), max_size=8)


@given(values, text.filter(bool), st.sampled_from(["plain", "json"]), st.integers(0, 400))
def test_any_event_comes_back_as_it_was(headers, body, format, cut) -> None:
    headers = {"Event-Name": "CUSTOM", **headers}
    raw = replies.event(headers, body, format)
    reader = FrameReader()
    [frame] = reader.feed(raw[:cut]) + reader.feed(raw[cut:])
    event = frame.event()
    assert {name: event.get(name) for name in headers} == headers
    assert event.body == body.encode()
    assert dict(event.headers()).items() >= headers.items()


@given(values)
def test_any_connect_reply_comes_back_as_it_was(headers) -> None:
    [frame] = FrameReader().feed(replies.connect_reply(headers))
    assert frame.get("Reply-Text") == "+OK\n"
    assert {name: frame.get(name) for name in headers} == headers


line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=80)


@given(line, line.filter(lambda value: value == value.lstrip(" ")), st.booleans())
def test_any_execute_comes_back_as_it_was(arg, event_uuid, lock) -> None:
    [command] = CommandReader().feed(commands.execute("playback", arg, "", event_uuid, lock))
    assert command.argument == arg
    assert command.get("event-uuid", "") == event_uuid
    assert command.get("event-lock") == ("true" if lock else None)

"""The codec on what a real FreeSWITCH wrote (corpus/README.md)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from switch_app.esl.conversation import Conversation, Said, State
from switch_app.esl.message import Event, Frame
from switch_app.esl.wire import FrameReader

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(CORPUS.glob("*.bin"))
APPLICATIONS = ["a1", "s1", "p1", "p2", "p3", "p4"]


def read(name: str, size: int = 1 << 20) -> list[Frame]:
    data = (CORPUS / f"{name}.bin").read_bytes()
    reader = FrameReader()
    frames = [
        frame for start in range(0, len(data), size) for frame in reader.feed(data[start : start + size])
    ]
    reader.eof()
    return frames


def events(name: str) -> list[Event]:
    return [frame.event() for frame in read(name) if frame.is_event]


def told(frames: list[Frame]) -> list[tuple[str, dict[str, str], bytes]]:
    return [(frame.content_type, dict(frame.headers()), frame.body) for frame in frames]


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_pieces_of_any_size_read_the_same(name: str) -> None:
    whole = told(read(name))
    for size in (1, 2, 3, 7, 61, 1448, 4096):
        assert told(read(name, size)) == whole


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reading_and_looking_up_agree(path: Path) -> None:
    for frame in read(path.stem):
        assert {name: frame.get(name) for name in frame.headers()} == dict(frame.headers())
        if frame.is_event:
            fresh, table = frame.event(), frame.event().headers()
            assert {name: fresh.get(name) for name in table} == dict(table)


@pytest.mark.parametrize(
    "name, outbound, last",
    [
        ("auth-refused", False, State.CLOSED),
        ("auth-exit", False, State.CLOSED),
        ("rude-rejection", False, State.CLOSED),
        ("api", False, State.OPEN),
        ("bgapi-plain", False, State.OPEN),
        ("bgapi-json", False, State.OPEN),
        ("log", False, State.OPEN),
        ("line", False, State.OPEN),
        ("call-plain", True, State.CLOSED),
        ("call-json", True, State.CLOSED),
        ("call-myevents", True, State.CLOSED),
    ],
)
def test_every_conversation_is_foreseen(name: str, outbound: bool, last: State) -> None:
    conversation: Conversation[int] = Conversation(outbound)
    replies = 0
    for number, frame in enumerate(read(name)):
        if frame.content_type in ("command/reply", "api/response"):
            conversation.asked(b"api x" if frame.content_type == "api/response" else b"x", number)
            assert conversation.received(frame) == (Said.REPLY, number)
            replies += 1
        else:
            assert conversation.received(frame)[1] is None
    assert conversation.state is last
    assert conversation.close() == []
    assert replies or name == "rude-rejection"


def test_the_log_in() -> None:
    asked, refused, ended = read("auth-refused")
    assert asked.content_type == "auth/request"
    assert refused.get("Reply-Text") == "-ERR invalid"
    assert ended.body.startswith(b"Disconnected, goodbye.")
    assert [frame.get("Reply-Text") for frame in read("auth-exit")[1:3]] == ["+OK accepted", "+OK bye"]


def test_api_output() -> None:
    bodies = [frame.body for frame in read("api") if frame.content_type == "api/response"]
    assert bodies[0].startswith(b"UP 0 years")
    assert bodies[1:6] == [
        b'{"row_count": 0}\n',
        b"-ERR no_such_command Command not found!\n",
        b"false",
        b"-ERR No such channel!\n",
        b"-ERR no reply\n",
    ]
    assert bodies[6] == b"a48f698e-e94a-48d3-ba43-bd7aca877b85"


@pytest.mark.parametrize("format", ["plain", "json"])
def test_background_jobs(format: str) -> None:
    jobs = events(f"bgapi-{format}")
    replies = [frame.get("Job-UUID") for frame in read(f"bgapi-{format}") if frame.get("Job-UUID")]
    assert [job.get("Job-UUID") for job in jobs] == replies
    assert replies[:2] == ["job-1", "call:1"]
    assert jobs[0].body.startswith(b"UP 0 years")
    assert [job.body for job in jobs[1:]] == [b"-ERR SUBSCRIBER_ABSENT\n", b"false"]
    assert jobs[1].get("Job-Command-Arg") == "user/nobody &park()"


def test_log_lines() -> None:
    lines = [frame for frame in read("log") if frame.content_type == "log/data"]
    assert [line.get("Log-Level") for line in lines] == ["4", "5"]
    assert lines[0].body.endswith(b"Can't find user [nobody@freeswitch.local]\n")


@pytest.mark.parametrize("format", ["plain", "json", "myevents"])
def test_a_whole_call(format: str) -> None:
    name = f"call-{format}"
    connected = read(name)[0]
    leg = connected.get("Unique-ID", "")
    assert (connected.content_type, connected.get("Reply-Text")) == ("command/reply", "+OK\n")
    assert (connected.get("Socket-Mode"), connected.get("Control")) == ("async", "full")
    assert connected.get("variable_interaction_id") == leg
    assert connected.get("Caller-Caller-ID-Name") == " forged | 李雷"
    heard = events(name)
    assert {event.get("Unique-ID") for event in heard} == {leg}
    done = [event for event in heard if event.name == "CHANNEL_EXECUTE_COMPLETE"]
    assert [
        event.get("Application-UUID") for event in done if event.get("Application") != "socket"
    ] == APPLICATIONS
    assert [event.get("Application-Response") for event in done[2:5]] == [
        "FILE PLAYED",
        "FILE NOT FOUND",
        "FILE PLAYED",
    ]
    assert done[1].get("Application-Data") == "note=x: y" + ("%0A" if format == "json" else "\n") + "z"
    assert [event.get("DTMF-Digit") for event in heard if event.name == "DTMF"] == ["5", "#"]
    names = [event.name for event in heard]
    assert names.index("CHANNEL_HANGUP") < names.index("CHANNEL_HANGUP_COMPLETE") == len(names) - 1
    assert heard[-1].get("Hangup-Cause") == "NORMAL_CLEARING"
    linger, ended = [frame for frame in read(name) if frame.content_type == "text/disconnect-notice"]
    assert (linger.get("Content-Disposition"), linger.body) == ("linger", b"")
    assert (ended.get("Content-Disposition"), ended.get("Controlled-Session-UUID")) == ("disconnect", leg)


@pytest.mark.parametrize("format", ["plain", "json"])
def test_a_hostile_header_stays_in_its_value(format: str) -> None:
    newline = "%0A" if format == "json" else "\n"
    hit = [event for event in events(f"call-{format}") if event.name != "DTMF"]
    assert len(hit) == 9
    for event in hit:
        assert event.get("variable_sip_h_X-Note") == f"a{newline}DTMF-Digit: 9 caf\ufffd"
        assert event.get("DTMF-Digit") is None
        assert "DTMF-Digit" not in event.headers()


def test_an_empty_value_is_empty_in_both_formats() -> None:
    [plain, json] = [read(f"call-{format}")[0] for format in ("plain", "json")]
    assert plain.get("variable_sip_h_X-None") is None
    assert {name for name, value in plain.headers().items() if value == "_undef_"} == set()
    assert plain.headers().keys() == json.headers().keys()


def test_the_control_line_sees_both_legs() -> None:
    assert Counter(event.name for event in events("line")) == {
        "CHANNEL_CREATE": 2,
        "CHANNEL_ANSWER": 2,
        "CHANNEL_HANGUP": 2,
        "CHANNEL_HANGUP_COMPLETE": 2,
    }

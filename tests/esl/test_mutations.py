"""Damaged bytes: the reader answers with messages or with RemoteWireError, never otherwise.

HOTLINE_FUZZ sets the number of mutations (default 20 000); the seed is fixed.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

from switch_app.esl import commands, replies
from switch_app.esl.errors import RemoteWireError
from switch_app.esl.message import Command, Frame
from switch_app.esl.wire import CommandReader, FrameReader

MUTATIONS = int(os.environ.get("HOTLINE_FUZZ", "20000"))
PIECES = (
    b"\n",
    b"\n\n",
    b"\r\n",
    b": ",
    b"\0",
    b"%0A",
    b"\xff",
    b"Content-Length: ",
    b"Content-Type: ",
    b"{",
    b'"',
    b"-1",
)
REAL = replies.event(
    {"Event-Name": "DTMF", "Unique-ID": "real", "DTMF-Digit": "1", "X": "%0AUnique-ID: forged"}
)


def frames_of_the_corpus() -> list[bytes]:
    """One frame each, small enough to be hit; from real recordings and from our own builders."""
    found = [REAL, replies.connect_reply({"Unique-ID": "real"}), replies.rude_rejection()]
    found += [
        replies.event({"Event-Name": "BACKGROUND_JOB", "Job-UUID": "j"}, "+OK\n", each)
        for each in ("plain", "json")
    ]
    for name in ("bgapi-plain", "bgapi-json", "api", "log", "auth-exit"):
        found.append((Path(__file__).parent / "corpus" / f"{name}.bin").read_bytes())
    return found


def damaged(data: bytes, random: Random) -> bytes:
    raw = bytearray(data)
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(raw) + 1)
        stop = start + random.choice((0, 0, 1, 1, 2, 9))
        new = random.choice(
            (b"", bytes((random.randrange(256),)), random.choice(PIECES), raw[start : start + 40])
        )
        raw[start:stop] = new
    return bytes(raw)


def look_at(frame: Frame) -> None:
    """All that an application does with a frame."""
    assert frame.get("Content-Type", "") is not None
    headers = frame.headers()
    assert all(isinstance(value, str) for value in headers.values())
    if frame.is_event:
        event = frame.event()
        assert isinstance(event.name, str)
        assert isinstance(event.body, bytes)
        assert all(event.get(name) is not None for name in event.headers())


def test_a_damaged_switch_stream_never_surprises() -> None:
    random = Random(20_261_123)
    seeds = frames_of_the_corpus()
    broken = read = 0
    for _ in range(MUTATIONS):
        data = damaged(random.choice(seeds), random) + REAL
        reader = FrameReader()
        cut = random.randrange(len(data))
        frames: list[Frame] = []
        try:
            for piece in (data[:cut], data[cut:]):
                frames += reader.feed(piece)
            reader.eof()
        except RemoteWireError as error:
            broken += 1
            frames += error.before  # type: ignore[arg-type]
        for frame in frames:
            read += 1
            try:
                look_at(frame)
            except RemoteWireError:
                broken += 1
    assert broken > MUTATIONS // 10
    assert read > MUTATIONS // 2


def test_damage_inside_a_body_reaches_no_other_message() -> None:
    random = Random(7)
    head_end = REAL.index(b"\n\n") + 2
    for _ in range(MUTATIONS // 10):
        body = bytearray(REAL[head_end:])
        for _ in range(random.randint(1, 5)):
            body[random.randrange(len(body))] = random.randrange(256)
        [hit, well] = FrameReader().feed(REAL[:head_end] + bytes(body) + REAL)
        look_at(hit)
        assert well.event().get("Unique-ID") == "real"
        assert well.event().headers()["DTMF-Digit"] == "1"


def test_damaged_commands_never_surprise() -> None:
    random = Random(42)
    seeds = [
        commands.connect() + commands.execute("playback", "a.wav", "leg", "e1"),
        commands.bgapi("originate", "user/1 &park()", "j") + commands.linger(5),
        b"api status\r\ncontent-length: 0\r\n\r\nfilter Unique-ID x\n\n",
    ]
    read = 0
    for _ in range(MUTATIONS):
        reader = CommandReader(max_head=4096, max_body=4096)
        found: list[Command] = []
        try:
            found += reader.feed(damaged(random.choice(seeds), random))
            reader.eof()
        except RemoteWireError as error:
            found += error.before  # type: ignore[arg-type]
        for command in found:
            read += 1
            assert "\n" not in command.line
            assert command.verb == command.verb.lower()
            assert isinstance(command.argument, str)
            assert all("\n" not in value for value in command.headers().values())
    assert read > MUTATIONS // 2

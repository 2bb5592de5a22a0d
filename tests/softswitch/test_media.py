"""G.711, tones, clips, playlists, telephone events and recordings, without a socket."""

from __future__ import annotations

import os
import resource
import struct
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.softswitch.loop import Timer
from switch_app.softswitch.media import g711
from switch_app.softswitch.media.clip import FRAME, BadAudio, Clip, Clips, read_wav
from switch_app.softswitch.media.dtmf import DigitReader, DigitWriter
from switch_app.softswitch.media.recorder import Recorder
from switch_app.softswitch.media.sources import Sounds, Source
from switch_app.softswitch.media.tones import render


class Clock:
    """A loop whose time stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 100.0
        self.timers: list[Timer] = []

    def now(self) -> float:
        return self.time

    def later(self, delay_s: float, call: Callable[..., object], *args: object) -> Timer:
        timer = Timer(self.time + delay_s, call, args)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        self.time += seconds
        for timer in [each for each in self.timers if each.due <= self.time]:
            self.timers.remove(timer)
            timer.call(*timer.args)


# --- G.711 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
def test_every_code_survives_decoding_and_encoding(law: g711.Law) -> None:
    codes = bytes(range(256))
    again = g711.encode(g711.decode(codes, law), law)
    assert g711.decode(again, law) == g711.decode(codes, law)


def test_known_values_of_itu_t_g711() -> None:
    """Both ends of each law (G.711, tables 1 and 2, scaled to 16 bits) and silence."""
    values = lambda codes, law: list(array("h", g711.decode(codes, law)))  # noqa: E731
    assert values(b"\x00\x80\xff\x7f", "PCMU") == [-32124, 32124, 0, 0]
    assert values(b"\xaa\x2a\xd5\x55", "PCMA") == [32256, -32256, 8, -8]


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=400), st.sampled_from(["PCMU", "PCMA"]))
def test_the_error_of_coding_is_small(samples: list[int], law: g711.Law) -> None:
    back = array("h", g711.decode(g711.encode(array("h", samples).tobytes(), law), law))
    for before, after in zip(samples, back, strict=True):
        assert abs(before - after) <= max(16, abs(before) // 24 + 8) or abs(before) > 32000


def test_one_law_to_the_other_is_nearly_the_same() -> None:
    codes = bytes(range(256))
    for source, target in (("PCMU", "PCMA"), ("PCMA", "PCMU")):
        before = array("h", g711.decode(codes, source))  # type: ignore[arg-type]
        after = array("h", g711.decode(g711.convert(codes, source, target), target))  # type: ignore[arg-type]
        assert all(abs(a - b) <= max(16, abs(a) // 16) for a, b in zip(before, after, strict=True))


def test_stereo_and_mix() -> None:
    left, right = g711.encode(array("h", [1000, -2000]).tobytes(), "PCMU"), g711.SILENCE["PCMU"][:2]
    pairs = array("h", g711.stereo(left, right, "PCMU"))
    assert list(pairs[1::2]) == [0, 0]
    assert [abs(a - b) < 40 for a, b in zip(pairs[0::2], (1000, -2000), strict=True)] == [True, True]
    loud = array("h", [32767, -32768]).tobytes()
    assert list(array("h", g711.mix(loud, loud))) == [32767, -32768]


# --- clips and sources ---------------------------------------------------------------------------------


def write(path: Path, samples: int, rate: int = 8000, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(samples * channels * width))
    return path


def test_a_clip_is_cut_in_frames_and_filled_up() -> None:
    clip = Clip(array("h", [1000] * 200).tobytes())
    assert (clip.samples, clip.frames) == (200, 2)
    last = clip.frame(1, "PCMU")
    assert len(last) == FRAME
    assert last[40:] == g711.SILENCE["PCMU"][40:]


def test_files_that_cannot_be_played(tmp_path: Path) -> None:
    for name, options in {
        "rate": {"rate": 16000},
        "width": {"width": 1},
        "channels": {"channels": 3},
    }.items():
        with pytest.raises(BadAudio):
            read_wav(write(tmp_path / f"{name}.wav", 100, **options))
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "cut.wav").write_bytes(write(tmp_path / "good.wav", 100).read_bytes()[:30])
    for name in ("text.wav", "cut.wav", "missing.wav"):
        with pytest.raises(BadAudio):
            Clips().load(tmp_path / name)


def test_a_changed_file_is_read_again_and_the_cache_is_bounded(tmp_path: Path) -> None:
    clips = Clips(limit_bytes=40_000)
    path = write(tmp_path / "a.wav", 8000)
    first = clips.load(path)
    assert clips.load(path) is first
    write(path, 16000)
    assert clips.load(path).samples == 16000
    for number in range(5):
        clips.load(write(tmp_path / f"{number}.wav", 8000))
    assert clips.load(path).samples == 16000
    assert clips._held <= 64_000


@pytest.fixture
def sounds(tmp_path: Path) -> Sounds:
    write(tmp_path / "one.wav", 320)
    write(tmp_path / "two.wav", 480)
    return Sounds(tmp_path)


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("one.wav", 2),
        ("file_string://one.wav!two.wav!silence_stream://40", 7),
        ("file_string://one.wav!missing.wav!http_cache://x!two.wav", 5),
        ("silence_stream://1000,1400", 50),
        ("tone_stream://%(40,20,440)", 3),
        ("tone_stream://%(40,20,440);loops=3", 9),
        ("tone_stream://L=2;%(20,20,350,440);v=-10;%(20,0,440)", 5),
        ("tone_stream://1;2", 20),
    ],
)
def test_lengths_of_what_is_played(sounds: Sounds, name: str, frames: int) -> None:
    source = sounds.open(name)
    played = 0
    while (frame := source.next("PCMA")) is not None:
        assert len(frame) == FRAME
        played += 1
    assert played == frames == source.played_frames


@pytest.mark.parametrize(
    "name",
    [
        "missing.wav", "../../etc/passwd", "tone_stream://", "tone_stream://%(a,b)", "tone_stream://%(99999999,0,440)", "silence_stream://x",
        "http_cache://x", "file_string://missing.wav!x://y", "file_string://", "a\0b.wav", "tone_stream://L=1000;%(1000,1000,440)",
    ],
)  # fmt: skip
def test_what_cannot_be_played(sounds: Sounds, name: str) -> None:
    with pytest.raises(BadAudio):
        sounds.open(name)


def test_endless_sources(sounds: Sounds) -> None:
    for source in (
        sounds.open("one.wav", endless=True),
        sounds.open("tone_stream://%(20,0,440);loops=-1"),
        sounds.open("local_stream://moh"),
    ):
        assert all(source.next("PCMU") for _ in range(500))
    assert Source([(None, 0)], -1).next("PCMU") is None


def test_a_minute_of_tone_is_rendered_at_once_and_pure() -> None:
    clip, loops = render("%(60000,0,437)")
    assert (clip.frames, loops) == (3000, 1)
    assert clip.frame(0, "PCMU") == clip.frame(2950, "PCMU")


# --- digits --------------------------------------------------------------------------------------------


def event(digit: int, duration: int, end: bool = False) -> bytes:
    return struct.pack("!BBH", digit, 0x80 if end else 0, duration)


@pytest.fixture
def reader() -> tuple[Clock, DigitReader, list[tuple[str, int]]]:
    clock, told = Clock(), list[tuple[str, int]]()
    return clock, DigitReader(clock, lambda digit, samples: told.append((digit, samples))), told  # type: ignore[arg-type]


def test_a_digit_is_told_once_at_its_end(reader: tuple[Clock, DigitReader, list[tuple[str, int]]]) -> None:
    _, digits, told = reader
    for duration in (160, 320, 480):
        digits.packet(1000, event(5, duration))
    assert told == []
    for _ in range(3):
        digits.packet(1000, event(5, 640, end=True))
    assert told == [("5", 640)]


def test_lost_ends_and_lost_begins(reader: tuple[Clock, DigitReader, list[tuple[str, int]]]) -> None:
    clock, digits, told = reader
    digits.packet(1000, event(11, 160))
    digits.packet(2000, event(10, 160))  # the next digit ends the one before
    assert told == [("#", 160)]
    clock.advance(0.2)  # silence ends it too
    assert told[1:] == [("*", 160)]
    digits.packet(1000, event(11, 320, end=True))  # comes late: told already
    digits.packet(3000, event(1, 800, end=True))  # only its end came through
    assert told[2:] == [("1", 800)]


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=12)), max_size=60))
def test_any_packets_make_no_more_digits_than_events(packets: list[tuple[int, bytes]]) -> None:
    clock, told = Clock(), list[str]()
    digits = DigitReader(clock, lambda digit, _: told.append(digit))  # type: ignore[arg-type]
    for timestamp, payload in packets:
        digits.packet(timestamp, payload)
    clock.advance(1)
    assert len(told) <= len(packets)
    assert all(digit in "0123456789*#ABCD" for digit in told)


def test_what_is_sent_is_understood() -> None:
    writer, clock, told = DigitWriter(), Clock(), list[str]()
    reader = DigitReader(clock, lambda digit, _: told.append(digit))  # type: ignore[arg-type]
    for digit in "19*#A":
        writer.queue(digit, 800)
    writer.queue("x")
    timestamp = 0
    while writer.busy:
        found = writer.next()
        if found:
            timestamp += 10_000 if found[0] else 0
            reader.packet(timestamp, found[1])
    assert "".join(told) == "19*#A"


# --- recordings ----------------------------------------------------------------------------------------


def test_a_disk_that_takes_a_part_only_ends_the_recording(tmp_path: Path) -> None:
    """os.write then gives a smaller number and no error: the file was said to be longer than it was."""
    clock = Clock()
    path = tmp_path / "cut.wav"
    recorder = Recorder(clock, path, "stereo", "PCMU")  # type: ignore[arg-type]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_044, hard))
        feed(clock, recorder, 3.0, heard=100, spoken=200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with wave.open(str(path)) as file:
        assert file.getnframes() == recorder.samples == 5000
    assert recorder.failed and path.stat().st_size == 20_044


def feed(clock: Clock, recorder: Recorder, seconds: float, heard: int = 0, spoken: int = 0) -> None:
    for _ in range(int(seconds * 50)):
        clock.advance(0.02)
        if heard:
            recorder.heard(g711.encode(array("h", [heard] * 160).tobytes(), "PCMU"), "PCMU")
        if spoken:
            recorder.spoken(g711.encode(array("h", [spoken] * 160).tobytes(), "PCMA"), "PCMA")


def channels(path: Path) -> list[array[int]]:
    with wave.open(str(path), "rb") as file:
        samples = array("h", file.readframes(file.getnframes()))
        return [samples[each :: file.getnchannels()] for each in range(file.getnchannels())]


def test_both_sides_stay_on_one_time_line(tmp_path: Path) -> None:
    """One second of the caller alone, one of both, one of the agent alone, one of nobody."""
    clock = Clock()
    recorder = Recorder(clock, tmp_path / "a" / "talk.wav", "stereo", "PCMU")  # type: ignore[arg-type]
    feed(clock, recorder, 1, heard=4000)
    feed(clock, recorder, 1, heard=4000, spoken=-6000)
    feed(clock, recorder, 1, spoken=-6000)
    feed(clock, recorder, 1)
    recorder.close()
    left, right = channels(tmp_path / "a" / "talk.wav")
    assert abs(len(left) - 32000) < 400
    for samples, loud in ((left, (0.5, 1.5)), (right, (1.5, 2.5))):
        for second in (0.5, 1.5, 2.5, 3.5):
            assert (abs(samples[int(second * 8000)]) > 3000) == (second in loud), (second, loud)
    assert recorder.samples == len(left)


def test_mask_keeps_the_time_and_pause_does_not(tmp_path: Path) -> None:
    for what, seconds in (("mask", 3.0), ("pause", 2.0)):
        clock = Clock()
        recorder = Recorder(clock, tmp_path / f"{what}.wav", "heard", "PCMU")  # type: ignore[arg-type]
        feed(clock, recorder, 1, heard=4000)
        if what == "mask":
            recorder.masked = True
        else:
            recorder.pause()
        feed(clock, recorder, 1, heard=4000)
        recorder.masked = False
        recorder.resume()
        feed(clock, recorder, 1, heard=4000)
        recorder.close()
        (samples,) = channels(tmp_path / f"{what}.wav")
        assert abs(len(samples) / 8000 - seconds) < 0.1
        assert (abs(samples[12000]) < 100) == (what == "mask")


def test_the_file_is_whole_before_it_is_closed(tmp_path: Path) -> None:
    """A killed switch leaves a recording that can be played, up to the last second."""
    clock = Clock()
    recorder = Recorder(clock, tmp_path / "live.wav", "mixed", "PCMA")  # type: ignore[arg-type]
    feed(clock, recorder, 2.5, heard=1000, spoken=2000)
    (samples,) = channels(tmp_path / "live.wav")
    assert 1.0 < len(samples) / 8000 <= 2.5
    assert abs(samples[6000] - 3000) < 200


def test_a_disk_that_is_full_from_the_begin() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError):
        Recorder(Clock(), Path("/dev/full"), "heard", "PCMU")  # type: ignore[arg-type]
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_disk_that_fills_up_ends_the_recording_only(tmp_path: Path) -> None:
    clock = Clock()
    recorder = Recorder(clock, tmp_path / "r.wav", "heard", "PCMU")  # type: ignore[arg-type]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limits[1]))
    try:
        feed(clock, recorder, 5, heard=1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert recorder.failed
    feed(clock, recorder, 1, heard=1000)
    recorder.close()
    assert 0.5 < len(channels(tmp_path / "r.wav")[0]) / 8000 < 2.5


def test_a_sender_that_is_too_fast_does_not_push_the_sides_apart(tmp_path: Path) -> None:
    clock = Clock()
    recorder = Recorder(clock, tmp_path / "fast.wav", "heard", "PCMU")  # type: ignore[arg-type]
    for _ in range(100):
        clock.advance(0.01)
        recorder.heard(g711.SILENCE["PCMU"], "PCMU")
    recorder.close()
    assert recorder.samples <= 8000 + 1600 + 160

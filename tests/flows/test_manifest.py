from __future__ import annotations

import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.core.flow.prompts import say
from switch_app.flowfiles.manifest import MOST_BYTES, built_file, load_manifest, read_entries


def wav(path, rate=8000, channels=1, width=2, frames=800):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(b"\0" * frames * channels * width)


def load(tmp_path, text):
    (tmp_path / "prompts.yml").write_text(text, encoding="utf-8")
    return load_manifest(tmp_path)


def test_recordings_are_found_by_the_texts_hash(tmp_path):
    wav(tmp_path / built_file("zh", "hello", "您好"))
    wav(tmp_path / "music" / "music.wav")
    manifest, problems = load(
        tmp_path, "hello: {zh: 您好}\nmusic: {file: music/music.wav}\nbeep: {file: 'tone:%(500,0,1000)'}\n"
    )
    assert problems == ()
    assert manifest.find("hello", "zh").file == built_file("zh", "hello", "您好")
    assert manifest.find("music", "en").file == "music/music.wav"
    assert manifest.find("beep", "en").file == "tone:%(500,0,1000)"


def test_a_prompt_without_a_recording_is_a_warning_at_its_place(tmp_path):
    manifest, (problem,) = load(tmp_path, "hello:\n  zh: 您好\n")
    assert (problem.severity, problem.line, problem.column) == ("warning", 2, 3)
    assert "hello (zh)" in problem.message and problem.hint == "hotline prompts build"
    assert manifest.sounds["hello"]["zh"].text == "您好" and manifest.find("hello", "zh") is None
    assert say(manifest, "zh", [("prompt", "hello")]).missing == (("hello", "zh"),)


def test_own_recordings_go_first_unless_they_can_not_be_played(tmp_path):
    built = built_file("en", "hello", "Hello")
    wav(tmp_path / built)
    wav(tmp_path / "own" / "en" / "hello.wav")
    manifest, problems = load(tmp_path, "hello: {en: Hello}\n")
    assert (manifest.find("hello", "en").file, problems) == ("own/en/hello.wav", ())
    wav(tmp_path / "own" / "en" / "hello.wav", rate=44100, channels=2)
    manifest, (problem,) = load(tmp_path, "hello: {en: Hello}\n")
    assert manifest.find("hello", "en").file == built
    assert "44100 Hz" in problem.message


@pytest.mark.parametrize("how", [{"rate": 16000}, {"width": 1}, {"channels": 2}, {"frames": 0}])
def test_recordings_of_another_form_are_not_played(tmp_path, how):
    wav(tmp_path / built_file("en", "hello", "Hello"), **how)
    manifest, problems = load(tmp_path, "hello: {en: Hello}\n")
    assert manifest.find("hello", "en") is None and len(problems) == 1


def test_garbage_is_not_played(tmp_path):
    path = tmp_path / built_file("en", "hello", "Hello")
    path.parent.mkdir()
    path.write_bytes(b"RIFF\0\0")
    assert len(load(tmp_path, "hello: {en: Hello}\n")[1]) == 1


@pytest.mark.parametrize(("text", "place", "words"), [
    ("- a\n", (1, 1), "mapping"), ("hello: there\n", (1, 8), "mapping"), ("hello: {zh: [a]}\n", (1, 13), "text"),
    ("hello: {zh: ''}\n", (1, 13), "text"), ("../evil: {zh: x}\n", (1, 1), "name"), ("a: {ZH!: x}\n", (1, 5), "language"),
    ("a: {file: ../../etc/passwd}\n", (1, 11), ".wav"), ("a: {file: /etc/x.wav}\n", (1, 11), ".wav"),
    ("a: {file: own/../../x.wav}\n", (1, 11), ".wav"), ("a: {zh: x}\na: {zh: y}\n", (2, 5), "twice"),
    ("a: {zh: x, zh: y}\n", (1, 12), "twice"), ("a: {zh: x\n", (2, 1), ""), ("a: \"\x07\"\n", (0, 0), ""),
    ("[" * 20_000, (0, 0), "deep"),
])  # fmt: skip
def test_mistakes_are_told_at_their_place(tmp_path, text, place, words):
    (tmp_path / "prompts.yml").write_text(text, encoding="utf-8")
    problem = read_entries(tmp_path)[1][0]
    assert (problem.line, problem.column) == place
    assert words in problem.message and problem.severity == "error"


def test_values_are_texts_whatever_they_look_like(tmp_path):
    (tmp_path / "prompts.yml").write_text(
        "yes: {en: on}\n10: {en: 010}\nno: {zh: 12:30:45}\n", encoding="utf-8"
    )
    entries, problems = read_entries(tmp_path)
    assert [(e.name, e.value) for e in entries] == [("yes", "on"), ("10", "010"), ("no", "12:30:45")]
    assert problems == ()


def test_an_absent_or_huge_file_is_a_problem(tmp_path):
    assert load_manifest(tmp_path)[1][0].rule == "prompts-unreadable"
    (tmp_path / "prompts.yml").write_bytes(b"#" * (MOST_BYTES + 1))
    assert load_manifest(tmp_path)[1][0].rule == "prompts-unreadable"
    (tmp_path / "prompts.yml").write_bytes(b"a: {zh: \xff}")
    assert load_manifest(tmp_path)[1][0].rule == "prompts-unreadable"


@given(st.text(max_size=80) | st.binary(max_size=80))
def test_no_file_raises(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("sounds")
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    (folder / "prompts.yml").write_bytes(data)
    load_manifest(folder)

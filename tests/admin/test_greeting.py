"""The emergency greeting's page: what is spoken and what is not, listening, and recordings that are uploaded."""

from __future__ import annotations

import io
import math
import shutil
import wave
from array import array
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from visiting import Browser, Centre

from crm_lite.admin.flows.views import next_showing
from switch_app.prompts import audio
from switch_app.speech.upload import LONGEST_S, MOST_BYTES

SPOKEN = "spoken/zh/" + "a1" * 16 + ".wav"
FORM = {
    "action": "set", "slot": "main", "prompt": "emergency_greeting", "text_zh": "", "text_en": "",
    "until": "2099-01-01T08:00",
}  # fmt: skip
needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="needs sox")


def sound(rate: int = 8000, width: int = 2, channels: int = 1, seconds: float = 1.0, amplitude: float = 0.5) -> bytes:
    """A WAV with a tone."""
    top = 256**width // 2 - 1
    frames = bytearray()
    for i in range(int(rate * seconds)):
        value = int(top * amplitude * math.sin(i * 2 * math.pi * 440 / rate))
        frames += (value + 128).to_bytes(1, "little") * channels if width == 1 else (
            value.to_bytes(width, "little", signed=True) * channels
        )  # fmt: skip
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(width)
        wav.setframerate(rate)
        wav.writeframes(bytes(frames))
    return file.getvalue()


def put_up(centre: Centre, browser: Browser, data: bytes, name: str = "a.wav", language: str = "zh") -> Any:
    return browser.post("/flows/greeting", **FORM, **{f"recording_{language}": (io.BytesIO(data), name)})


def told(centre: Centre) -> list[dict[str, Any]]:
    return [args for name, args in centre.calls.told if name == "greeting" and args["action"] == "set"]


def in_force(centre: Centre, **heard: dict[str, str]) -> None:
    centre.calls.greetings["main"] = {
        "prompt": "emergency_greeting", "text": {"zh": "今天<b>休息</b>", "en": "Closed"}, "until": 4070908800.0,
        "spoken": [], "heard": heard,
    }  # fmt: skip


def test_the_page_says_who_speaks_and_lets_listen(centre: Centre) -> None:
    (centre.folder / SPOKEN).parent.mkdir(parents=True)
    (centre.folder / SPOKEN).write_bytes(sound())
    in_force(
        centre,
        zh={"by": "voice", "file": SPOKEN, "problem": ""},
        en={"by": "prompt", "file": "", "problem": "no voice for <en> is here"},
    )
    browser = centre.of("supervisor").speak("en")
    page = browser.page("/flows")
    assert page.count("<audio") == 1 and 'src="/flows/greeting/main/zh.wav"' in page
    assert "spoken by the voice" in page and "今天&lt;b&gt;休息&lt;/b&gt;" in page
    assert "no voice for &lt;en&gt; is here" in page and "apt-get install espeak-ng sox" in page
    answer = browser.get("/flows/greeting/main/zh.wav")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/wav", sound())


def test_only_leaders_listen_and_only_to_greetings(centre: Centre) -> None:
    secret = centre.folder / "secrets.json"
    secret.write_text("{}")
    for file in ("secrets.json", "../secrets.json", "spoken/zh/../../secrets.json", "/etc/passwd", "recordings/i-1.wav"):
        in_force(centre, zh={"by": "voice", "file": file, "problem": ""})
        assert centre.of("admin").get("/flows/greeting/main/zh.wav").status_code == 404, file
    in_force(centre, zh={"by": "voice", "file": SPOKEN, "problem": ""})
    assert centre.of("admin").get("/flows/greeting/main/zh.wav").status_code == 404  # the file is gone
    assert centre.of("admin").get("/flows/greeting/other/zh.wav").status_code == 404
    assert centre.of("agent").get("/flows/greeting/main/zh.wav").status_code == 403
    assert centre.browser().get("/flows/greeting/main/zh.wav").status_code == 303


def test_the_form_has_a_voice_or_its_remedy_for_each_language(centre: Centre) -> None:
    centre.calls.answers["greeting"] = {"greetings": {}, "voices": {"zh": "espeak", "en": ""}}
    page = centre.of("supervisor").speak("en").page("/flows")
    assert "The voice espeak speaks it." in page and page.count("There is no voice for this language") == 1
    assert page.count('type="file"') == 2 and 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize(
    "form", [{}, *(pytest.param(form, marks=needs_sox) for form in (
        {"rate": 44100, "channels": 2}, {"rate": 16000}, {"width": 1}, {"rate": 48000, "width": 3},
        {"width": 4, "rate": 11025},
    ))]
)  # fmt: skip
def test_an_upload_is_kept_in_the_form_of_the_prompts(centre: Centre, form: dict[str, int]) -> None:
    assert put_up(centre, centre.of("supervisor"), sound(**form)).status_code == 303
    [recordings] = [args["recordings"] for args in told(centre)]
    assert list(recordings) == ["zh"]
    path = centre.folder / "greetings" / f"{recordings['zh']}.wav"
    samples, rate = audio.load(path)
    assert rate == 8000 and 0.9 < len(samples) / rate < 1.2
    assert audio.active_level(samples) == pytest.approx(audio.TARGET_RMS_DB, abs=1.5)
    assert [each.suffix for each in path.parent.iterdir()] == [".wav"]


def broken() -> dict[str, tuple[bytes, str]]:
    whole = sound()
    law = bytearray(whole)
    law[20:22] = b"\x06\x00"  # A-law, says its head
    return {
        "text": (b"not a sound at all", "PCM"),
        "empty": (b"", "PCM"),
        "mp3": (b"ID3\x04" + bytes(200), "PCM"),
        "half a head": (whole[:30], "PCM"),
        "a-law": (bytes(law), "PCM"),
        "silent": (sound(amplitude=0.0), "nothing to be heard"),
        "short": (sound(seconds=0.1), "nothing to be heard"),
        "long": (sound(seconds=LONGEST_S + 1), f"longer than {LONGEST_S} s"),
        "large": (bytes(MOST_BYTES + 1), "larger than 12 MB"),
        "six channels": (sound(channels=6, seconds=0.5), "PCM"),
    }


@pytest.mark.parametrize("case", broken())
def test_what_is_no_recording_is_refused_at_its_field(centre: Centre, case: str) -> None:
    data, reason = broken()[case]
    answer = put_up(centre, centre.of("supervisor").speak("en"), data, "x.wav", "en")
    assert answer.status_code == 422 and reason in answer.text and 'id="e-recording_en"' in answer.text
    assert told(centre) == [] and list((centre.folder / "greetings").glob("*")) == []


def test_a_file_name_names_nothing(centre: Centre) -> None:
    assert put_up(centre, centre.of("supervisor"), sound(), "../../secrets.json").status_code == 303
    assert {path.parent.name for path in centre.folder.rglob("*.wav")} == {"greetings", "recordings"}


def test_other_pages_keep_the_small_limit_and_strangers_upload_nothing(centre: Centre) -> None:
    browser = centre.of("admin")
    large = (io.BytesIO(bytes(300_000)), "x.wav")
    assert browser.post("/flows/reload", file=large).status_code == 413
    assert browser.post("/flows/greeting", **FORM, file=(io.BytesIO(bytes(27_000_000)), "x.wav")).status_code == 413
    assert put_up(centre, centre.of("agent"), sound()).status_code == 403
    assert put_up(centre, centre.browser(), sound()).status_code == 303 and told(centre) == []


def test_without_sox_the_right_form_still_works(centre: Centre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    browser = centre.of("supervisor").speak("en")
    answer = put_up(centre, browser, sound(rate=16000))
    assert answer.status_code == 422 and "apt-get install sox" in answer.text
    assert put_up(centre, browser, sound()).status_code == 303


def test_samples_of_the_tone_are_16_bit() -> None:
    with wave.open(io.BytesIO(sound())) as wav:
        assert max(array("h", wav.readframes(8000))) == pytest.approx(16383, abs=20)


@pytest.mark.parametrize(
    "now, until, ends",
    [
        ("2026-10-24T22:00", "2026-10-25T02:30", "2026-10-25T00:30"),  # before the hour that comes twice
        ("2026-10-25T00:10", "2026-10-25T02:30", "2026-10-25T00:30"),  # in its first: 02:10
        ("2026-10-25T00:40", "2026-10-25T02:30", "2026-10-25T01:30"),  # still in its first: 02:40
        ("2026-10-25T01:10", "2026-10-25T02:30", "2026-10-25T01:30"),  # in its second: 02:10
        ("2026-10-25T01:40", "2026-10-25T02:30", None),
        ("2026-03-28T22:00", "2026-03-29T02:30", "2026-03-29T01:30"),  # left out: 03:30
        ("2026-03-29T01:10", "2026-03-29T03:00", None),
        ("2026-11-23T09:00", "2026-11-23T10:00", None),
        ("2026-11-23T08:59", "2026-11-23T10:00", "2026-11-23T09:00"),
    ],
)
def test_a_greeting_ends_when_the_clock_shows_it_next(now: str, until: str, ends: str | None) -> None:
    """In Berlin, where 02:30 comes twice in October and not at all in March; now and ends are UTC."""
    at, end = (each and datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() for each in (now, ends))
    assert at and next_showing(datetime.fromisoformat(until), ZoneInfo("Europe/Berlin"), at) == end

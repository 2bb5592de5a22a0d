from __future__ import annotations

import wave
from io import BytesIO

import furnished
import pytest
from visiting import Browser, Centre

PATH = furnished.RECORDING


@pytest.fixture
def browser(centre: Centre) -> Browser:
    return centre.of("supervisor")


def test_the_page_offers_what_is_there(browser: Browser) -> None:
    assert f'<audio controls preload="metadata" src="{PATH}">' in browser.page("/interactions/i-1")
    assert "<audio" not in browser.page("/interactions/i-2")


def test_the_whole_sound(browser: Browser) -> None:
    answer = browser.get(PATH)
    assert (answer.status_code, answer.mimetype, answer.headers["Accept-Ranges"]) == (
        200,
        "audio/wav",
        "bytes",
    )
    with wave.open(BytesIO(answer.data)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (2, 8000, 16000)


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-99", 0, 100), ("bytes=1000-", 1000, None), ("bytes=-44", -44, None)]
)
def test_a_range(browser: Browser, asked: str, start: int, end: int | None) -> None:
    whole = browser.get(PATH).data
    answer = browser.get(PATH, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == whole[start:end]
    first = start if start >= 0 else len(whole) + start
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.data) - 1}/{len(whole)}"


def test_a_range_beyond_the_end(browser: Browser) -> None:
    assert browser.get(PATH, headers={"Range": "bytes=9999999-"}).status_code == 416


def test_a_file_that_is_gone_is_404(centre: Centre, browser: Browser) -> None:
    (centre.folder / "recordings" / "i-1.wav").unlink()
    assert browser.get(PATH).status_code == 404

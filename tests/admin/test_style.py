"""The stylesheet and scripts: readable contrast in both appearances (WCAG 2.2 AA), nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crm_lite.admin import words

STATIC = Path(words.__file__).parent / "common" / "static"
CSS = (STATIC / "hotline.css").read_text("utf-8")
BLOCKS = re.findall(r"(:root[^{]*)\{([^}]*)\}", CSS)

# What is written on what.
PAIRS = [
    ("text", "ground"), ("text", "card"), ("text", "sunken"), ("faint", "ground"), ("faint", "card"), ("faint", "sunken"),
    ("link", "card"), ("link", "ground"), ("link", "sunken"), ("brand-text", "brand"), ("text", "brand-soft"),
    ("good", "good-soft"), ("warn", "warn-soft"), ("bad", "bad-soft"), ("busy", "busy-soft"), ("gold", "gold-soft"),
    ("text", "grey-soft"), ("bad", "card"), ("warn", "card"), ("text", "good-soft"), ("text", "warn-soft"),
    ("text", "bad-soft"), ("text", "busy-soft"), ("faint", "good-soft"), ("faint", "warn-soft"), ("faint", "busy-soft"),
]  # fmt: skip


def colours(selector: str) -> dict[str, str]:
    body = next(body for name, body in BLOCKS if name.strip() == selector)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


LIGHT, DARK = colours(":root"), colours(':root[data-theme="dark"]')


@pytest.mark.parametrize("appearance", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(appearance: dict[str, str]) -> None:
    weak = {pair: round(contrast(appearance[pair[0]], appearance[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("appearance", [LIGHT, DARK], ids=["light", "dark"])
def test_focus_can_be_seen(appearance: dict[str, str]) -> None:
    for ground in ("card", "ground", "sunken"):
        assert contrast(appearance["brand"], appearance[ground]) >= 3


def test_dark_by_system_and_by_choice_are_the_same() -> None:
    assert colours(':root:not([data-theme="light"])') == DARK
    assert DARK.keys() == LIGHT.keys()


def test_nothing_comes_from_elsewhere() -> None:
    for path in STATIC.iterdir():
        text = path.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?://|//cdn|@import|url\(", text), path
        assert len(text) < 40_000, path


def test_scripts_make_no_code_of_text() -> None:
    for path in STATIC.glob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text
        ), path
        assert "use strict" in text


def test_every_variable_exists() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= LIGHT.keys() | {"font", "mono", "shadow"}

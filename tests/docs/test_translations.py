"""Every text that a caller hears or a page shows exists in Chinese and in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"zh", "en"}
# Numerals, money, dates and times are put together differently: these parts one language alone has.
ONE_LANGUAGE = re.compile(
    r"/((minute|hour|inner|thousand|wan|yi|jiao|fen)_\d+|wan|yi|liang|year|sharp"
    r"|and|hundred|thousand|million|billion|oh|am|pm|noon|midnight): (zh|en)"
)


def plain(path: Path):
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def lacking(tree, where: str = "") -> list[str]:
    """Places with a text in one language and none, or an empty one, in another."""
    if not isinstance(tree, dict):
        return []
    if LANGUAGES & set(tree):
        return [f"{where}: {language}" for language in sorted(LANGUAGES) if not str(tree.get(language, "")).strip()]
    return [place for key, value in tree.items() for place in lacking(value, f"{where}/{key}")]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=str(path.relative_to(ROOT)))
        for path in sorted(
            [ROOT / "sounds" / "prompts.yml", *ROOT.glob("conf/queues.yml"), *ROOT.glob("ivr_flows/*.yml"),
             *ROOT.glob("crm_lite/**/words.yml")]
        )
    ],
)  # fmt: skip
def test_it_is_in_both_languages(path):
    assert [place for place in lacking(plain(path)) if not ONE_LANGUAGE.fullmatch(place)] == []


def test_a_missing_text_would_be_seen():
    assert lacking({"a": {"b": {"zh": "好"}, "c": {"zh": "好", "en": " "}, "d": {"file": "x"}}}) == ["/a/b: en", "/a/c: en"]

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from switch_app.core.flow.prompts import MISSING_TONE, Manifest, Said, Sound, fragments, say, text_hash
from switch_app.core.plain import from_json, to_json

PROMPTS = yaml.load(
    (Path(__file__).parents[2] / "sounds" / "prompts.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader
)
MANIFEST = Manifest(
    {
        name: {lang: Sound(f"{lang}/{name}.wav", text) for lang, text in texts.items() if lang != "file"}
        for name, texts in PROMPTS.items()
    }
)


def heard(language: str, *parts: tuple[str, object]) -> str:
    """The texts of the recordings that are played."""
    said = say(MANIFEST, language, parts)
    assert said.missing == ()
    names = [re.fullmatch(r"../(\w+)\.wav", sound)[1] for sound in said.sounds]
    return ("" if language == "zh" else " ").join(PROMPTS[name][language] for name in names)


# --- readers of the written-out numbers, independent of the code under test -----------------------------
def zh_value(text: str) -> int:
    total = group = digit = 0
    for c in text.replace("两", "二"):
        if c in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(c)
        elif c in "十百千":
            group += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[c]
            digit = 0
        else:
            unit = {"万": 10**4, "亿": 10**8}[c]
            total = (total + group + digit) * unit if c == "亿" else total + (group + digit) * unit
            group = digit = 0
    return total + group + digit


ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def en_value(text: str) -> int:
    total = group = 0
    for word in text.replace("-", " ").split():
        if word in ONES:
            group += ONES.index(word)
        elif word in TENS:
            group += 20 + 10 * TENS.index(word)
        elif word == "hundred":
            group *= 100
        elif word != "and":
            total += group * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word]
            group = 0
    return total + group


NUMBERS = st.one_of(
    st.integers(0, 10**12 - 1),
    st.integers(0, 200),
    st.lists(st.sampled_from("00123459"), min_size=1, max_size=12).map(lambda d: int("".join(d))),
)


@given(NUMBERS)
def test_every_number_says_itself_in_recorded_fragments(n):
    assert zh_value(heard("zh", ("number", n))) == n
    assert en_value(heard("en", ("number", n))) == n


@given(NUMBERS)
def test_chinese_zeros_stand_where_places_are_empty(n):
    text = heard("zh", ("number", n))
    assert "零零" not in text and (n == 0 or not text.startswith("零")) and (n == 0 or not text.endswith("零"))
    assert not re.search("零[十百千万亿]", text)
    assert not re.search("[百千万亿零]十", text)  # 一十五 there


@pytest.mark.parametrize(("n", "zh", "en"), [
    (0, "零", "zero"), (2, "二", "two"), (10, "十", "ten"), (12, "十二", "twelve"), (22, "二十二", "twenty-two"),
    (100, "一百", "one hundred"), (105, "一百零五", "one hundred and five"), (110, "一百一十", "one hundred and ten"),
    (115, "一百一十五", "one hundred and fifteen"), (200, "两百", "two hundred"), (222, "两百二十二", None),
    (1000, "一千", "one thousand"), (1005, "一千零五", "one thousand and five"), (1050, "一千零五十", None),
    (1015, "一千零一十五", "one thousand and fifteen"), (2002, "两千零二", None), (1234, "一千两百三十四",
     "one thousand two hundred and thirty-four"), (10000, "一万", "ten thousand"), (12345, "一万两千三百四十五", None),
    (20000, "两万", "twenty thousand"), (100000, "十万", "one hundred thousand"), (100015, "十万零一十五", None),
    (120000, "十二万", None), (10_050_000, "一千零五万", "ten million fifty thousand"), (100_005_000, "一亿零五千", None),
    (200_000_000, "两亿", "two hundred million"), (1_000_150_000, "十亿零一十五万", None),
    (1_000_001, "一百万零一", "one million and one"),
])  # fmt: skip
def test_numbers(n, zh, en):
    assert heard("zh", ("number", n)) == zh
    assert en is None or heard("en", ("number", n)) == en


@pytest.mark.parametrize(("part", "zh", "en"), [
    (("number", "-12.5"), "负十二点五", "minus twelve point five"),
    (("number", 3.0), "三", "three"),
    (("digits", "A10-0 8"), "幺零零八", "one zero zero eight"),
    (("quantity", 2), "两", "two"),
    (("amount", "123.45"), "一百二十三元四角五分", "one hundred and twenty-three point four five yuan"),
    (("amount", "100.05"), "一百元零五分", "one hundred point zero five yuan"),
    (("amount", "2"), "两元", "two yuan"), (("amount", 0), "零元", "zero yuan"),
    (("amount", "0.20"), "两角", "zero point two zero yuan"), (("amount", "0.05"), "五分", None),
    (("amount", "-7.5"), "负七元五角", "minus seven point five zero yuan"), (("amount", "1.005"), "一元零一分", None),
    (("date", "2026-11-23"), "二零二六年十一月二十三日", "November twenty-third twenty twenty-six"),
    (("date", "2005-02-01T10:00:00"), "二零零五年二月一日", "February first two thousand and five"),
    (("date", "1905-01-31"), None, "January thirty-first nineteen oh five"),
    (("date", "1900-01-31"), None, "January thirty-first nineteen hundred"),
    (("time", "18:30"), "十八点三十分", "six thirty p.m."), (("time", "09:00"), "九点整", "nine a.m."),
    (("time", "02:05"), "两点零五分", "two oh five a.m."), (("time", "00:00"), "零点整", "midnight"),
    (("time", "12:00"), "十二点整", "noon"), (("time", "00:15"), "零点十五分", "twelve fifteen a.m."),
    (("position", 1), "您是下一位，请稍候。", "You are next in the queue."),
    (("position", 3), "您前面还有两位客户在等候。", "You are number three in the queue."),
    (("position", 24), "您前面还有二十三位客户在等候。", "You are number twenty-four in the queue."),
    (("minutes", 1), "一分钟", "one minute"), (("minutes", 2), "两分钟", "two minutes"),
    (("minutes", 95), "九十五分钟", "ninety-five minutes"),
])  # fmt: skip
def test_values(part, zh, en):
    assert zh is None or heard("zh", part) == zh
    assert en is None or heard("en", part) == en


@given(st.dates(), st.times(), st.decimals(-(10**9), 10**9, places=2), st.integers(0, 10**6))
def test_every_value_is_in_recorded_fragments(day, time, money, count):
    parts = [("date", day.isoformat()), ("time", time.strftime("%H:%M")), ("amount", str(money))]
    parts += [("position", count), ("minutes", count), ("quantity", count)]
    for language in ("zh", "en"):
        said = say(MANIFEST, language, parts)
        assert said.missing == ()
        assert {Path(sound).stem for sound in said.sounds} <= fragments(language)


def test_each_fragment_has_a_text_in_its_language():
    for language in ("zh", "en"):
        assert [name for name in fragments(language) if language not in PROMPTS.get(name, {})] == []
    assert fragments("tlh") == frozenset()


def test_what_is_missing_is_a_tone_and_is_reported_once():
    manifest = Manifest({"hello": {"zh": Sound("zh/hello.wav", "您好"), "en": Sound("", "Hello")}})
    parts = [("prompt", "hello"), ("prompt", "nobody"), ("prompt", "nobody"), ("silence", 200)]
    assert say(manifest, "zh", parts) == Said(
        ("zh/hello.wav", MISSING_TONE, MISSING_TONE, "silence:200"), (("nobody", "zh"),)
    )
    assert say(manifest, "en", [("prompt", "hello")]) == Said((MISSING_TONE,), (("hello", "en"),))
    assert say(manifest, "yue", [("number", 3)]) == Said((MISSING_TONE,), (("number:3", "yue"),))


@given(
    st.sampled_from("prompt digits number quantity amount date time position minutes silence text oops".split()),
    st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.binary(), st.lists(st.integers())),
)
def test_no_value_raises_or_is_silent(kind, value):
    said = say(MANIFEST, "zh", [[kind, value]])  # lists, as they come back from the journal
    assert said.sounds
    assert all(re.fullmatch(r"zh/\w+\.wav|silence:\d+", s) or s == MISSING_TONE for s in said.sounds)
    assert len(said.sounds) <= 64


@pytest.mark.parametrize("value", ["9" * 400, "1e400", "1e-400", "nan", "inf", "-0", Decimal("1e50"), "１２", "٣", 10**12])
def test_absurd_numbers_are_bounded(value):
    for kind in ("number", "amount", "minutes", "position", "digits"):
        for language in ("zh", "en"):
            assert 0 < len(say(MANIFEST, language, [(kind, value)]).sounds) <= 64


def test_a_text_is_found_by_its_words():
    manifest = Manifest({"hello": {"en": Sound("en/hello.wav", "Hello, world.")}})
    assert say(manifest, "en", [("text", " Hello,\n world. ")]).sounds == ("en/hello.wav",)
    assert say(manifest, "zh", [("text", "Hello, world.")]).missing == (("text:Hello, world.", "zh"),)
    assert text_hash("a  b") == text_hash("a b") != text_hash("ab")


def test_tones_and_music_serve_all_languages():
    manifest = Manifest({"beep": {"*": Sound("tone:%(500,0,1000)")}})
    assert say(manifest, "yue", [("prompt", "beep")]).sounds == ("tone:%(500,0,1000)",)


def test_a_manifest_survives_the_journal_and_is_named_by_its_content():
    again = from_json(Manifest, to_json(MANIFEST))
    assert again == MANIFEST and again.hash == MANIFEST.hash
    reordered = Manifest(dict(reversed(MANIFEST.sounds.items())))
    assert reordered.hash == MANIFEST.hash
    assert Manifest({**MANIFEST.sounds, "x": {"en": Sound("en/x.wav", "x")}}).hash != MANIFEST.hash


@pytest.mark.parametrize(
    "value, zh, en",
    [
        ("-1000000000000", "负幺" + "零" * 12, "minus one" + " zero" * 12),
        ("-" + "2" * 30, "负" + "二" * 30, "minus" + " two" * 30),
        ("999999999999.9999999", "幺" + "零" * 12, "one" + " zero" * 12),
        ("-0.0000001", "零", "zero"),
        ("-0.000001", "负零点零零零零零一", "minus zero point zero zero zero zero zero one"),
    ],
)
def test_at_the_edges_a_number_keeps_its_sign_and_its_size(value: str, zh: str, en: str) -> None:
    assert (heard("zh", ("number", value)), heard("en", ("number", value))) == (zh, en)

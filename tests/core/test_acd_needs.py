"""Requirements over skills: what they mean, their form, and where a bad one is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.core.acd.needs import Lack, NeedsError, both, parse


@pytest.mark.parametrize(
    ("text", "skills", "met"),
    [
        ("", {}, True),
        ("billing", {"billing": 1}, True),
        ("billing", {}, False),
        ("billing >= 5", {"billing": 5}, True),
        ("billing >= 5", {"billing": 4}, False),
        ("billing > 5", {"billing": 5}, False),
        ("billing == 5", {"billing": 5}, True),
        ("billing = 5", {"billing": 6}, False),
        ("billing < 3", {"billing": 2}, True),
        ("billing <= 3 and billing >= 2", {"billing": 1}, False),
        ("billing and mandarin", {"billing": 1}, False),
        ("billing or mandarin", {"mandarin": 1}, True),
        ("billing or mandarin and sales", {"billing": 1}, True),  # `and` binds tighter
        ("(billing or mandarin) and sales", {"billing": 1}, False),
        ("billing>=5 AND(mandarin>=3 OR cantonese>=3)", {"billing": 5, "cantonese": 3}, True),
        ("普通话 >= 3", {"普通话": 3}, True),
        ("tech-support.l2", {"tech-support.l2": 1}, True),
        ("billing > 5 and billing < 3", {"billing": 4}, False),
    ],
)
def test_meaning(text: str, skills: dict[str, int], met: bool) -> None:
    assert parse(text).met_by(skills) is met


def test_a_missing_skill_is_no_level_at_all() -> None:
    assert not parse("mandarin <= 3").met_by({})
    assert not parse("mandarin >= 0").met_by({})
    assert parse("mandarin <= 3").met_by({"mandarin": 3})


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("billing >=", 10),
        (">= 5", 0),
        ("billing and", 11),
        ("billing mandarin", 8),
        ("(billing", 8),
        ("billing)", 7),
        ("billing >= five", 11),
        ("billing >= 5000", 11),
        ("billing & mandarin", 8),
        ("not billing", 0),
        ("__import__('os')", 11),
        ("(" * 30 + "a" + ")" * 30, 20),
        ("x" * 1001, 1000),
    ],
)
def test_a_bad_one_says_where(text: str, position: int) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert isinstance(caught.value, NeedsError)
    assert caught.value.position == position
    assert f"position {position}" in str(caught.value)


def test_too_many_alternatives_are_refused() -> None:
    text = " and ".join(f"(a{n} or b{n})" for n in range(7))  # 128
    with pytest.raises(NeedsError, match="more than 64 alternatives"):
        parse(text)
    with pytest.raises(NeedsError):
        both(" or ".join(f"a{n}" for n in range(12)), " or ".join(f"b{n}" for n in range(12)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a and b", "b and a"),
        ("a >= 1", "a"),
        ("a or (a and b)", "a"),
        ("a >= 3 or a >= 5", "a >= 3"),
        ("a >= 3 and a >= 5", "a >= 5"),
        ("a and (b or c)", "(a and c) or (a and b)"),
        ("a > 4", "a >= 5"),
    ],
)
def test_what_means_the_same_has_the_same_form(one: str, other: str) -> None:
    assert parse(one).text == parse(other).text


def test_the_canonical_text_reads_back_as_itself() -> None:
    for text in ("", "a >= 3 and b <= 4 or c == 5", "(a or b) and c >= 2 and c <= 7"):
        assert parse(parse(text).text).text == parse(text).text


def test_lacking_names_the_nearest_alternative() -> None:
    needs = parse("billing >= 5 and (mandarin >= 3 or cantonese >= 3)")
    assert needs.lacking({"billing": 5, "mandarin": 3}) == ()
    assert needs.lacking({"billing": 3, "mandarin": 4}) == (Lack("billing", 5, 99, 3),)
    assert needs.lacking({"billing": 9}) == (Lack("cantonese", 3, 99, None),)


RANGE = st.builds(
    "{} {} {}".format, st.sampled_from("abc"), st.sampled_from([">=", "<=", ">", "<", "=="]), st.integers(1, 5)
)
EXPRESSION = st.recursive(
    RANGE | st.sampled_from("abc"),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=6,
)
SKILLS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 5))


@given(EXPRESSION, EXPRESSION, SKILLS)
def test_the_form_means_what_the_text_says(one: str, other: str, skills: dict[str, int]) -> None:
    assert parse(one).met_by(skills) == _evaluate(one, skills)
    assert both(one, other).met_by(skills) == (_evaluate(one, skills) and _evaluate(other, skills))
    assert parse(one).met_by(skills) == (not parse(one).impossible and parse(one).lacking(skills) == ())


class _Level:
    """A level of Python's own evaluation; a missing one compares as false."""

    def __init__(self, level: int | None) -> None:
        self.level = level

    def __bool__(self) -> bool:
        return self.level is not None

    def __eq__(self, other: object) -> bool:
        return self.level is not None and self.level == other

    __hash__ = None  # type: ignore[assignment]

    def __ge__(self, other: int) -> bool:
        return self.level is not None and self.level >= other

    def __le__(self, other: int) -> bool:
        return self.level is not None and self.level <= other

    def __gt__(self, other: int) -> bool:
        return self.level is not None and self.level > other

    def __lt__(self, other: int) -> bool:
        return self.level is not None and self.level < other


def _evaluate(text: str, skills: dict[str, int]) -> bool:
    return bool(eval(text, {}, {name: _Level(skills.get(name)) for name in "abc"}))

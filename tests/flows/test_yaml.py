"""YAML keeps telephony values as written; what is dangerous or doubtful is a problem with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch_app.flowfiles.yaml_nodes import MOST_BYTES, read


def value(text: str) -> Any:
    document = read(f"v: {text}", "f.yml")
    assert not document.problems
    return document.data["v"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("010", "010"), ("+8613800000000", "+8613800000000"), ("12:30:45", "12:30:45"), ("on", "on"), ("No", "No"),
        ("y", "y"), ("0x1F", "0x1F"), ("0o17", "0o17"), ("1_000", "1_000"), ("1e3", "1e3"), (".5", ".5"), ("5.", "5."),
        ("1.10", "1.10"), ("2026-11-23", "2026-11-23"), ("=", "="), ("-0", "-0"), ("12345678901234567890", "12345678901234567890"),
        (".inf", ".inf"), (".nan", ".nan"), ("<<", "<<"),
        ("10", 10), ("-7", -7), ("0", 0), ("1.5", 1.5), ("-0.25", -0.25), ("true", True), ("False", False), ("null", None),
        ("~", None), ("", None), ('"10"', "10"), ("'true'", "true"), ("|\n  a\n  b\n", "a\nb\n"),
    ],
)  # fmt: skip
def test_scalars(text: str, expected: Any) -> None:
    found = value(text)
    assert (found, type(found)) == (expected, type(expected))


def test_keys_are_always_texts() -> None:
    assert value("{1: a, 0: b, true: c, 07: d}") == {"1": "a", "0": "b", "true": "c", "07": "d"}


def test_places() -> None:
    document = read("a:\n  b: [x, {c: 1}]\n  'd': y\n", "f.yml")
    assert document.place(("a", "b", 1, "c")) == (2, 14)
    assert document.place(("a", "d")) == (3, 8)
    assert document.place(("a", "d"), key=True) == (3, 3)
    assert document.place(("a",)) == (1, 1)
    assert document.place(("a", "b", 9, "z")) == (2, 3)


@pytest.mark.parametrize(
    "text, rule, place",
    [
        ("a: 1\nb: 2\na: 3", "duplicate-key", (3, 1)),
        ("a: &x 1\nb: *x", "yaml-alias", (1, 4)),
        ("a: !!python/object:os.system 1", "yaml-tag", (1, 4)),
        ("a: !!str 1", "yaml-tag", (1, 4)),
        ("a: [1, 2", "yaml-syntax", (1, 9)),
        ("a: b: c", "yaml-syntax", (1, 5)),
        ("\ta: 1", "yaml-syntax", (1, 1)),
        ("? [a, b]\n: 1", "yaml-syntax", (1, 3)),
        ("a: 1\nb: \x07", "yaml-syntax", (2, 4)),
        ('a: 1\nb: "x\\ud800"', "yaml-syntax", (2, 4)),
        ("a: 1 # \x85 \u2028\nb: [\u2029", "yaml-syntax", (2, 6)),
        ("\ufeffa: 1\na: 2", "duplicate-key", (2, 1)),
        ("a: {{ b }}", "yaml-syntax", (1, 5)),
        ("[" * 500, "yaml-size", (1, 21)),
        ("a: " + "x" * MOST_BYTES, "yaml-size", (1, 1)),
        ("[" + "1," * 60_000 + "]", "yaml-size", (1, 99998)),
        ("a: 1\n---\nb: 2", "yaml-syntax", (2, 1)),
    ],
)
def test_problems(text: str, rule: str, place: tuple[int, int]) -> None:
    document = read(text, "f.yml")
    assert document.data is None
    assert [(p.rule, (p.line, p.column)) for p in document.problems] == [(rule, place)]


def test_an_alias_bomb_is_not_built() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert read(bomb, "f.yml").problems[0].rule == "yaml-alias"


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=80)
    | st.text(alphabet="ab:[]{}-#&*!|>'\"\n ?,%@`\t\0\\\x85\u2028\ufeff", max_size=60)
)
def test_any_text_is_data_or_problems(text: str) -> None:
    document = read(text, "f.yml")
    assert document.data is None or not document.problems
    lines = text.split("\n")
    for problem in document.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@pytest.mark.parametrize(
    "text, hint",
    [
        ("a: Hello: you", "put the text in quotes"),
        ("a: {en: Hello {{ name }}}", 'write "{{ name }}" in quotes'),
        ("a: {zh: {{ name }}, en: b}", 'write "{{ name }}" in quotes'),
        ("a: Hello {{ name }}: welcome", 'write "{{ name }}" in quotes'),
        ("a: {if: x[0] == 1, go: b}", "put the text in quotes"),
        ("a: {b: c\nd: {e: f}", "a comma or a closing bracket is missing"),
        ("a:\n\tb: c", "indent with spaces"),
        ("a:\n    b: c\n   d: e", "in the same column"),
        ("a:\n  b: c\n    d: e", "in the same column"),
        ("a:\n  b: c\n  d\n  e: f", "a colon and a space"),
        ("a: 'b\nc: d", "never closed"),
    ],
)
def test_what_was_probably_meant(text: str, hint: str) -> None:
    [problem] = read(text, "f.yml").problems
    assert problem.rule == "yaml-syntax" and hint in problem.hint, problem

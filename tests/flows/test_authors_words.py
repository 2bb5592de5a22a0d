"""What an author is told of a value of the wrong form: what should stand there, not what a library thinks."""

from __future__ import annotations

import pytest

from switch_app.flowfiles.flow_file import build_flow, source_of

MENU = "{type: menu, say: main_menu, choices: {1: end}, no_input: end, %s}"
HTTP = '{type: http, url: "https://a.example.com", ok: end, failed: end, %s}'
TEXTS = "{text: {zh: ..., en: ...}}"


@pytest.mark.parametrize(
    "step, column, message, hint",
    [
        ("{type: play, say: Welcome to us, next: end}", 19, "'Welcome to us' is not a name (small letters, digits, _)", f"words are written as {TEXTS}"),
        ("{type: play, say: {text: Hello}, next: end}", 31, f"say.0.text: each language has its own words: {TEXTS}", ""),
        ("{type: play, say: , next: end}", 23, "say: nothing is written here; a list is wanted, such as [a, b]", ""),
        ("{type: play, say: [{txet: {en: a}}], next: end}", 26, "unknown field txet", "did you mean text?"),
        ("{type: play, say: welcome, next: }", 38, "next: nothing is written here; a text is wanted", ""),
        (MENU % "retries: many", 78, "retries: a whole number is wanted", ""),
        (MENU % "retries: 12", 78, "retries: at most 9", ""),
        (MENU % "first_digit_s: soon", 84, "first_digit_s: a number is wanted", ""),
        (MENU % "barge_in: maybe", 79, "barge_in: true or false is wanted", ""),
        ("{type: menu, say: main_menu, choices: [end], no_input: end}", 35, "choices: a mapping is wanted, such as {name: value}", ""),
        (HTTP % "method: get", 79, "method: 'get' is not known here", "did you mean GET?"),
        ("{type: branch, when: [{if: caller, goo: end}], else: end}", 41, "unknown field goo", "did you mean go?"),
        ("{type: play, say: [{number: {{ caller }}}], next: end}", 35, "a key must be a word", 'write "{{ name }}" in quotes'),
        ('{type: play, say: {text: {en: "{{ caller }"}}, next: end}', 36, "say.0.text.en: cannot be read: unexpected '}'", ""),
    ],
)  # fmt: skip
def test_what_is_said_of_a_wrong_value(step: str, column: int, message: str, hint: str) -> None:
    flow, problems = build_flow(source_of(f"flow: f\nstart: a\nsteps:\n  a: {step}\n", "f.yml"), {})
    assert flow is None
    assert (4, column, message, hint) in [(p.line, p.column, p.message, p.hint) for p in problems]

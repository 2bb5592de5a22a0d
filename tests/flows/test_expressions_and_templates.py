"""Conditions and texts with values: what they can do, and all that they cannot."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch_app.core.flow import expressions, template

NAMES: dict[str, Any] = {
    "customer": {"tier": "gold", "name": "林", "accounts": [{"balance": 320.45}], "nothing": None},
    "digits": "007",
    "n": 3,
    "empty": "",
}


@pytest.mark.parametrize(
    "source, value",
    [
        ("customer.tier == 'gold'", True),
        ("customer.tier in 'silver gold' and n > 2", True),
        ("customer.accounts[0].balance * 2", 640.9),
        ("customer.accounts[7].balance", ""),
        ("customer.nothing.at.all == ''", True),
        ("number(digits) + n", 10),
        ("digits + 'x'", "007x"),
        ("digits > 6 and 7 >= digits and digits == 7 and digits != 8", True),
        ("digits * 2", 14),
        ("empty > 3 or empty < 3 or empty == 3", False),
        ("empty != 3", True),
        ("customer.tier == 3", False),
        ("starts(digits, '00') and ends(digits, '7') and len(digits) == 3", True),
        ("min(n, 2) if n else max(n, 9)", 2),
        ("not true or false", False),
        ("-n % 2", 1),
        ("text(n) + '!'", "3!"),
        ("number('x')", 0),
        ("number('1.0e999') + number('1.0e-999')", 0),
        ("min(digits, 9) + max('10', n, 2) - -digits + +digits", 31),
        ("min('10', '9')", "10"),
    ],
)
def test_expressions(source: str, value: Any) -> None:
    assert expressions.evaluate(source, NAMES) == value


@pytest.mark.parametrize(
    "source",
    [
        "", "n = 3", "import os", "n; n", "lambda: 1", "[x for x in customer]", "{1: 2}", "(1).real()", "f'{n}'",
        "__import__('os')", "customer.__class__()", "open('x')", "len(customer, key=1)", "n ** 9", "n << 9",
        "customer.update()", "len()", "starts(n)", "min(n)", "text(n, n)", "x" * 501, "(" * 300 + ")" * 300, "1 if", "n := 3", "await n", "*n", "\0",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_said_at_load(source: str) -> None:
    with pytest.raises(expressions.ExpressionError):
        expressions.parse(source)


@pytest.mark.parametrize("source", ["missing", "n / 0", "customer > 3", "'a' * 9", "-empty", "min('a', 3)", "999999999999999 * 999999999999999", "customer + 1"])  # fmt: skip
def test_what_cannot_be_worked_out_is_said_in_the_call(source: str) -> None:
    with pytest.raises(expressions.ExpressionError):
        expressions.evaluate(source, NAMES)


@pytest.mark.parametrize("source", ["customer.__class__", "customer.tier.__len__", "n.real", "customer.keys"])
def test_nothing_of_an_object_but_its_keys_is_seen(source: str) -> None:
    assert expressions.evaluate(source, NAMES) == ""


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_an_error(source: str) -> None:
    try:
        expressions.evaluate(source, NAMES)
    except expressions.ExpressionError:
        pass


@pytest.mark.parametrize(
    "source, text",
    [
        ("Hello {{ customer.name }}, {{ digits }}", "Hello 林, 007"),
        ("{{ customer.nobody.at.all }}|{{ missing }}", "|"),
        ("{{ missing | default('x') | upper }}", "X"),
        ("{{ 3.14159 | round(2) }}", "3.14"),
        ("{{ 1 | round(1000000000) }}", "1.0"),
        ("{{ customer.accounts[7].balance | round(2) }}|{{ customer.nothing | round }}", "|"),
        ("{{ 'a' if n > 2 else 'b' }}", "a"),
        ("{% if n == 3 %}three{% else %}other{% endif %}", "three"),
        ("{{ 'a' if digits > 5 else 'b' }}{{ digits + 1 }}{{ digits - n }}{{ digits == 7 }}", "a84True"),
        ("{{ missing > 3 }}{{ missing == '' }}{{ customer.nothing == '' }}{{ empty < 3 }}", "FalseTrueTrueFalse"),
        ("{{ 1 < n <= 3 }}{{ 3 < n <= missing }}{{ 'old' in customer.tier }}{{ n not in customer.accounts }}", "TrueFalseTrueTrue"),
        ("no values: 100 % {sure}", "no values: 100 % {sure}"),
        ("{{ customer.__class__ }}{{ customer.items }}", ""),
        (
            "{{ customer | tojson }}",
            '{"accounts": [{"balance": 320.45}], "name": "\\u6797", "nothing": null, "tier": "gold"}',
        ),  # fmt: skip
    ],
)
def test_templates(source: str, text: str) -> None:
    assert template.fill(source, NAMES) == text


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in customer %}{% endfor %}", "{{ customer.name.upper() }}", "{{ range(9) }}", "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}", "{% include 'x' %}", "{{ 'a' * 1000000000 }}", "{{ n ** n }}",
        "{{ n | map('x') }}", "{{ n | center(1000000000) }}", "{{ n is odd }}", "{{ ", "x" + "{{ n }}" * 500,
        "{% block a %}{% endblock %}", "{{ [1, 2] }}", "{% extends 'x' %}", "{{ 10 // 3 }}",
    ],
)  # fmt: skip
def test_what_is_no_template_is_said_at_load(source: str) -> None:
    with pytest.raises(template.TemplateProblem):
        template.compile_template(source)


@pytest.mark.parametrize("source", ["{{ missing + 1 }}", "{{ 'a' - n }}", "{{ 'a' > n }}", "{{ n in digits }}", "{{ 'a' + n }}"])
def test_what_cannot_be_filled_is_said_in_the_call(source: str) -> None:
    with pytest.raises(template.TemplateProblem):
        template.fill(source, NAMES)


def test_what_is_worked_out_elsewhere_is_said_to_be() -> None:
    with pytest.raises(template.TemplateProblem, match="Div is not allowed in a template; work it out before"):
        template.compile_template("{{ n / 60 }}")


def test_a_result_is_cut() -> None:
    assert len(template.fill("{{ long }}{{ long }}", {"long": "x" * 3000})) == template.LONGEST_RESULT


def test_the_longest_ones_are_fast() -> None:
    begun = time.perf_counter()
    template.fill("{{ a }}" * 280, {"a": "x" * 100_000})
    expressions.evaluate(" + ".join(["n"] * 120), NAMES)
    assert time.perf_counter() - begun < 0.5


def test_a_template_in_an_address_is_encoded() -> None:
    assert (
        template.fill("https://a/{{ x }}?q={{ x }}", {"x": "../é&="}, url=True)
        == "https://a/..%2F%C3%A9%26%3D?q=..%2F%C3%A9%26%3D"
    )

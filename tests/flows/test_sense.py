"""What the linter says of expressions that can be read and come to nothing; and that it is right about them."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from switch_app.core.flow import expressions
from switch_app.core.flow.check import Around, check_flow
from switch_app.core.flow.check import kinds as k
from switch_app.core.flow.check.judge import Judge
from switch_app.core.flow.check.outcomes import FAILS
from switch_app.core.flow.check.seen import VALUES
from switch_app.core.flow.model import Flow, build

STEPS: dict[str, Any] = {
    "menu": {"type": "menu", "say": "main_menu", "choices": {"1": "set", "2": "set"}, "save": "wish", "no_input": "set"},
    "ask": {"type": "collect", "say": "enter_account", "save": "account", "digits": 6, "next": "set", "no_input": "set"},
    "set": {
        "type": "set", "values": {"topic": "billing", "tries": 0, "name": "{{ customer.name }}"},
        "compute": {"tries": "tries + 1", "late": "now.time > '18:00'", "balance": "customer.accounts[0].balance"}, "next": "get",
    },
    "get": {"type": "http", "url": "https://example.com/", "save": {"state": "a"}, "ok": "branch", "failed": "branch"},
}  # fmt: skip


def flow_with(condition: str, **steps: Any) -> Flow:
    branch = {"type": "branch", "when": [{"if": condition, "go": "end"}], "else": "end"}
    flow, flaws = build({"flow": "f", "start": "menu", "steps": {**STEPS, "branch": branch, **steps}})
    assert flow, flaws
    return flow


def said_of(flow: Flow, *others: Flow) -> list[str]:
    around = Around({each.name: each for each in (flow, *others)})
    known = {"wrong-type": "error", "always-same": "warning"}
    return [
        f"{p.message} ({p.hint})" if p.hint else p.message
        for p in check_flow(flow, around)
        if p.rule in known and p.severity == known[p.rule]
    ]


CLOCK = "now.time is a text such as '09:30'"
WEEKDAY = "now.weekday is a number from 1 to 7"


@pytest.mark.parametrize(
    "condition, told",
    [
        ("now.time > 1800", f"now.time > 1800 cannot be worked out: {CLOCK} (write now.time > '18:00')"),
        ("9 <= now.time", f"9 <= now.time cannot be worked out: {CLOCK} (write '09:00' <= now.time)"),
        ("now.time >= '9:00'", f"now.time >= '9:00' goes letter by letter: {CLOCK} (write now.time >= '09:00')"),
        ("now.time == '6pm'", f"now.time == '6pm' is always false: {CLOCK} (write now.time == '18:00')"),
        ("now.time - 100 > 3", f"now.time - 100 cannot be worked out: {CLOCK}"),
        ("number(now.time) > 1800", f"number(now.time) is always 0: {CLOCK}"),
        ("now.date == '2026-1-5'", "now.date == '2026-1-5' is always false: now.date is a text such as '2026-12-31' (write now.date == '2026-01-05')"),
        ("now.weekday == 'Monday'", f"now.weekday == 'Monday' is always false: {WEEKDAY} (write now.weekday == 1)"),
        ("now.weekday == '周日'", f"now.weekday == '周日' is always false: {WEEKDAY} (write now.weekday == 7)"),
        ("now.weekday == 0", f"now.weekday == 0 is always false: {WEEKDAY} (write now.weekday == 7)"),
        ("now.weekday in '67'", f"now.weekday in '67' cannot be worked out: {WEEKDAY} (write text(now.weekday) in '67')"),
        ("now.minute > 1800", "now.minute > 1800 is always false: now.minute is a number from 0 to 1439 (write now.time > '18:00')"),
        ("customer", "customer alone is always true: it is a group of values (write customer.known)"),
        ("not customer", "customer alone is always true: it is a group of values (write customer.known)"),
        ("customer == ''", "customer == '' is always false: customer is a group of values (write customer.known)"),
        ("customer.known == 'yes'", "customer.known == 'yes' is always false: customer.known is true or false (write customer.known == true)"),
        ("customer.known > 'a'", "customer.known > 'a' cannot be worked out: customer.known is true or false"),
        ("customer.priority > 'high'", "customer.priority > 'high' cannot be worked out: customer.priority is a number"),
        ("customer.tier == 'gold' or 'silver'", "'silver' alone is always true (write customer.tier == 'gold' or customer.tier == 'silver')"),
        ("queues.sales.waiting > 'many'", "queues.sales.waiting > 'many' cannot be worked out: queues.sales.waiting is a number"),
        ("queues.sales.waiting < 0", "queues.sales.waiting < 0 is always false: queues.sales.waiting is a number"),
        ("language == 'english'", "language == 'english' is always false: language is 'zh' or 'en' (one of zh, en)"),
        ("wish == 'sales'", "wish == 'sales' is always false: wish is '1' or '2' (one of 1, 2)"),
        ("account == 'none'", "account == 'none' is always false: account is digits"),
        ("topic == 'biling'", "topic == 'biling' is always false: topic is 'billing' (did you mean billing?)"),
        ("tries > 'three'", "tries > 'three' cannot be worked out: tries is a number"),
        ("tries + ' times' == ''", "tries + ' times' cannot be worked out: tries is a number"),
        ("balance / 0 > 1", "balance / 0 cannot be worked out: balance is a number"),
        ("late == 'yes'", "late == 'yes' is always false: late is true or false (write late == true)"),
        ("-customer.accounts > 1", "-customer.accounts cannot be worked out: customer.accounts is a list"),
        ("min(now.time, 3) > 1", f"min(now.time, 3) cannot be worked out: {CLOCK}"),
        ("len(now.minute) > 1", "len(now.minute) is always 0: now.minute is a number from 0 to 1439"),
        ("state and 1 > 'a'", "1 > 'a' cannot be worked out"),
        ("(now.time > 9 if late else true)", f"now.time > 9 cannot be worked out: {CLOCK} (write now.time > '09:00')"),
    ],
)  # fmt: skip
def test_what_comes_to_nothing_is_told(condition: str, told: str) -> None:
    assert said_of(flow_with(condition)) == [told]


@pytest.mark.parametrize(
    "fine",
    [
        "now.time >= '09:00' and now.time < '18:00' and now.time > '18' and now.time < '24:00'",
        "now.date >= '2026-12' and now.date != '2026-12-31' and starts(now.date, '2026')",
        "now.weekday == 7 or now.weekday >= '6' or text(now.weekday) in '67'",
        "now.minute >= 0 and now.minute < 1080",
        "customer.known and not customer.known and customer.known == true and customer.known != false",
        "customer.priority == '' or customer.priority > 5 or customer.priority == '20'",
        "customer.tier > 5 or customer.tier == 'gold' or customer.tier in 'gold silver'",
        "customer.accounts[0].balance > 100 and customer.accounts[1].balance == ''",
        "customer.numbers[0] == caller or caller > 1000 or 'x' in customer.numbers",
        "wish == 1 or wish == '2' or wish > 1 or wish == ''",
        "account > 5 or -account < 3 or account == '' or account * 2 > 9 or max(account, 3) == 3",
        "topic == 'billing' or topic == '' or topic",
        "tries >= 3 or tries == '' or tries + wish > 3",
        "state > 3 or state == 'x' or state + 1 > 3 or state",
        "name == 'x' or name > 5 or name + 'x' == ''",
        "late or late == true or balance > 3 or text(balance) == ''",
        "language == 'en' or queues.sales.waiting >= 3 or 'sales' in queues",
        "true",
        "number(caller) > 3 and len(caller) > 3 and (1 if late else 2) > 1",
    ],
)
def test_what_may_come_to_something_is_not_blamed(fine: str) -> None:
    assert said_of(flow_with(fine)) == []


def test_a_variable_is_what_any_flow_sets() -> None:
    flow = flow_with("topic == 'sales'")
    steps = {"a": {"type": "set", "values": {"topic": "sales"}, "next": "end"}}
    other, _ = build({"flow": "g", "start": "a", "steps": steps})
    assert other and said_of(flow) and not said_of(flow, other)


def test_a_setting_at_the_head_of_a_flow_is_not_blamed() -> None:
    settings = {"type": "set", "values": {"limit": 3, "survey": False}, "compute": {"most": "2 * 5"}, "next": "branch"}
    assert said_of(flow_with("survey or limit > 5 or most < 3", turn=settings)) == []
    assert said_of(flow_with("limit > 'a'", turn=settings)) == ["limit > 'a' cannot be worked out: limit is a number"]


def test_variables_that_are_made_of_each_other_end() -> None:
    compute = {"a": "b + 1", "b": "a + 1", "c": "c"}
    flow = flow_with("a > 'x' or c > 3", turn={"type": "set", "compute": compute, "next": "branch"})
    assert said_of(flow) == ["a > 'x' cannot be worked out: a is a number"]


def test_an_entrys_own_check_sees_digits() -> None:
    ask = {**STEPS["ask"], "check": "account == 'x' or starts(account, '6') or account != ''"}
    assert said_of(flow_with("true", ask=ask)) == [
        "account == 'x' is always false: account is digits",
        "account != '' is always true: account is digits",
    ]


@pytest.mark.parametrize(
    "text, told",
    [
        ("{{ 'a' if now.time > 1800 else 'b' }}", [f"now.time > 1800 cannot be worked out: {CLOCK} (write now.time > '18:00')"]),
        ("{% if now.weekday == 'Sunday' %}a{% elif customer %}b{% endif %}", [
            f"now.weekday == 'Sunday' is always false: {WEEKDAY} (write now.weekday == 7)",
            "customer alone is always true: it is a group of values (write customer.known)",
        ]),
        ("{{ now.date - 1 }} and {{ tries + ' times' }}", [
            "now.date - 1 cannot be worked out: now.date is a text such as '2026-12-31'",
            "tries + ' times' cannot be worked out: tries is a number",
        ]),
        ("{{ language == 'zh' or 'en' }}", []),  # what is said may well be a word
        ("{{ tries - 1 }}{{ account > 5 }}{{ 'a' if wish == 1 else state + 1 }}{{ now.time | upper > 3 }}{{ missing > 3 }}", []),
        ("{{ customer.accounts[0].balance | round(2) }}{{ (balance | int) + 1 }}{{ customer[language] }}{{ none or not late }}", []),
    ],
)  # fmt: skip
def test_texts_with_values_are_judged_alike(text: str, told: list[str]) -> None:
    say = {"type": "play", "say": {"text": {"zh": text, "en": ""}}, "next": "end"}
    assert said_of(flow_with("true", say=say)) == told


def test_a_priority_is_a_number() -> None:
    queue = {"type": "queue", "queue": "sales", "timeout": "end"}
    told = "customer.known is always 0 here: it is true or false, and a number is wanted"
    assert said_of(flow_with("true", q={**queue, "priority": "customer.known"})) == [told]
    assert said_of(flow_with("true", q={**queue, "priority": "wish", "boost_s": "customer.priority"})) == []


# --- whoever is blamed deserves it -----------------------------------------------------------------------
LETTERS = st.text("ab0159:-. ", max_size=5)
DATES = st.dates().map(str)
CLOCKS = st.times().map(lambda time: time.isoformat("minutes"))
NUMBERS = st.integers(-2000, 2000) | st.floats(-9, 9)
VALUES_OF = {  # name -> what the linter takes it for, and its values
    "n": (k.NUMBER, NUMBERS),
    "q": (k.count(), st.integers(0, 9)),
    "d": (k.DIGITS, st.text("0159", min_size=1, max_size=17)),
    "t": (k.TEXT, LETTERS),
    "b": (k.BOOL, st.booleans()),
    "w": (k.either(k.constant("gold"), k.constant("5")), st.sampled_from(["gold", "5"])),
    "m": (k.either(k.constant(0), k.TEXT), st.just(0) | LETTERS),
    "x": (k.ANY, NUMBERS | LETTERS | st.booleans() | st.just([]) | st.just({})),
}
ABSENT = sorted(set(VALUES_OF) - {"x"})
LEAVES = [
    *VALUES_OF, "now.time", "now.date", "now.weekday", "now.minute", "customer", "customer.accounts",
    "customer.priority", "customer.tier", "customer.known", "customer.accounts[0].balance", "true", "''", "'5'", "'gold'",
    "'9:00'", "'09:30'", "'2026-1-5'", "'2026-12-31'", "0", "3", "1800", "2.5", "'-3'", "'12345678901234567'",
]  # fmt: skip


BINARY = [*"== != < <= > >= in + - * / // % and or".split(), "not in"]
FORMS = [
    "({0} {op} {1})", "({0} {op} {1})", "({0} < {1} <= {2})", "({0} if {1} else {2})", "(not {0})", "(-{0})", "(+{0})",
    "len({0})", "number({0})", "text({0})", "starts({0}, {1})", "ends({0}, {1})", "min({0}, {1})", "max({0}, {1})",
]  # fmt: skip


@st.composite
def expressions_of(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(LEAVES))
    form = draw(st.sampled_from(FORMS))
    parts = [draw(expressions_of(depth - 1)) if f"{{{at}}}" in form else "" for at in range(3)]
    return form.format(*parts, op=draw(st.sampled_from(BINARY)) if "{op}" in form else "")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], set[str]]:
    names = {name: draw(values) for name, (_, values) in VALUES_OF.items()}
    account = {"balance": draw(NUMBERS), "balance_minor": 1, "number": "1", "currency": "CNY"}
    customer = {"known": draw(st.booleans()), "priority": draw(NUMBERS), "tier": draw(LETTERS), "accounts": [account]}
    clock = {"time": draw(CLOCKS), "date": draw(DATES), "weekday": draw(st.integers(1, 7)), "minute": draw(st.integers(0, 1439))}
    return {**names, "customer": customer, "now": clock}, draw(st.sets(st.sampled_from([*ABSENT, "customer"]), max_size=2))


def known(name: str) -> k.Kinds:
    return k.either(VALUES_OF[name][0], k.ABSENT) if name in VALUES_OF else k.of_shape(VALUES[name])


def worked_out(source: str, names: dict[str, Any]) -> Any:
    try:
        return expressions.evaluate(source, names)
    except expressions.ExpressionError:
        return FAILS


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions_of(), worlds(), st.booleans())
@example("now.time > 1800", ({**dict.fromkeys(VALUES_OF, 1), "customer": {}, "now": {"time": "09:30"}}, set()), True)
def test_what_is_blamed_fails_or_always_comes_to_the_same(source: str, world: tuple[dict[str, Any], set[str]], condition: bool) -> None:
    names, absent = world
    judge = Judge(known)
    node: ast.expr = expressions.parse(source)
    if condition:
        judge.condition(node)
    else:
        judge.kinds(node)
    nobody = {"known": False, "priority": "", "tier": "", "accounts": []}
    fewer = {name: (nobody if name == "customer" else "") if name in absent else value for name, value in names.items()}
    for finding in judge.findings:
        if finding.comes_to is FAILS:
            assert worked_out(finding.source, names) is FAILS, finding
        elif finding.comes_to is not k.OPEN:
            for values in (names, fewer):
                value = worked_out(finding.source, values)
                assert value is FAILS or bool(value) == bool(finding.comes_to), finding

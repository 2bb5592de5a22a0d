"""A caller is never dropped by an author's mistake, and a hang-up at any moment ends in order."""

from __future__ import annotations

import itertools

import pytest
from flow_line import LEG, Line, flow_of

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow import interpreter
from switch_app.core.flow.fallback import OPERATOR_QUEUE
from switch_app.core.flow.requests import EnterQueue, QueueEnded
from switch_app.core.plain import to_plain


def operator_queue(line: Line) -> bool:
    """Whether the caller is on the way to, or in, the operator queue of the fallback."""
    if line.session.wait.get("for") == "say":
        line.played()
    return bool(line.ordered(EnterQueue).queue == OPERATOR_QUEUE)


LOOP = """
    first: {type: set, values: {n: 1}, next: second}
    second: {type: branch, when: [{if: "n > 1", go: end}], else: first}
"""


def test_a_loop_without_a_wait_goes_to_the_operator() -> None:
    line = Line(flow_of(LOOP))
    failed = line.told(f.StepFailed)[0]
    assert "without a wait" in failed.problem and failed.to == "fallback:operator"
    assert operator_queue(line)
    line.tell(QueueEnded("answered"))
    assert (line.last.ended, line.last.orders) == ("failed", [o.HangUp(LEG)])


def test_on_error_that_fails_too_goes_to_the_operator() -> None:
    line = Line(flow_of(LOOP, "flow: test\nstart: first\non_error: second"))
    assert [fact.to for fact in line.told(f.StepFailed)][-1] == "fallback:operator"
    assert operator_queue(line)


def test_a_failing_step_goes_to_on_error_first() -> None:
    flow = flow_of(
        """
        first: {type: set, compute: {n: "missing + 1"}, next: end}
        sorry: {type: hangup, say: apology_goodbye}
        """,
        "flow: test\nstart: first\non_error: sorry",
    )
    line = Line(flow)
    assert line.told(f.StepFailed)[0].to == "sorry"
    assert line.session.step == "sorry"


@pytest.mark.parametrize(
    "step",
    [
        "{type: goto, step: nowhere}",
        "{type: goto, flow: nowhere}",
        "{type: hours, calendar: nowhere, open: end, closed: end}",
        '{type: transfer, to: "{{ caller }};DROP", failed: end}',
        '{type: branch, when: [{if: "customer > 5", go: end}], else: end}',
        '{type: queue, queue: sales, priority: "1 / 0", timeout: end}',
    ],
)
def test_each_kind_of_mistake_keeps_the_caller(step: str) -> None:
    line = Line(flow_of(f"first: {step}"))
    assert line.last.ended is None
    assert len(line.told(f.StepFailed)) == 1
    assert operator_queue(line)


def test_a_subflow_that_fails_goes_to_the_caller_s_on_error() -> None:
    inner = flow_of("first: {type: goto, step: nowhere}", "flow: inner\nstart: first")
    outer = flow_of(
        """
        first: {type: subflow, flow: inner, next: end}
        care: {type: play, say: welcome, next: end}
        """,
        "flow: outer\nstart: first\non_error: care",
        {"inner": inner.version},
    )
    line = Line(outer, inner)
    assert f.StepFailed("inner", "first", "there is no step nowhere", "care") in line.facts
    assert (line.session.flow, line.session.step, line.session.stack) == ("outer", "care", [])


def test_a_version_that_is_gone_goes_to_the_operator() -> None:
    flow = flow_of("first: {type: menu, say: main_menu, choices: {1: end}, no_input: end}")
    line = Line(flow)
    line.change_world(flows={})
    line.press("1")
    assert "no flow that is loaded" in line.told(f.StepFailed)[0].problem
    assert operator_queue(line)
    refs = (f"x{n}" for n in itertools.count())
    started = interpreter.begin("unknown", LEG, {"ani": "1"}, line.world, 0.0, lambda: next(refs))
    assert started.session.failed and started.ended is None


def test_when_the_operator_queue_gives_up_there_is_an_apology() -> None:
    line = Line(flow_of(LOOP))
    assert operator_queue(line)
    line.tell(QueueEnded("empty"))
    line.played()
    assert line.last.ended == "failed"
    assert o.HangUp(LEG) in line.last.orders


def test_going_round_a_step_too_often_ends_at_the_operator() -> None:
    line = Line(flow_of("first: {type: menu, say: main_menu, choices: {1: first}, no_input: end}"))
    line.press("1" * 150)
    assert "100 times" in line.told(f.StepFailed)[0].problem
    assert line.session.flow == "fallback"


def test_a_bug_is_rescued() -> None:
    line = Line(flow_of("first: {type: menu, say: main_menu, choices: {1: end}, no_input: end}"))
    line.took(interpreter.rescue(line.session, "boom", line.world, 0.0, line.refs))
    assert line.told(f.StepFailed)[-1].problem == "boom"
    assert operator_queue(line)


# --- hang-up ------------------------------------------------------------------------------------------
def test_a_hang_up_ends_the_flow_without_another_order_to_the_leg() -> None:
    line = Line(flow_of("first: {type: menu, say: main_menu, choices: {1: end}, no_input: end}"))
    line.hang_up()
    assert line.last.ended == "hung_up"
    assert f.FlowEnded("hung_up") in line.last.facts
    assert [type(order) for order in line.last.orders] == [o.StopTimer]
    line.tell(s.LegEnded(LEG, "normal"))
    assert line.last.facts == []


def test_on_hangup_may_still_work_but_not_speak() -> None:
    flow = flow_of(
        """
        first: {type: play, say: welcome, next: end}
        tell: {type: http, url: "https://crm.example.com/left/{{ caller }}", method: POST, ok: speak, failed: end}
        speak: {type: play, say: goodbye, next: end}
        """,
        "flow: test\nstart: first\non_hangup: tell",
    )
    line = Line(flow)
    line.hang_up()
    request = line.ordered(o.CallHttp)
    assert (request.url, line.last.ended) == ("https://crm.example.com/left/13800000000", None)
    line.tell(s.HttpReturned(request.ref, "done", 200))
    assert line.last.ended == "hung_up"
    assert not any(isinstance(order, o.Play) for order in line.last.orders)


def test_a_message_counts_when_the_caller_hangs_up_at_its_end() -> None:
    line = Line(flow_of("first: {type: voicemail, box: service, next: end}"))
    line.played()
    record = line.ordered(o.RecordMessage)
    assert record.path == "voicemail/service/i1-1.wav"
    line.hang_up()
    assert line.last.ended is None
    line.tell(s.RecordEnded(record.ref, "done", record.path, 7.5))
    assert f.VoicemailLeft(record.path, 7.5, "service") in line.last.facts
    assert line.last.ended == "hung_up"


def test_a_message_whose_end_is_never_told_does_not_hold_the_interaction() -> None:
    line = Line(flow_of("first: {type: voicemail, box: service, next: end}"))
    line.played()
    line.hang_up()
    line.timeout()
    assert line.last.ended == "hung_up"


# --- after a crash ------------------------------------------------------------------------------------
def test_a_caller_who_comes_back_is_asked_again_with_the_attempts_kept() -> None:
    line = Line(flow_of("first: {type: menu, say: main_menu, choices: {1: end}, retries: 1, no_input: end}"))
    line.press("9")
    line.again()
    assert line.ordered(o.Play)
    line.press("9")
    assert line.last.ended == "completed"


def test_what_was_typed_is_not_in_the_journal() -> None:
    flow = flow_of("""
        first: {type: collect, say: pin_enter, save: pin, digits: 6, secret: true, next: second, no_input: end}
        second: {type: collect, say: pin_enter, save: other, digits: 6, secret: true, next: end, no_input: end}
    """)
    line = Line(flow)
    assert line.session.wait["secret"] is True
    line.press("471147" + "9876")
    moved = to_plain(f.SessionMoved(line.session.to_plain()))
    assert "471147" not in str(moved) and "9876" not in str(moved) and "471147" not in str(line.facts)
    assert f.VariableSet("pin", "******") in line.facts
    assert f.DigitsCollected("first", "******", True) in line.facts
    restored = interpreter.Session.from_plain(moved["session"])
    assert (restored.digits, restored.secrets, restored.step) == ("", {}, "second")
    kept = interpreter.Session.from_plain(line.session.to_plain())
    assert (kept.digits, kept.secrets) == ("9876", {"pin": "471147"})


def test_on_error_outside_may_have_the_name_of_the_step_that_failed_inside() -> None:
    inner = flow_of('operator: {type: set, compute: {n: "1 / 0"}, next: end}', "flow: inner\nstart: operator")
    outer = flow_of(
        """
        first: {type: subflow, flow: inner, next: end}
        operator: {type: queue, queue: support, timeout: end}
        """,
        "flow: outer\nstart: first\non_error: operator",
        {"inner": inner.version},
    )
    line = Line(outer, inner)
    assert line.ordered(EnterQueue).queue == "support"


@pytest.mark.parametrize("condition", ["tries > 2", "not tries", "tries == ''", "wish in 'abc'", "len(tries) == 0"])
def test_a_variable_that_nothing_has_set_yet_is_an_empty_text(condition: str) -> None:
    flow = flow_of(
        f"""
        first: {{type: branch, when: [{{if: "{condition}", go: end}}], else: later}}
        later: {{type: set, values: {{tries: 1, wish: a}}, next: end}}
        """
    )
    assert Line(flow).told(f.StepFailed) == []

"""The steps that ask something outside: lookup, http, hours, transfer, greeting, presence, set, branch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flow_line import LEG, MONDAY_10, Line, flow_of

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow.greetings import Greeting
from switch_app.core.flow.hours import Calendar, decide
from switch_app.core.flow.prompts import Manifest, Sound
from switch_app.core.flow.requests import ChangePresence, EnterQueue, QueueEnded
from switch_app.core.flow.steps.http import picked
from switch_app.core.world import QueueFigures

GOLD = {
    "id": 7,
    "number": "C1",
    "name": "A",
    "tier": "gold",
    "priority": 20,
    "language": "en",
    "accounts": [],
}
MANIFEST = Manifest(
    {n: {"zh": Sound(f"zh/{n}.wav", n), "en": Sound(f"en/{n}.wav", n)} for n in ("welcome", "goodbye")}
)


# --- lookup ---------------------------------------------------------------------------------------------
LOOKUP = """
    first: {type: lookup, found: known, unknown: stranger, late: late, use_language: true}
    known: {type: queue, queue: sales, priority: "customer.priority", timeout: end}
    stranger: {type: queue, queue: sales, priority: "customer.priority", timeout: end}
    late: {type: hangup}
"""


def test_a_customer_is_found_by_number() -> None:
    line = Line(flow_of(LOOKUP))
    ask = line.ordered(o.LookUpCustomer)
    assert (ask.by, ask.value) == ("number", "13800000000")
    line.tell(s.CustomerLookedUp(ask.ref, "found", GOLD))
    assert f.CustomerIdentified(GOLD, "number") in line.facts
    assert line.session.language == "en"
    queue = line.ordered(EnterQueue)
    assert (queue.priority, queue.customer, queue.language) == (20, "C1", "en")


def test_pressed_digits_count_as_a_priority() -> None:
    steps = """
        first: {type: set, values: {level: "7", words: gold}, next: pressed}
        pressed: {type: queue, queue: sales, priority: level, boost_s: words, timeout: end}
    """
    queue = Line(flow_of(steps)).ordered(EnterQueue)
    assert (queue.priority, queue.boost_s) == (7, 0)


def test_an_unknown_caller_has_empty_data() -> None:
    line = Line(flow_of(LOOKUP))
    line.tell(s.CustomerLookedUp(line.session.wait["ref"], "unknown"))
    assert (line.session.step, line.ordered(EnterQueue).priority) == ("stranger", 0)


@pytest.mark.parametrize("how", ["late", "timer"])
def test_a_late_directory_does_not_hold_the_call(how: str) -> None:
    line = Line(flow_of(LOOKUP))
    if how == "late":
        line.tell(s.CustomerLookedUp(line.session.wait["ref"], "late"))
    else:
        line.timeout()
    assert line.session.step == "late"


def test_digits_during_a_lookup_are_kept() -> None:
    flow = flow_of("""
        first: {type: lookup, found: menu, unknown: menu}
        menu: {type: menu, say: main_menu, choices: {1: end}, no_input: end}
    """)
    line = Line(flow)
    line.press("1")
    line.tell(s.CustomerLookedUp(line.session.wait["ref"], "unknown"))
    assert line.last.ended == "completed"


# --- http -------------------------------------------------------------------------------------------------
HTTP = """
    start: {type: set, values: {order: "a/b?c=1&x=%0a"}, next: first}
    first:
      type: http
      url: "https://shop.example.com/orders/{{ order }}?from={{ caller }}"
      method: POST
      headers: {X-Order: "{{ order }}\\r\\nEvil: 1"}
      body: {order: "{{ order }}", lines: ["{{ caller }}"]}
      save: {state: data.state, days: data.parts.1.days, gone: data.nothing}
      ok: good
      not_found: none
      failed: bad
    good: {type: hangup}
    none: {type: hangup}
    bad: {type: hangup}
"""


def test_values_in_an_address_are_encoded_and_headers_have_one_line() -> None:
    order = Line(flow_of(HTTP, "flow: test\nstart: start")).ordered(o.CallHttp)
    assert order.url == "https://shop.example.com/orders/a%2Fb%3Fc%3D1%26x%3D%250a?from=13800000000"
    assert order.headers == {"X-Order": "a/b?c=1&x=%0a Evil: 1"}
    assert order.body == {"order": "a/b?c=1&x=%0a", "lines": ["13800000000"]}


def test_parts_of_the_answer_are_kept() -> None:
    line = Line(flow_of(HTTP, "flow: test\nstart: start"))
    body = {"data": {"state": "sent", "parts": [{"days": 1}, {"days": 3}]}}
    line.tell(s.HttpReturned(line.session.wait["ref"], "done", 200, body))
    assert [line.session.vars[name] for name in ("state", "days", "gone")] == ["sent", 3, ""]
    assert line.told(f.StepEntered)[-1].step == "good"


@pytest.mark.parametrize(
    "answer, step, why",
    [
        (("done", 404), "none", None),
        (("done", 403), "bad", ("status", 403)),
        (("failed", 500), "bad", ("status", 500)),
        (("timed_out", 0), "bad", ("timed_out", 0)),
        (("refused", 0, None, "private_address"), "bad", ("private_address", 0)),
        (("failed", 0, None, "unknown_host"), "bad", ("unknown_host", 0)),
    ],
)
def test_answers_that_are_none_say_why(answer: tuple[Any, ...], step: str, why: tuple[str, int] | None) -> None:
    line = Line(flow_of(HTTP, "flow: test\nstart: start"))
    asking = line.session.step
    line.tell(s.HttpReturned(line.session.wait["ref"], *answer))
    assert line.told(f.StepEntered)[-1].step == step
    failures = [f.RequestFailed(asking, "shop.example.com", *why)] if why else []
    assert line.told(f.RequestFailed) == failures


def test_an_answer_that_never_comes_says_so() -> None:
    line = Line(flow_of(HTTP, "flow: test\nstart: start"))
    line.timeout()
    assert line.told(f.RequestFailed)[0].reason == "timed_out"
    assert line.told(f.StepEntered)[-1].step == "bad"


def test_what_is_picked_is_small_and_flat() -> None:
    assert picked({"a": "x" * 5000}, "a") == "x" * 1000
    assert (
        picked({"a": {"b": [1]}}, "a")
        == picked([1], "7")
        == picked("text", "a")
        == picked({"a": None}, "a")
        == ""
    )
    assert picked({"a": [{"b": False}]}, "a.0.b") is False


# --- hours ----------------------------------------------------------------------------------------------------
OFFICE = Calendar(
    "office",
    week=dict.fromkeys(range(1, 6), ((540, 720), (780, 1080))),
    dates={"2026-12-31": ((540, 660),)},
)


@pytest.mark.parametrize(
    "changes, is_open",
    [
        ({"minute": 539}, False),
        ({"minute": 540}, True),
        ({"minute": 719}, True),
        ({"minute": 720}, False),
        ({"minute": 780}, True),
        ({"minute": 1080}, False),
        ({"weekday": 6}, False),
        ({"weekday": 6, "make_up_day": True}, True),
        ({"holiday": "National Day"}, False),
        ({"date": "2026-12-31", "minute": 600, "holiday": "Eve"}, True),
        ({"date": "2026-12-31", "minute": 700}, False),
    ],
)
def test_opening_hours(changes: dict[str, object], is_open: bool) -> None:
    assert decide(OFFICE, replace(MONDAY_10, **changes)).open is is_open  # type: ignore[arg-type]


def test_a_holiday_leads_to_its_own_step_and_is_told() -> None:
    flow = flow_of("""
        first: {type: hours, calendar: office, open: end, closed: closed, holiday: holiday}
        closed: {type: hangup, say: welcome}
        holiday: {type: hangup, say: goodbye}
    """)
    line = Line(flow, calendars={"office": OFFICE})
    why = "weekday 1: 09:00-12:00, 13:00-18:00"
    assert line.told(f.HoursDecided) == [f.HoursDecided("office", True, MONDAY_10.iso, why)]
    assert line.last.ended == "completed"
    feast = replace(MONDAY_10, holiday="国庆节")
    assert Line(flow, calendars={"office": OFFICE}, local=feast).session.step == "holiday"
    sunday = replace(MONDAY_10, weekday=7)
    assert Line(flow, calendars={"office": OFFICE}, local=sunday).session.step == "closed"


# --- transfer -------------------------------------------------------------------------------------------------
TRANSFER = """
    first: {type: transfer, say: transferring, to: "+862155501234", trunk: office, ring_s: 20, busy: message, failed: sorry}
    message: {type: voicemail, box: service, next: end}
    sorry: {type: play, say: transfer_failed, next: end}
"""


def test_a_transfer_that_is_taken_goes_on_after_the_talk() -> None:
    line = Line(flow_of(TRANSFER))
    line.played()
    order = line.ordered(o.TransferLeg)
    assert (order.to, order.trunk, order.ring_s) == ("+862155501234", "office", 20)
    line.tell(s.TransferBegun(order.ref, order.to))
    assert line.session.wait["timer"] == ""  # a talk has no deadline
    line.tell(s.TransferEnded(order.ref, "done"))
    assert f.CallTransferred("+862155501234", "done") in line.facts
    assert (line.last.ended, line.last.orders) == ("completed", [o.HangUp(LEG)])


@pytest.mark.parametrize(
    "result, step", [("busy", "message"), ("no_answer", "sorry"), ("unreachable", "sorry")]
)
def test_a_transfer_that_fails(result: str, step: str) -> None:
    line = Line(flow_of(TRANSFER))
    line.played()
    line.tell(s.TransferEnded(line.session.wait["ref"], result))
    assert line.session.step == step


def test_a_transfer_that_never_ends_is_given_up() -> None:
    line = Line(flow_of(TRANSFER))
    line.played()
    line.timeout()
    assert line.session.step == "sorry"


# --- greeting -------------------------------------------------------------------------------------------------
GREETING = """
    first: {type: greeting, slot: main, next: second, shown: third}
    second: {type: menu, say: main_menu, choices: {1: end}, no_input: end}
    third: {type: menu, say: main_menu, choices: {1: end}, no_input: end}
"""


def test_a_greeting_is_said_while_it_is_in_force() -> None:
    up = Line(flow_of(GREETING), greetings={"main": {"prompt": "welcome", "until": 2000.0}}, prompts=MANIFEST)
    assert up.ordered(o.Play).sounds == ("zh/welcome.wav",)
    up.press("1")
    assert up.session.step == "first"  # barge-in is off
    up.played()
    assert up.last.ended == "completed"
    for greetings in ({}, {"main": Greeting("welcome", until=999.0)}, {"other": Greeting()}):
        assert Line(flow_of(GREETING), greetings=greetings, prompts=MANIFEST).session.step == "second"


def test_a_greeting_speaks_its_text_where_that_is_recorded() -> None:
    greeting = Greeting("welcome", {"zh": "goodbye"})
    line = Line(flow_of(GREETING), greetings={"main": greeting}, prompts=MANIFEST)
    assert line.ordered(o.Play).sounds == ("zh/goodbye.wav",)
    line = Line(flow_of(GREETING), greetings={"main": Greeting("welcome", {"zh": "new"})}, prompts=MANIFEST)
    assert line.ordered(o.Play).sounds == ("zh/welcome.wav",)


def test_before_the_language_is_chosen_a_greeting_is_said_in_several() -> None:
    flow = flow_of(GREETING.replace("slot: main", "slot: main, languages: [zh, en]"))
    greeting = Greeting("welcome", {"en": "goodbye"})
    line = Line(flow, greetings={"main": greeting}, prompts=MANIFEST)
    assert line.ordered(o.Play).sounds == ("zh/welcome.wav", "en/goodbye.wav")


# --- what is said ---------------------------------------------------------------------------------------------
def test_a_missing_prompt_is_a_tone_and_a_fact() -> None:
    line = Line(flow_of("first: {type: play, say: [welcome, never_made], next: end}"), prompts=MANIFEST)
    sounds = line.ordered(o.Play).sounds
    assert sounds[0] == "zh/welcome.wav" and sounds[1].startswith("tone:")
    assert f.PromptMissing("never_made", "zh") in line.facts


def test_a_call_is_answered_once_and_not_before_it_must() -> None:
    flow = flow_of("""
        first: {type: set, values: {a: 1}, next: second}
        second: {type: play, say: welcome, next: third}
        third: {type: queue, queue: sales, timeout: end}
    """)
    line = Line(flow)
    assert [type(order) for order in line.last.orders][:2] == [o.Answer, o.Play]
    line.played()
    assert not any(isinstance(order, o.Answer) for order in line.last.orders)
    rejected = Line(flow_of("first: {type: hangup, reason: busy}"))
    assert rejected.last.orders == [o.HangUp(LEG, "busy")]


# --- agents ---------------------------------------------------------------------------------------------------
def test_a_refused_presence_is_said_or_leads_elsewhere() -> None:
    flow = flow_of("""
        first: {type: presence, state: wrap_up_done, refused: second}
        second: {type: presence, state: ready_once}
    """)
    line = Line(flow, ani="1001")
    asked = line.ordered(ChangePresence)
    assert (asked.agent, asked.contact, asked.state) == ("", "1001", "wrap_up_done")
    line.tell(s.PresenceAnswered(asked.ref, False, reason="not_in_wrap_up"))
    asked = line.ordered(ChangePresence)
    line.tell(s.PresenceAnswered(asked.ref, False, reason="not_logged_in"))
    assert line.ordered(o.Play)
    line.played()
    assert line.last.ended == "completed"


def test_three_wrong_pins_end_the_login() -> None:
    line = Line(flow_of("first: {type: agent_login, no_input: end}"), ani="1001")
    for _ in range(3):
        line.press("1001#1#")
        line.tell(s.PinChecked(line.ordered(o.CheckPin).ref, False))
    assert line.last.ended == "completed"
    assert not line.told(f.VariableSet)


# --- set, branch, queue figures -------------------------------------------------------------------------------
def test_branches_see_queues_clock_and_variables() -> None:
    flow = flow_of("""
        first: {type: set, values: {a: 2, b: "x{{ a }}"}, compute: {c: "a * 3"}, next: second}
        second:
          type: branch
          when:
            - {if: "c == 7", go: wrong}
            - {if: "queues.sales.waiting >= 5 and now.weekday == 1 and now.time == '10:00' and b == 'x2'", go: right}
          else: wrong
        right: {type: hangup, say: goodbye}
        wrong: {type: hangup}
    """)
    line = Line(flow)
    assert line.told(f.StepEntered)[-1].step == "wrong"
    line = Line(flow, queues={"sales": QueueFigures(waiting=5)})
    assert line.session.step == "right"
    assert line.session.vars == {"a": 2, "b": "x2", "c": 6}


def test_a_goto_into_another_flow_does_not_come_back() -> None:
    other = flow_of("first: {type: queue, queue: sales, timeout: end}", "flow: other\nstart: first")
    flow = flow_of("first: {type: goto, flow: other}", links={"other": other.version})
    line = Line(flow, other)
    assert (line.session.flow, line.session.stack) == ("other", [])
    line.tell(QueueEnded("timeout"))
    assert line.last.ended == "completed"


def test_subflows_nest_and_return() -> None:
    inner = flow_of("first: {type: set, values: {x: 1}, next: end}", "flow: inner\nstart: first")
    middle = flow_of(
        "first: {type: subflow, flow: inner, next: end}",
        "flow: middle\nstart: first",
        {"inner": inner.version},
    )
    outer = flow_of(
        """
        first: {type: subflow, flow: middle, next: second}
        second: {type: queue, queue: "sales", timeout: end}
        """,
        "flow: outer\nstart: first",
        {"middle": middle.version},
    )
    line = Line(outer, middle, inner)
    assert (line.session.flow, line.session.step, line.session.vars) == ("outer", "second", {"x": 1})

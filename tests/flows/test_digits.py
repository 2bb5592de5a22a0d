"""How keys are heard: type-ahead, barge-in, time-outs, terminators, wrong keys and too many."""

from __future__ import annotations

import pytest
from flow_line import LEG, Line, flow_of

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow.requests import ChangePresence, EnterQueue, QueueEnded
from switch_app.core.flow.steps.queue import QueueStep

MENU = """
    first: {type: menu, say: main_menu, choices: {1: one, 2: two}, no_input: silent, invalid: wrong, %s}
    one: {type: hangup, say: goodbye}
    two: {type: hangup}
    silent: {type: hangup}
    wrong: {type: hangup}
"""
COLLECT = """
    first: {type: collect, say: account_enter, save: account, digits: {min: 3, max: 6}, no_input: end, next: then, %s}
    then: {type: menu, say: main_menu, choices: {1: end, "#": end}, no_input: end}
"""


def menu(more: str = "retries: 2") -> Line:
    return Line(flow_of(MENU % more))


def collect(more: str = "retries: 2") -> Line:
    return Line(flow_of(COLLECT % more))


def stops(line: Line) -> bool:
    return any(isinstance(order, o.StopPlay) for order in line.last.orders)


def test_the_first_digit_ends_what_is_said() -> None:
    line = menu()
    line.press("1")
    assert line.last.orders[0] == o.StopPlay(LEG)
    assert line.session.step == "one"


def test_without_barge_in_the_digit_waits_for_the_end() -> None:
    line = menu("barge_in: false")
    line.press("1")
    assert (line.session.step, stops(line), line.session.typed) == ("first", False, "1")
    line.played()
    assert line.session.step == "one"


def test_flush_forgets_what_was_typed_before() -> None:
    flow = flow_of(
        "zero: {type: play, say: welcome, barge_in: false, next: first}\n"
        + MENU.replace("\n    ", "\n") % "flush: true",
        "flow: test\nstart: zero",
    )
    line = Line(flow)
    line.press("1")
    line.played()
    assert line.session.step == "first"
    line.press("2")
    assert line.last.ended == "completed"


def test_a_digit_during_an_announcement_is_kept_for_the_menu() -> None:
    line = Line(flow_of("zero: {type: play, say: welcome, next: first}\n" + MENU.replace("\n    ", "\n") % "retries: 0", "flow: test\nstart: zero"))  # fmt: skip
    line.press("2")
    assert (line.last.ended, f.DigitsCollected("first", "2", True) in line.last.facts) == ("completed", True)


def test_silence_is_asked_again_then_leaves() -> None:
    line = menu("retries: 1, first_digit_s: 4")
    line.played()
    assert line.ordered(o.StartTimer).due_at == line.now + 4
    line.timeout()
    assert line.ordered(o.Play) and line.session.step == "first"
    line.played()
    line.timeout()
    assert "silent" in [fact.step for fact in line.told(f.StepEntered)]


def test_wrong_keys_are_asked_again_then_leave() -> None:
    line = menu("retries: 1")
    line.press("9")
    assert f.DigitsCollected("first", "9", False) in line.last.facts
    line.press("*")
    assert "wrong" in [fact.step for fact in line.told(f.StepEntered)]


def test_without_a_step_for_it_the_last_silence_is_a_failure() -> None:
    line = Line(flow_of("first: {type: menu, say: main_menu, choices: {1: end}, retries: 0}"))
    line.played()
    line.timeout()
    assert "no_input after 1" in line.told(f.StepFailed)[0].problem


@pytest.mark.parametrize("digits", ["9" * 200, "1" * 200, "*" * 200, "#" * 200, "0123456789*#" * 17])
@pytest.mark.parametrize("made", [menu, collect])
def test_two_hundred_digits_do_no_harm(made: object, digits: str) -> None:
    line: Line = made()  # type: ignore[operator]
    line.press(digits)
    assert len(line.session.typed) <= 64
    assert line.last.ended in (None, "completed")


def test_a_key_that_begins_another_waits_for_a_time_out() -> None:
    flow = flow_of("""
        first: {type: menu, say: main_menu, choices: {1: one, 12: twelve}, no_input: end}
        one: {type: hangup, say: goodbye}
        twelve: {type: hangup, say: goodbye}
    """)
    line = Line(flow)
    line.press("1")
    assert line.session.step == "first"
    line.timeout()
    assert line.session.step == "one"
    line = Line(flow)
    line.press("12")
    assert line.session.step == "twelve"


# --- entries --------------------------------------------------------------------------------------------
def test_an_entry_ends_at_the_terminator_or_when_it_is_full() -> None:
    line = collect()
    line.press("1234#")
    assert f.VariableSet("account", "1234") in line.facts
    line = collect()
    line.press("123456")
    assert f.VariableSet("account", "123456") in line.facts


def test_a_terminator_after_a_full_entry_is_swallowed_once_and_soon() -> None:
    line = collect()
    line.press("123456#")
    assert (line.session.step, line.session.typed) == ("then", "")
    line.press("#")
    assert line.last.ended == "completed"
    line = collect()
    line.press("123456")
    line.now += 5
    line.press("#")
    assert line.last.ended == "completed"


def test_a_star_starts_the_entry_again() -> None:
    line = collect()
    line.press("99*123#")
    assert f.VariableSet("account", "123") in line.facts


def test_a_pause_ends_an_entry_that_is_long_enough() -> None:
    line = collect("inter_digit_s: 2.5")
    line.press("123")
    assert line.ordered(o.StartTimer).due_at == line.now + 2.5
    line.timeout()
    assert f.VariableSet("account", "123") in line.facts
    line = collect("retries: 0")
    line.press("12")
    line.timeout()
    assert f.DigitsCollected("first", "12", False) in line.facts


def test_a_check_that_fails_asks_again_and_leaves_nothing_behind() -> None:
    line = collect("check: \"starts(account, '6')\"")
    line.press("123#")
    assert line.session.step == "first"
    assert "account" not in line.session.vars
    line.press("612#")
    assert line.session.vars == {"account": "612"}


def test_a_lost_end_of_a_prompt_does_not_hang_the_call() -> None:
    line = menu("retries: 0")
    line.timeout()  # the play's own limit: as if it had ended
    assert line.session.step == "first"
    line.timeout()
    assert "silent" in [fact.step for fact in line.told(f.StepEntered)]


def test_a_prompt_that_cannot_be_played_is_over() -> None:
    line = menu()
    line.played("failed")
    assert "could not be played" in line.told(f.StepFailed)[0].problem
    assert line.session.wait["ref"] == ""
    line.press("1")
    assert line.session.step == "one"


# --- in a queue -----------------------------------------------------------------------------------------
def test_in_a_queue_the_interaction_listens_for_keys_from_the_first_words_on() -> None:
    flow = flow_of("""
        first: {type: queue, queue: sales, busy_say: [agents_busy, wait_choice], position_say: wait_choice, leave_keys: {1: message}, timeout: end}
        message: {type: voicemail, box: service, next: end}
    """)
    assert isinstance(flow.steps["first"], QueueStep)
    line = Line(flow)
    queued = line.ordered(EnterQueue)
    assert queued.leave_keys == "1" and len(queued.words) == 2 and len(queued.position_words) == 1
    assert line.press("1").facts == []
    assert line.session.typed == ""
    line.tell(QueueEnded("left", "1"))
    assert line.session.step == "message"


def test_digits_of_another_leg_are_not_ours() -> None:
    line = menu()
    line.tell(s.DigitPressed("agent", "1"))
    assert line.session.step == "first"


def test_a_deadline_that_a_digit_has_just_moved_ends_nothing() -> None:
    """The timer fires while the order that moves it is on its way to the disk (whole centre, seed 158)."""
    line = collect()
    line.played()
    passed = line.session.wait["timer"]
    line.press("12")
    line.tell(s.TimerFired(passed))
    assert (line.session.step, line.session.digits) == ("first", "12")
    assert line.session.attempts == {}
    line.press("3#")
    assert line.session.vars["account"] == "123"


def test_a_secret_that_is_entered_anew_is_checked_anew() -> None:
    """The check sees what was pressed now, not what was kept the first time."""
    line = Line(
        flow_of("""
        pin: {type: collect, say: enter_account, save: pin, digits: {min: 2, max: 4}, secret: true, check: "len(pin) == 4", next: verify, no_input: end, retries: 0}
        verify: {type: menu, say: main_menu, choices: {1: pin}, no_input: end}
        """, "flow: test\nstart: pin")
    )  # fmt: skip
    line.press("1234")
    assert line.session.step == "verify"
    line.press("1" + "99#")
    assert line.session.ended == "completed"  # 99 is too short, and no_input is the way out
    assert "1234" not in str(line.facts)


@pytest.mark.parametrize("pressed, language", [("", "zh"), ("7", "zh"), ("2", "en")])
@pytest.mark.parametrize("ways", ["", "invalid: lost,", "no_input: lost,"])
def test_the_choice_of_a_language_goes_on_without_a_way_out(ways: str, pressed: str, language: str) -> None:
    line = Line(
        flow_of(f"""
        first: {{type: language, choices: {{1: zh, 2: en}}, default: zh, {ways} retries: 1, next: menu}}
        menu: {{type: menu, say: main_menu, choices: {{1: end}}, no_input: end}}
        lost: {{type: menu, say: main_menu, choices: {{1: end}}, no_input: end}}
        """)
    )
    for _ in range(2 if pressed != "2" else 1):
        line.played()
        line.press(pressed) if pressed else line.timeout()
    lost = "invalid" in ways and pressed == "7" or "no_input" in ways and pressed != "2"
    assert line.session.step == ("lost" if lost else "menu")
    assert line.session.language == language
    assert line.told(f.StepFailed) == []


def test_a_presence_with_a_reason_of_its_own_takes_it_after_wrong_keys_too() -> None:
    line = Line(
        flow_of("""
        first: {type: presence, state: not_ready, say: agent_choose_reason, reasons: {1: meal}, reason: break, retries: 1, next: end}
        """)
    )  # fmt: skip
    for _ in range(2):
        line.played()
        line.press("9")
    assert line.ordered(ChangePresence).reason == "break"

"""The first call: welcome, language, menu by key, queue; and an agent who logs in by keypad."""

from __future__ import annotations

from pathlib import Path

from flow_line import LEG, Line, flow_of

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow.requests import ChangePresence, EnterQueue, QueueEnded
from switch_app.flowfiles.library import load_all

SAMPLES = load_all(Path(__file__).parents[2] / "ivr_flows").flows
CENTRE = flow_of("""
    first: {type: play, say: welcome_bilingual, next: language}
    language: {type: language, choices: {1: zh, 2: en}, next: menu}
    menu: {type: menu, say: main_menu, choices: {1: sales, 2: support}, no_input: sales}
    sales: {type: queue, queue: sales, timeout: bye}
    support: {type: queue, queue: support, timeout: bye}
    bye: {type: hangup, say: goodbye}
""")


def test_a_digit_leads_to_the_queue() -> None:
    line = Line(CENTRE)
    assert isinstance(line.last.orders[0], o.Answer)
    line.played()
    line.press("1")
    assert f.LanguageChosen("zh") in line.facts
    line.press("2")
    assert f.DigitsCollected("menu", "2", True) in line.last.facts
    assert line.ordered(EnterQueue).queue == "support"
    assert line.last.ended is None
    line.tell(QueueEnded("answered"))
    assert line.last.ended == "completed"
    assert line.last.orders == [o.HangUp(LEG)]
    assert f.FlowEnded("completed") in line.last.facts


def test_digits_typed_ahead_skip_what_is_said() -> None:
    line = Line(CENTRE)
    line.press("21")
    assert f.LanguageChosen("en") in line.facts
    assert line.ordered(EnterQueue).queue == "sales"


def test_stale_signals_change_nothing() -> None:
    line = Line(CENTRE)
    before = line.session
    stale = (
        s.PlayEnded("other", "done"),
        s.PlayEnded("", "done"),
        s.TimerFired("flow-other"),
        s.DigitPressed("elsewhere", "1"),
        s.DigitPressed(LEG, "\n"),
        s.DigitPressed(LEG, "12"),
        QueueEnded("answered"),
        s.PinChecked("", True),
        s.LegEnded("other", "normal"),
        s.SwitchLost(),
    )
    for signal in stale:
        turnout = line.tell(signal)
        assert (turnout.session, turnout.facts, turnout.orders, turnout.ended) == (before, [], [], None)


def test_an_agent_logs_in_by_keypad() -> None:
    line = Line(SAMPLES["agent_log_in"], ani="1001")
    line.press("1001#")
    assert o.ShieldDigits(LEG, True) in line.last.orders
    line.press("4711#")
    assert o.ShieldDigits(LEG, False) in line.last.orders
    check = line.ordered(o.CheckPin)
    assert (check.agent, check.pin) == ("1001", "4711")
    assert "4711" not in str(line.facts)
    line.tell(s.PinChecked(check.ref, True, "1001"))
    change = line.ordered(ChangePresence)
    assert (change.agent, change.state, change.contact) == ("1001", "logged_in", "1001")
    line.tell(s.PresenceAnswered(change.ref, True, "not_ready"))
    line.played()
    assert line.last.ended == "completed"

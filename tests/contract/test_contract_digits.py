"""Keys: every one, in every speed and by both ways, thirty in a row, and in the middle of a prompt."""

from __future__ import annotations

import pytest
from contract_application import Application
from contract_moves import PROMPT_HZ, call_in, hears, tone
from contract_rtp import BadLineCaller, RtpCaller
from contract_story import arrived, assert_story, ended, played, pressed, story
from contract_worlds import CALLER_HZ, World

from switch_app.core import orders as o
from switch_app.core import signals as s

ALL = "1234567890*#"


def test_every_key(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    caller.digits(ALL)
    app.until(lambda: len(app.seen(s.DigitPressed)) == len(ALL), "all keys")
    assert_story(app, [arrived(), *pressed(ALL)])


def test_keys_by_info(world: World, app: Application) -> None:
    if not world.sip:
        pytest.skip("a double without SIP knows no INFO")
    caller, leg = call_in(world, app)
    caller.digits("17*#", method="info")
    app.until(lambda: len(app.seen(s.DigitPressed)) == 4, "all keys")
    assert_story(app, [arrived(), *pressed("17*#")])


def test_thirty_keys_in_a_row_during_a_prompt_that_is_stopped_by_the_first(world: World, app: Application) -> None:
    digits = "314159265358979323846264338327"
    caller, leg = call_in(world, app)
    app.on(s.DigitPressed, lambda digit: o.StopPlay(leg))
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 20000)))
    hears(world, caller, PROMPT_HZ)
    caller.digits(digits)
    app.until(lambda: len(app.seen(s.DigitPressed)) == len(digits), "all keys", 9)
    caller.hangup()
    app.wait(s.LegEnded)
    app.quiet()
    told, stopped = story(app), played("p1", "stopped")
    assert [line for line in told if line != stopped] == [arrived(), *pressed(digits), ended()]
    assert told.count(stopped) == 1 and told.index(stopped) > 1, "by the first key; others may come meanwhile"


@pytest.mark.parametrize(("tone_ms", "gap_ms"), [(40, 40), (60, 60), (100, 50), (250, 100)])
def test_keys_of_all_speeds(world: World, app: Application, tone_ms: int, gap_ms: int) -> None:
    """40 ms is what a dialling machine does (ITU-T Q.24), a quarter of a second what a thoughtful person does."""
    if not world.sip:
        pytest.skip("a double without SIP knows no RTP")
    digits = "122*0#"
    with RtpCaller(world.server, b"<sip:13800000001@phone.example>") as caller:
        caller.invite()
        leg = app.arrived()
        assert caller.wait_answer() == 200
        app.order(o.Play("p1", leg, tone(PROMPT_HZ, 20000)))
        for digit in digits:
            caller.press_for(digit, tone_ms, gap_ms)
        app.until(lambda: len(app.seen(s.DigitPressed)) >= len(digits), "all keys")
        app.quiet()
        assert "".join(each.digit for each in app.seen(s.DigitPressed)) == digits


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_keys_over_a_bad_line(world: World, app: Application, seed: int) -> None:
    """A tenth of the packets is lost, some come twice or in the wrong order: each key comes once all the same."""
    if not world.sip:
        pytest.skip("a double without SIP knows no RTP")
    digits = "1225550*#"
    with BadLineCaller(world.server, b"<sip:13800000001@phone.example>", seed) as caller:
        caller.invite()
        app.arrived()
        assert caller.wait_answer() == 200
        caller.speak(CALLER_HZ, 0.2)
        for digit in digits:
            caller.press_for(digit, 100, 80)
            caller.speak(CALLER_HZ, 0.1)
        app.until(lambda: len(app.seen(s.DigitPressed)) >= len(digits), "all keys")
        app.quiet()
        assert "".join(each.digit for each in app.seen(s.DigitPressed)) == digits

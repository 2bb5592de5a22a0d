"""A caller comes and goes: CallArrived, the answer, digits, and every way to end."""

from __future__ import annotations

import pytest
from contract_application import Application
from contract_story import arrived, assert_story, ended
from contract_worlds import World

from switch_app.core import orders as o
from switch_app.core import signals as s


def test_a_caller_arrives_is_answered_and_hangs_up(world: World, app: Application) -> None:
    caller = world.caller()
    caller.call("4000")
    app.arrived()
    caller.wait_for("confirmed")
    caller.hangup()
    app.wait(s.LegEnded)
    assert_story(app, [arrived(), ended()])


def test_the_application_hangs_up(world: World, app: Application) -> None:
    caller = world.caller()
    caller.call("4000")
    leg = app.arrived()
    caller.wait_for("confirmed")
    app.order(o.HangUp(leg))
    caller.wait_for("disconnected")
    assert_story(app, [arrived(), ended(by="application")])


@pytest.mark.parametrize("dialled", ["*99", "4711"])
def test_what_leads_nowhere_from_an_agents_phone_is_no_caller(world: World, app: Application, dialled: str) -> None:
    """Digits are open to callers from outside, so that the phone is asked who it is before they are."""
    if not world.sip:
        pytest.skip("it is the dialplan's, and needs phones")
    agent = world.agent("1001")
    agent.call(dialled)
    app.arrived()
    agent.hangup()
    app.wait(s.LegEnded)
    told = app.seen(s.CallArrived)[0]
    assert (told.context, told.ani, told.dnis) == ("agents", "1001", dialled)

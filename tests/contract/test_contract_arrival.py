"""A caller comes and goes: CallArrived, the answer, digits, and every way to end."""

from __future__ import annotations

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

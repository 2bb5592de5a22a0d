"""A caller comes and goes: CallArrived, the answer, digits, and every way to end."""

from __future__ import annotations

import contextlib
import socket

import pytest
from contract_application import Application
from contract_moves import PROMPT_HZ, call_in, hears, tone
from contract_story import arrived, assert_story, ended
from contract_worlds import RTP_PORTS, World

from switch_app.core import orders as o
from switch_app.core import signals as s

FEW = 3  # ports for audio that are left to the switch


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


def test_ports_for_audio_that_others_have_cost_no_caller(world: World, app: Application) -> None:
    """FreeSWITCH answers, and then hangs up with INCOMPATIBLE_DESTINATION, unless it looks before."""
    if not world.sip:
        pytest.skip("it is about real audio")
    with contextlib.ExitStack() as others:
        taken = [others.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(RTP_PORTS // 2)]
        for number, probe in enumerate(taken[:-FEW]):
            with contextlib.suppress(OSError):  # the switch has it
                probe.bind(("127.0.0.1", world.plan.rtp_low + 2 * number))
        caller, leg = call_in(world, app)
        app.order(o.Play("tone", leg, tone(PROMPT_HZ, 5000)))
        hears(world, caller, PROMPT_HZ)
    assert not app.seen(s.LegEnded)

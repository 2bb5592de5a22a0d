"""The transfer key of a phone in a talk (REFER): an agent's may, a caller's only ends the talk."""

from __future__ import annotations

import time

import pytest
from contract_application import Application
from contract_moves import hears, talk, they_talk
from contract_worlds import AGENT_HZ, World

from switch_app.core import signals as s


@pytest.fixture(autouse=True)
def _with_phones(world: World) -> None:
    if not world.audible:
        pytest.skip("no transfer keys without SIP")


@pytest.mark.parametrize("target", ["4000", "1002", "nonsense", "*11"])
def test_by_a_caller_ends_the_talk(world: World, app: Application, target: str) -> None:
    """The agent's leg becomes no contact and rings no colleague; the caller is where callers are after a talk."""
    colleague = world.agent("1002", answer_after_s=0.0)
    rung = len(colleague.seen("incoming"))
    caller, agent, leg, other = talk(world, app)
    they_talk(world, caller, agent)
    caller.transfer(target)
    app.wait(s.LegEnded, leg=other)
    agent.wait_until(lambda phone: not phone.in_call, 2, "the agent's phone is idle")
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")
    app.quiet()
    assert {each.leg for each in app.seen(s.CallArrived)} == {leg}
    assert len(colleague.seen("incoming")) == rung


def test_by_an_agent_to_a_colleague(world: World, app: Application) -> None:
    """The two talk; the agent is free."""
    colleague = world.agent("1002", answer_after_s=0.0)
    caller, agent, leg, other = talk(world, app)
    agent.hush()
    agent.transfer("1002")
    app.wait(s.LegEnded, leg=other)
    agent.wait_until(lambda phone: not phone.in_call, 2, "the agent's phone is idle")
    colleague.wait_for("confirmed")
    time.sleep(0.3)
    hears(world, caller, AGENT_HZ)
    assert not [each for each in app.seen(s.LegEnded) if each.leg == leg]


def test_by_an_agent_to_a_number_of_ours(world: World, app: Application) -> None:
    """The caller is in the application again, as another arrival of the same contact."""
    caller, agent, leg, other = talk(world, app)
    agent.transfer("4000")
    app.wait(s.LegEnded, leg=other)
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")
    assert {each.leg for each in app.seen(s.CallArrived)} == {leg}
    assert caller.in_call

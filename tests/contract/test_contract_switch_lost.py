"""The switch itself dies and comes back: its calls are lost, and the application serves on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_all import ALL, new_world
from contract_moves import PROMPT_HZ, call_in, talk, they_talk, tone
from contract_story import told
from contract_worlds import World
from test_contract_reconciling import believe

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase


@pytest.fixture(params=ALL)
def mortal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A switch of the test's own."""
    world = new_world(request.param, tmp_path)
    yield world
    world.close()


def test_the_switch_is_killed_and_comes_back(mortal: World) -> None:
    """Every interaction is told SwitchLost, once; the line is up again by itself; new calls work as before."""
    world, app = mortal, mortal.application()
    try:
        app.wait_up()
        app.look()
        caller, agent, leg, other = talk(world, app)
        they_talk(world, caller, agent)
        believe(app, leg, Phase.TALKING, other)
        first = len(app.heard)
        world.kill()
        app.until(lambda: not app.line.is_up, "the line is down")
        world.start()
        began = time.monotonic()
        app.wait_up()
        assert time.monotonic() - began < 5.0  # 2 s between two attempts at most
        app.look()
        app.quiet()
        assert [told(type(each.signal).__name__) for each in app.heard[first:]] == [told("SwitchLost")]
        app.interactions.clear()
        app.look(2)
        world.renew_phones()
        caller, leg = call_in(world, app)
        app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
        app.wait(s.PlayEnded)
        caller.hangup()
        app.wait(s.LegEnded)
        assert len([each for each in app.heard if isinstance(each.signal, s.SwitchLost)]) == 1
    finally:
        app.stop()

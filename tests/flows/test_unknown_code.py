"""The flow that an agent's phone gets for a code or number that leads nowhere."""

from __future__ import annotations

from flow_line import Line

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core.flow.fallback import BUILT_IN, UNKNOWN_CODE
from switch_app.core.flow.prompts import Manifest, Sound
from switch_app.core.flow.requests import EnterQueue


def test_a_short_word_and_the_end() -> None:
    manifest = Manifest(sounds={"agent_unknown_code": {"zh": Sound(file="zh/no_code.wav")}})
    line = Line(UNKNOWN_CODE, prompts=manifest)
    assert line.ordered(o.Play).sounds == ("zh/no_code.wav",)
    line.played()
    assert line.ordered(o.HangUp).reason == "normal"
    assert line.told(f.FlowEnded) == [f.FlowEnded("completed")]
    assert not any(isinstance(order, EnterQueue) for order in line.orders)


def test_after_a_restart_it_is_found_by_its_version_alone() -> None:
    line = Line(UNKNOWN_CODE)
    line.change_world(flows={})
    line.again()
    assert line.session.step == "sorry" and line.told(f.StepFailed) == []
    assert all(version == flow.version for version, flow in BUILT_IN.items())

"""What the call server keeps of a leg goes, also when nobody told of its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Interaction
from switch_app.esl.message import Event
from switch_app.switches import messages
from switch_app.switches.messages import Messages
from switch_app.switches.reconciler import Reconciler
from switch_app.switches.voice import VoiceSwitch

CALLER = "6c9d3f0e-0001-4a2b-9c3d-5e6f70819203"
AGENT = "6c9d3f0e-0002-8a2b-9c3d-5e6f70819203"
STREAM = "interaction:1"


class Line:
    """The control line before a switch with these legs; no event ever comes."""

    is_up = True

    def __init__(self) -> None:
        self.core, self.legs = "first", [AGENT]

    def api(self, name: str, args: str = "", timeout_s: float = 5.0) -> str:
        if name == "show":
            rows = [{"uuid": leg, "callstate": "ACTIVE"} for leg in self.legs]
            return json.dumps({"row_count": len(rows), "rows": rows})
        if name == "uuid_exists":
            return "true" if args in self.legs else "false"
        return self.core if name == "global_getvar" else "_undef_"

    def command(self, *_: Any) -> None: ...

    def bgapi(self, *_: Any, **__: Any) -> None: ...


class Centre:
    def __init__(self, folder: Path) -> None:
        self.line, self.interactions, self.now = Line(), {STREAM: Interaction()}, 0.0
        self.told: list[tuple[str, Any]] = []
        line: Any = self.line
        self.voice = VoiceSwitch(line, self._take, folder, folder)
        self.reconciler = Reconciler(line, self.voice, self._take, self.interactions, now=lambda: self.now)

    def _take(self, stream: str, signal: Any) -> None:
        self.told.append((stream, signal))

    def look(self) -> None:
        """Twice, so far apart that it counts."""
        for _ in range(2):
            self.now += 5.0
            self.reconciler.look()


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def test_a_leg_of_whose_end_nobody_told(centre: Centre) -> None:
    centre.voice.carry_out(STREAM, o.CallAgent(AGENT, "1", "1001", 20.0, "", ""))
    centre.line.legs.clear()
    centre.look()
    assert AGENT in centre.voice.streams, "its interaction is open: an answer may come yet"
    del centre.interactions[STREAM]
    centre.look()
    assert AGENT not in centre.voice.streams


def test_a_leg_that_is_still_there_is_kept(centre: Centre) -> None:
    centre.voice.carry_out(STREAM, o.CallAgent(AGENT, "1", "1001", 20.0, "", ""))
    del centre.interactions[STREAM]
    centre.look()
    assert centre.voice.streams == {AGENT: STREAM}


def test_a_talk_in_a_switch_that_has_died(centre: Centre) -> None:
    centre.look()
    centre.voice.met(CALLER, (STREAM, o.Join("j", CALLER, AGENT)))
    arrived = s.CallArrived("1", CALLER, "1", "", "4000", "inbound", "f", "v", "zh")
    assert centre.voice.is_stale(arrived, "")
    centre.line.core = "second"
    centre.look()
    assert not centre.voice.is_stale(arrived, "")


def test_a_message_of_whose_end_nobody_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(messages, "monotonic", lambda: now)
    line: Any = Line()
    told: list[s.RecordEnded] = []
    kept = Messages(line, tmp_path)

    def start(number: int) -> None:
        kept.start(CALLER, o.RecordMessage(f"r{number}", CALLER, f"voicemail/{number}.wav", max_s=120.0), told.append)

    def ended(number: int) -> bool:
        return kept.stopped(Event(f"Event-Name: RECORD_STOP\nRecord-File-Path: {tmp_path}/voicemail/{number}.wav\n\n".encode()))

    start(1)
    now = 179.0
    start(2)
    assert ended(1), "it may be as long as that"
    start(3)
    now = 400.0
    start(4)
    assert not ended(3) and ended(4)
    assert [each.ref for each in told] == ["r1", "r4"]

"""A bug in one stream's turn, and the other stream that it left behind: over a real journal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_turn import ARRIVED, House, rows

from switch_app.core import interaction as contact
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.agreement import LAG_S
from switch_app.core.interaction import Phase
from switch_app.runtime.mending import Mender
from switch_app.runtime.turn import FLOOR


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.journal.start()
    house.open_floor()
    house.take(ARRIVED)
    house.press("1234")
    yield house
    house.journal.close()


def crash(broken: type, really: Any) -> Any:
    """`decide`, which has a bug at one class of signals."""

    def decide(state: Any, signal: Any, now: float, world: Any) -> Any:
        if isinstance(signal, broken):
            raise KeyError("a bug")
        return really(state, signal, now, world)

    return decide


def looks(house: House) -> None:
    mender = Mender(house.turns)
    for _ in range(3):
        mender.look()
        house.now += LAG_S


def test_work_whose_end_the_floor_did_not_take_is_released(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(acd, "decide", crash(s.WorkWithdrawn, acd.decide))
    house.take(s.LegEnded("leg", "normal", by="caller"))
    assert "i1" in house.turns.floor.tables.items
    monkeypatch.undo()
    with caplog.at_level(logging.ERROR):
        looks(house)
    assert house.turns.floor.tables.items == {}
    assert "put right" in caplog.text
    house.settle()
    assert [kind for kind, _ in rows(house, "fact")][-2:] == ["Mended", "WorkLeft"]
    assert "WorkAstray" in [kind for kind, _ in rows(house, "signal")]


def test_an_agent_whose_talk_died_by_a_bug_is_released(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.turns.take(FLOOR, s.PresenceAsked("1001", "ready"))
    state = house.turns.interactions["interaction:i1"]
    assert state.offer
    house.take(s.LegAnswered(state.offer.leg))
    house.take(s.Joined(state.offer.join_ref, "leg", state.offer.leg))
    agent = house.turns.floor.tables.agents["1001"]
    assert agent.state == "talking"
    monkeypatch.setattr(acd, "decide", crash(s.ConversationOver, acd.decide))
    house.take(s.LegEnded("leg", "normal", by="caller"), 30)
    monkeypatch.undo()
    assert house.turns.floor.tables.agents["1001"].state == "talking"
    looks(house)
    assert house.turns.floor.tables.agents["1001"].state == "wrap_up"


def test_a_talk_of_which_the_floor_has_lost_all_is_known_again(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.turns.take(FLOOR, s.PresenceAsked("1001", "ready"))
    state = house.turns.interactions["interaction:i1"]
    assert state.offer
    house.take(s.LegAnswered(state.offer.leg))
    house.take(s.Joined(state.offer.join_ref, "leg", state.offer.leg))
    house.turns.take(FLOOR, s.WorkWithdrawn("i1", "lost"))
    assert house.turns.floor.tables.agents["1001"].state == "wrap_up"
    with caplog.at_level(logging.ERROR):
        looks(house)
    assert "put right" in caplog.text and house.turns.floor.tables.agents["1001"].state == "talking"
    house.take(s.LegEnded("leg", "normal", by="caller"), 30)
    assert house.turns.floor.tables.agents["1001"].state == "wrap_up" and house.turns.floor.tables.items == {}
    house.settle()
    kinds = [kind for kind, _ in rows(house, "fact")]
    assert kinds.index("Mended") + 1 == kinds.index("TalkRestored") < kinds.index("ConversationEnded")


def test_who_waits_although_the_floor_never_heard_of_it_is_served(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact, "decide", crash(s.QueueGaveUp, contact.decide))
    house.turns.take(FLOOR, s.OfferMissed("nothing", "no_answer"))
    house.turns.take(FLOOR, s.WorkWithdrawn("i1", "closed"))
    monkeypatch.undo()
    state = house.turns.interactions["interaction:i1"]
    assert state.phase is Phase.WAITING and house.turns.floor.tables.items == {}
    since = state.waiting_since
    looks(house)
    assert house.turns.floor.tables.items["i1"].work.waiting_since == since
    house.turns.take(FLOOR, s.PresenceAsked("1001", "ready"))
    assert state.phase is Phase.RINGING
    house.settle()
    assert "Mended" in [kind for kind, _ in rows(house, "fact")]


def test_a_house_without_bugs_is_left_alone(house: House) -> None:
    looks(house)
    house.settle()
    assert "Mended" not in [kind for kind, _ in rows(house, "fact")]

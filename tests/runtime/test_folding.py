"""What cannot be folded stops neither the turn nor a start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.evolve import RULES
from switch_app.core.flow.model import build
from switch_app.core.flow.prompts import Manifest
from switch_app.core.interaction import Phase
from switch_app.core.interaction.evolve import FOLDS
from switch_app.core.plain import to_plain
from switch_app.core.work import AgentProfile, QueueRule
from switch_app.core.world import LocalTime, World
from switch_app.runtime.journal import Batch, Journal
from switch_app.runtime.recovery import recover
from switch_app.runtime.turn import FLOOR, Turns

FLOW, FLAWS = build(
    {"flow": "main", "start": "sales", "steps": {"sales": {"type": "queue", "queue": "sales"}}}, text="main"
)
assert FLOW, FLAWS
STREAM = "interaction:i1"
ARRIVED = s.CallArrived("i1", "leg", "13800000000", "Ann", "4000", "inbound", "main", FLOW.version)
AGENT = AgentProfile("1001", "Chen")


class Nowhere:
    def carry_out(self, stream: str, order: Any) -> None:
        pass


class House:
    """Turns on a journal, and the same again after a start."""

    def __init__(self, path: Path) -> None:
        self.journal = Journal(path)
        self.journal.start()
        self.turns = self._turns()
        self.turns.take(FLOOR, s.FloorConfigured((QueueRule("sales", join_when_empty=True),)))
        self.turns.take(FLOOR, s.RosterLoaded((AGENT,)))
        self.turns.take(STREAM, ARRIVED)
        self.settle()

    def _turns(self) -> Turns:
        turns = Turns(self.journal, lambda: 1000.0, self._world, lambda stream: None)
        turns.ports = {kind: Nowhere() for kind in vars(o).values() if isinstance(kind, type)}
        return turns

    def _world(self, now: float, figures: Any) -> World:
        local = LocalTime("2026-11-23T09:00:00+08:00", "2026-11-23", 1, 540)
        return World(local, figures, flows={FLOW.version: FLOW}, prompts=Manifest())

    def settle(self) -> None:
        done = Event()
        self.journal.append(Batch(then=done.set))
        assert done.wait(5)

    def sql(self, statement: str, *values: object) -> None:
        self.settle()
        with sqlite3.connect(self.journal.path) as db:
            db.execute(statement, values)

    def started_again(self) -> Turns:
        turns = self._turns()
        recover(turns, self.journal.reader())
        return turns


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "journal.db")
    yield house
    house.journal.close()


def serve(turns: Turns) -> None:
    """The caller is rung for, and leaves."""
    turns.take(FLOOR, s.PresenceAsked("1001", "logged_in", contact="1001"))
    assert turns.interactions[STREAM].phase is Phase.RINGING
    turns.take(STREAM, s.LegEnded("leg", "normal", by="caller"))
    assert STREAM not in turns.interactions or turns.interactions[STREAM].phase is Phase.CLOSED


@pytest.mark.parametrize("stream", [STREAM, FLOOR])
def test_a_kind_that_only_a_newer_version_knows_is_passed_over(house: House, stream: str) -> None:
    house.sql(
        "INSERT INTO entries (stream, version, at, what, kind, data) SELECT stream, max(version) + 1, 1000.0, "
        "'fact', 'CallerSang', '{\"song\": 1}' FROM entries WHERE stream = ?", stream,
    )  # fmt: skip
    turns = house.started_again()
    assert turns.interactions[STREAM].phase is Phase.WAITING and "i1" in turns.floor.tables.items
    serve(turns)
    house.settle()
    assert house.journal.alarm == "", "versions go on behind what was passed over"


@pytest.mark.parametrize("kind", ["QueueEntered", "SessionMoved", "WorkQueued", "QueuesConfigured"])
def test_a_hole_in_a_history_keeps_nobody_from_the_start(house: House, kind: str) -> None:
    """As a disk leaves it that was full for so long that entries were dropped."""
    house.turns.take(FLOOR, s.PresenceAsked("1001", "logged_in", contact="1001"))
    house.sql("DELETE FROM entries WHERE kind = ?", kind)
    turns = house.started_again()
    assert turns.floor.tables.version == house.turns.floor.tables.version
    assert turns.interactions[STREAM].version == house.turns.interactions[STREAM].version
    turns.take(FLOOR, s.FloorConfigured((QueueRule("sales", join_when_empty=True),)))
    turns.take(STREAM, s.LegEnded("leg", "normal", by="caller"))
    house.settle()
    assert house.journal.alarm == ""


@pytest.mark.parametrize("data", ["{", "null", '{"agents": 1}', '{"queues": {"sales": {}}}'])
def test_a_damaged_snapshot_is_not_needed(house: House, data: str) -> None:
    house.sql("INSERT INTO snapshots VALUES ('floor', 3, ?)", data)
    turns = house.started_again()
    assert acd.to_plain(turns.floor) == acd.to_plain(house.turns.floor)


def test_a_snapshot_is_what_the_floor_is(house: House) -> None:
    house.turns.take(FLOOR, s.PresenceAsked("1001", "logged_in", contact="1001"))
    house.journal.append(Batch(snapshot=house.turns.floor_snapshot()))
    house.sql("DELETE FROM entries WHERE stream = 'floor'")
    assert acd.to_plain(house.started_again().floor) == acd.to_plain(house.turns.floor)


@pytest.mark.parametrize(
    ("folds", "kind"), [(FOLDS, f.AgentRung), (RULES, f.WorkOffered)], ids=["contact", "floor"]
)
def test_a_bug_in_a_fold_is_the_same_before_and_after_a_start(
    house: House, monkeypatch: pytest.MonkeyPatch, folds: dict[type, Callable[..., None]], kind: type
) -> None:
    """The turn goes on, all of it is in the journal, and a start finds what was in memory."""
    monkeypatch.setitem(folds, kind, lambda state, fact, at: 1 // 0)
    house.turns.take(FLOOR, s.PresenceAsked("1001", "logged_in", contact="1001"))
    house.settle()
    turns = house.started_again()
    assert acd.to_plain(turns.floor) == acd.to_plain(house.turns.floor)
    assert to_plain(turns.interactions[STREAM]) == to_plain(house.turns.interactions[STREAM])
    assert house.journal.alarm == ""

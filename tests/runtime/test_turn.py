"""Turns over a real journal: batches, orders after the commit, secrets kept out, recovery."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.flow import interpreter
from switch_app.core.flow.model import build
from switch_app.core.flow.prompts import Manifest, Sound
from switch_app.core.interaction import Phase
from switch_app.core.interaction.deadlines import JOIN_S
from switch_app.core.interaction.discretion import discreet_order
from switch_app.core.plain import to_json
from switch_app.core.work import AgentProfile, QueueRule
from switch_app.core.world import LocalTime, World
from switch_app.runtime.commands import Commands
from switch_app.runtime.journal import Batch, Journal
from switch_app.runtime.recovery import fold, recover
from switch_app.runtime.turn import FLOOR, Turns, written

FLOW, FLAWS = build(
    {
        "flow": "main",
        "start": "pin",
        "steps": {
            "pin": {"type": "collect", "say": "pin_enter", "digits": 4, "secret": True, "save": "pin_code",
                    "next": "sales", "no_input": "sales", "invalid": "sales"},
            "sales": {"type": "queue", "queue": "sales"},
        },
    },
    text="main",
)  # fmt: skip
assert FLOW, FLAWS
TELLING, FLAWS = build(
    {
        "flow": "telling",
        "start": "pin",
        "steps": {
            "pin": {"type": "collect", "say": "pin_enter", "digits": 4, "secret": True, "confirm": True,
                    "save": "pin_code", "next": "ask", "no_input": "end"},
            "ask": {"type": "http", "url": "https://bank.example.com/pins/{{ pin_code }}?p={{ pin_code }}",
                    "method": "POST", "headers": {"X-Pin": "{{ pin_code }}"}, "body": {"pin": "{{ pin_code }}"},
                    "ok": "look", "failed": "look"},
            "look": {"type": "lookup", "by": "account", "value": "{{ pin_code }}", "found": "end", "unknown": "end"},
        },
    },
    text="telling",
)  # fmt: skip
assert TELLING, FLAWS
ARRIVED = s.CallArrived("i1", "leg", "13800000000", "Ann", "4000", "inbound", "main", FLOW.version)


SPOKEN = Manifest({f"digit_{n}": {"zh": Sound(f"zh/digit_{n}.wav", str(n))} for n in range(10)})


class Recorder:
    """A port that keeps what it was asked."""

    def __init__(self) -> None:
        self.orders: list[Any] = []

    def carry_out(self, stream: str, order: Any) -> None:
        self.orders.append(order)


class House:
    """Turns with a journal and recording ports."""

    def __init__(self, folder: Path) -> None:
        self.now, self.date = 1000.0, "2026-11-23"
        self.journal = Journal(folder / "journal.db")
        self.turns = Turns(self.journal, lambda: self.now, self._world, lambda stream: None)
        self.port = Recorder()
        kinds = (kind for kind in vars(o).values() if isinstance(kind, type))
        self.turns.ports = dict.fromkeys(kinds, self.port)

    def _world(self, now: float, figures: Any) -> World:
        local = LocalTime(f"{self.date}T09:00:00+08:00", self.date, 1, 540)
        return World(local, figures, flows={each.version: each for each in (FLOW, TELLING)}, prompts=SPOKEN)

    def open_floor(self) -> None:
        self.turns.take(FLOOR, s.FloorConfigured((QueueRule("sales"),)))
        self.turns.take(FLOOR, s.RosterLoaded((AgentProfile("1001", "Chen"),)))
        self.turns.take(FLOOR, s.PresenceAsked("1001", "logged_in", contact="1001"))
        self.turns.take(FLOOR, s.PresenceAsked("1001", "not_ready", "break"))

    def take(self, signal: Any, after_s: float = 1.0) -> None:
        self.now += after_s
        self.turns.take("interaction:i1", signal)

    def press(self, digits: str) -> None:
        for digit in digits:
            self.take(s.DigitPressed("leg", digit), 0.2)

    def settle(self) -> None:
        done = Event()
        self.journal.append(Batch(then=done.set))
        assert done.wait(5)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.journal.start()
    house.open_floor()
    yield house
    house.journal.close()


def rows(house: House, what: str) -> list[tuple[str, str]]:
    with sqlite3.connect(house.journal.path) as db:
        return list(db.execute("SELECT kind, data FROM entries WHERE what = ? ORDER BY position", (what,)))


def test_orders_are_carried_out_after_their_commit(house: House) -> None:
    house.take(ARRIVED)
    assert not house.port.orders, "nothing before the commit"
    house.settle()
    assert any(isinstance(order, o.Answer) for order in house.port.orders)
    assert any(kind == "InteractionOpened" for kind, _ in rows(house, "fact"))


def test_an_interaction_and_the_floor_are_decided_in_one_batch(house: House) -> None:
    house.take(ARRIVED)
    house.press("1234")
    state = house.turns.interactions["interaction:i1"]
    assert state.phase is Phase.WAITING
    house.settle()
    kinds = [kind for kind, _ in rows(house, "fact")]
    assert kinds.index("QueueEntered") < kinds.index("WorkQueued")


def test_secret_digits_are_nowhere_in_the_journal(house: House) -> None:
    house.take(ARRIVED)
    house.press("8365")
    house.settle()
    pressed = [data for kind, data in rows(house, "signal") if kind == "DigitPressed"]
    assert len(pressed) == 4 and all('"digit":"*"' in data for data in pressed)
    everything = "".join(data for what in ("signal", "fact", "order") for _, data in rows(house, what))
    assert "8365" not in everything and '"836' not in everything


def test_what_a_secret_is_needed_for_takes_none_of_it_into_the_journal(house: House) -> None:
    house.take(replace(ARRIVED, flow="telling", version=TELLING.version))
    house.press("8365")
    house.settle()
    [said] = [order for order in house.port.orders if isinstance(order, o.Play) and "zh/digit_8.wav" in order.sounds]
    house.press("1")
    house.settle()
    [asked] = [order for order in house.port.orders if isinstance(order, o.CallHttp)]
    assert asked.url.endswith("/pins/8365?p=8365") and asked.body == {"pin": "8365"}
    house.take(s.HttpReturned(asked.ref, "done", 200, {}))
    house.settle()
    [looked] = [order for order in house.port.orders if isinstance(order, o.LookUpCustomer) if order.by == "account"]
    assert (said.leg, looked.value) == ("leg", "8365")
    everything = "".join(data for what in ("signal", "fact", "order") for _, data in rows(house, what))
    assert "bank.example.com" in everything
    assert "8365" not in everything and "digit_8" not in everything and '"X-Pin"' not in everything


def test_a_pin_that_is_checked_is_not_stored(house: House) -> None:
    assert "4711" not in repr(discreet_order(None, None, o.CheckPin("1.1", "1001", "4711")))


def test_everything_is_there_again_after_a_restart(house: House, tmp_path: Path) -> None:
    house.take(ARRIVED)
    house.press("1234")
    house.settle()
    before = house.turns.interactions["interaction:i1"]
    again = Turns(house.journal, lambda: house.now, house._world, lambda stream: None)
    recover(again, house.journal.reader())
    assert again.interactions["interaction:i1"].phase is Phase.WAITING
    assert again.interactions["interaction:i1"].waiting_since == before.waiting_since
    assert again.floor.tables.version == house.turns.floor.tables.version
    assert acd.live(again.floor, house.now) == acd.live(house.turns.floor, house.now)


def test_a_call_that_has_overflowed_is_shown_in_the_queue_where_it_waits(house: House) -> None:
    stay = {"leave_when_empty": False, "join_when_empty": True}
    queues = QueueRule("sales", max_wait_s=5, overflow="support", **stay), QueueRule("support", **stay)
    house.turns.take(FLOOR, s.FloorConfigured(queues))
    house.take(ARRIVED)
    house.press("1234")
    commands = Commands(house.turns, dict)
    assert [call["queue"] for call in commands.calls()["calls"]] == ["sales"]
    house.now += 6
    house.turns.take(FLOOR, s.TimerFired("floor:work:i1"))
    assert [call["queue"] for call in commands.calls()["calls"]] == ["support"]


def test_the_waiting_caller_goes_to_the_agent_after_a_restart(house: House) -> None:
    house.take(ARRIVED)
    house.press("1234")
    house.settle()
    again = Turns(house.journal, lambda: house.now, house._world, lambda stream: None)
    port = Recorder()
    again.ports = dict.fromkeys(house.turns.ports, port)
    recover(again, house.journal.reader())
    again.take("interaction:i1", ARRIVED)
    again.take(FLOOR, s.PresenceAsked("1001", "ready"))
    house.settle()
    assert [order.contact for order in port.orders if isinstance(order, o.CallAgent)] == ["1001"]


@pytest.mark.parametrize("answered", [False, True])
def test_after_a_restart_the_switch_is_asked_before_an_offer_is_overdue(house: House, answered: bool) -> None:
    """The pair may talk, or have talked, in all the time in which nobody was there to hear of it."""
    house.turns.take(FLOOR, s.PresenceAsked("1001", "ready"))
    house.take(ARRIVED)
    house.press("1234")
    offer = house.turns.interactions["interaction:i1"].offer
    if answered:
        house.take(s.LegAnswered(offer.leg))
    house.settle()
    house.now += 300
    again = Turns(house.journal, lambda: house.now, house._world, lambda stream: None)
    due = {timer.timer: timer.due_at for _, timer in recover(again, house.journal.reader())}
    mine = due[f"{'join' if answered else 'ring'}:{offer.offer}"]
    assert mine >= house.now + JOIN_S and due["floor:agent:1001"] > mine


def test_a_bug_in_a_turn_is_a_fact_and_the_caller_is_held(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.take(ARRIVED)
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(interpreter, "resume", broken)
    house.press("1")
    house.settle()
    assert house.turns.interactions["interaction:i1"].queue == "operator"
    assert any(kind == "TurnCrashed" for kind, _ in rows(house, "fact"))


def test_the_figures_of_the_day_start_at_midnight_though_nobody_calls(house: House) -> None:
    house.take(ARRIVED)
    house.press("1234")
    house.take(s.LegEnded("leg", "normal", by="caller"))
    queue = house.turns.floor.tables.queues["sales"]
    house.turns.begin_day()
    assert queue.abandoned == 1
    house.date = "2026-11-24"
    house.turns.begin_day()
    house.turns.begin_day()
    assert house.turns.floor.tables.queues["sales"].abandoned == 0
    house.settle()
    assert [kind for kind, _ in rows(house, "fact")].count("DayBegan") == 2


def test_a_call_that_a_bug_kept_from_beginning_is_not_kept_in_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "begin", lambda *_: 1 // 0)
    house.take(ARRIVED)
    house.settle()
    assert "interaction:i1" not in house.turns.interactions
    assert o.HangUp in [type(order) for order in house.port.orders]


def test_a_closed_interaction_is_folded_the_same_from_the_journal(house: House) -> None:
    house.take(ARRIVED)
    house.press("1234")
    house.take(s.LegEnded("leg", "normal", by="caller"), 30)
    house.settle()
    assert "interaction:i1" not in house.turns.interactions
    state = fold(house.journal.reader().facts_of("interaction:i1"))
    assert state and state.phase is Phase.CLOSED and state.outcome == "abandoned"
    assert house.journal.reader().open_streams() == []


def test_what_is_said_right_after_the_end_follows_it(house: House) -> None:
    """The recording's end comes a moment after the last leg: the closed interaction is not on disk yet."""
    house.turns._load = lambda stream: fold(house.journal.reader().facts_of(stream))
    house.take(ARRIVED)
    house.settle()
    with sqlite3.connect(house.journal.path) as other:
        other.execute("BEGIN IMMEDIATE")  # the journal's writer has to wait
        house.take(s.LegEnded("leg", "normal", by="caller"))
        house.take(s.DispositionChosen("1001", "sold"), 0.0)
        house.take(s.DispositionChosen("1001", "not sold"), 0.0)
    house.settle()
    assert house.journal.alarm == ""
    kinds = [kind for kind, _ in rows(house, "fact")]
    assert kinds.index("InteractionClosed") < kinds.index("DispositionSet")
    assert kinds.count("DispositionSet") == 2
    assert "interaction:i1" not in house.turns.interactions


@pytest.mark.parametrize(
    "record",
    [
        ARRIVED,
        f.SessionMoved({"step": "pin", "typed": ("1", "2"), "visits": {"pin": 1}, "none": None}),
        f.VariableSet("big", 2**70),
        f.VariableSet("odd", {"a": 1.5, "b": ("\u00e9", "\u4e2d")}),
        f.VariableSet("numbers", {1: 0.1}),
        s.FloorConfigured((QueueRule("sales", title={"zh": "\u9500\u552e"}),)),
        s.PlayEnded("r", "failed", 'quote " and \n'),
    ],
)
def test_a_record_is_written_as_the_core_would_write_it(record: Any) -> None:
    assert json.loads(written(record)) == json.loads(to_json(record))


def test_a_closed_contact_is_kept_while_the_disk_refuses(house: House) -> None:
    """Read from the journal it would be open again, and talk for ever."""
    house.turns._load = lambda stream: fold(house.journal.reader().facts_of(stream))
    house.take(ARRIVED)
    house.settle()
    house.journal.limit_pages(house.journal.limit_pages(0))  # full
    house.take(s.DispositionChosen("1001", "sold", "x" * 200_000), 0.0)
    house.take(s.LegEnded("leg", "normal", by="caller"))
    house.settle()
    assert "full" in house.journal.alarm
    house.take(s.DispositionChosen("1001", "not sold"))
    house.settle()
    assert house.turns.interactions["interaction:i1"].phase is Phase.CLOSED
    house.journal.on_well(house.turns.forget_closed)
    house.journal.limit_pages(1_000_000)  # room again
    house.take(s.DispositionChosen("1001", "sold after all"))
    house.settle()
    assert house.journal.alarm == "" and "interaction:i1" not in house.turns.interactions
    kinds = [kind for kind, _ in rows(house, "fact")]
    assert kinds.count("InteractionClosed") == 1 and kinds[-1] == "DispositionSet"

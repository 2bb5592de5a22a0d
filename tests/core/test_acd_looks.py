"""Looks at the floor: figures, the live picture, deadlines after a restart."""

from __future__ import annotations

import json

from acd_run import START, FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.work import QueueRule, Relaxation
from switch_app.core.world import QueueFigures


def busy() -> FloorRun:
    rules = (
        QueueRule("support", {"en": "Support"}, needs="support", max_wait_s=600, relax=(Relaxation(30, ""),)),
        QueueRule("operator", service_level_s=5),
    )
    run = FloorRun(rules, agents({"support": 5}, {"support": 2}, {}))
    run.log_in("1001", "1002", "1003")
    run.ask("1003", "not_ready", "lunch")
    run.arrive("talks")
    run.answer("talks")
    run.wait(2)
    run.arrive("rings")
    run.wait(3)
    run.arrive("waits", priority=2)
    run.arrive("behind")
    run.wait(1)
    return run


def test_figures() -> None:
    run = busy()
    assert acd.figures(run.floor, run.now) == {
        "support": QueueFigures(waiting=3, logged_in=2, ready=0, longest_wait_s=4.0),
        "operator": QueueFigures(waiting=0, logged_in=3, ready=0, longest_wait_s=0.0),
    }


def test_live_is_json_and_says_who_and_what() -> None:
    run = busy()
    live = acd.live(run.floor, run.now)
    assert json.loads(json.dumps(live)) == live
    support = live["queues"][0]
    assert support == {
        "name": "support",
        "title": {"en": "Support"},
        "waiting": 3,
        "longest_wait_s": 4.0,
        "logged_in": 2,
        "ready": 0,
        "talking": 1,
        "answered_today": 1,
        "abandoned_today": 0,
        "service_level": 1.0,
        "service_level_s": 20.0,
        "tiers": [],
    }
    assert [(each["agent"], each["state"], each["reason"], each["interaction"]) for each in live["agents"]] == [
        ("1001", "talking", "", "talks"),
        ("1002", "offered", "", "rings"),
        ("1003", "not_ready", "lunch", ""),
    ]
    assert [(each["interaction"], each["position"], each["wait_s"]) for each in live["waiting"]] == [
        ("rings", 0, 4),
        ("waits", 1, 1),
        ("behind", 2, 1),
    ]
    assert live["calls"] == [{"interaction": "talks", "queue": "support", "agent": "1001", "since": START}]


def test_service_level_ignores_those_who_left_in_time() -> None:
    """SL-4 on a small scale: answered 4, of them 3 in time; abandoned 3, of them 1 in time: 3 / 6."""
    run = FloorRun(QueueRule("support", wrap_up_s=0, service_level_s=20), agents({}))
    assert acd.live(run.floor, run.now)["queues"][0]["service_level"] is None
    run.log_in("1001")
    for n in range(3):
        run.arrive(f"fast-{n}")
        run.serve(f"fast-{n}")
    run.arrive("slow", waiting_since=run.now - 21)
    run.serve("slow")
    run.ask("1001", "not_ready")
    for name in ("early", "late", "later"):
        run.arrive(name)
    run.take(s.WorkWithdrawn("early", "abandoned"))
    run.wait(21)
    run.take(s.WorkWithdrawn("late", "abandoned"))
    run.take(s.WorkWithdrawn("later", "abandoned"))
    run.arrive("callback")
    run.take(s.WorkWithdrawn("callback", "callback"))
    support = acd.live(run.floor, run.now)["queues"][0]
    assert (support["answered_today"], support["abandoned_today"], support["service_level"]) == (4, 3, 0.5)


def test_a_restart_keeps_places_clocks_and_deadlines() -> None:
    run = busy()
    before = dict(run.timers)
    run.restart()
    assert run.timers == before
    run.wait(130)
    ended = [(fact.interaction, fact.reason) for fact in run.of(f.OfferDeclined)]
    assert ended == [("rings", "no_answer"), ("waits", "no_answer"), ("waits", "no_answer")], "the deadlines came"
    assert run.floor.tables.items["waits"].work.waiting_since == START + 5


def test_what_became_due_while_nobody_ran_is_done_at_once() -> None:
    run = busy()
    run.restart()
    run.now += 10_000
    run.wait(0)
    assert dict(run.left()) == {"rings": "timeout", "waits": "timeout", "behind": "timeout"}

"""Queues and roster are loaded again while calls go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from acd_run import FloorRun, agents, world

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.index import Index
from switch_app.core.work import AgentProfile, QueueRule, Relaxation


def rule(name: str = "support", **more: Any) -> QueueRule:
    return QueueRule(name, **{"join_when_empty": True, "leave_when_empty": False, "announce_every_s": 0.0, **more})


def test_the_same_again_is_no_fact() -> None:
    run = FloorRun(rule(), agents({}))
    count = len(run.facts)
    run.take(s.FloorConfigured((rule(),)))
    run.take(s.RosterLoaded(agents({})))
    assert len(run.facts) == count


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (QueueRule("q", needs="billing >="), "position 10"),
        (QueueRule("q", relax=(Relaxation(5, "a b"),)), "position 2"),
        (QueueRule("q", relax=(Relaxation(9, ""), Relaxation(5, ""))), "queue q: relax"),
        (QueueRule("q", empty_means=("asleep",)), "queue q: empty_means 'asleep' is unknown"),
    ],
)
def test_what_cannot_be_followed_is_an_error(bad: QueueRule, words: str) -> None:
    run = FloorRun(rule(), agents({}))
    with pytest.raises(ValueError, match=words):
        run.take(s.FloorConfigured((bad,)))
    with pytest.raises(ValueError, match="queue support is named twice"):
        run.take(s.FloorConfigured((rule(), rule())))


def test_needs_that_a_reload_makes_too_many_are_ignored_and_the_reload_is_not() -> None:
    run = FloorRun(rule(), agents({"t1": 5}))
    run.arrive("call", needs=" or ".join(f"s{n}" for n in range(10)))
    run.take(s.FloorConfigured((rule(needs=" or ".join(f"t{n}" for n in range(8))),)))
    assert [fact.interaction for fact in run.of(f.NeedsIgnored)] == ["call"]
    run.restart()
    run.log_in("1001")
    assert run.at("1001") == "call"


def test_waiting_work_of_a_deleted_queue_goes_on_or_gives_up() -> None:
    run = FloorRun((rule("a", overflow="b"), rule("b"), rule("c")), agents({}))
    run.arrive("one", "a")
    run.arrive("two", "c")
    run.take(s.FloorConfigured((rule("b"),)))
    assert run.floor.tables.items["one"].queue == "b"
    assert run.left() == [("two", "no_queue")] and run.to("two") == [s.QueueGaveUp("no_queue")]
    assert list(acd.figures(run.floor, run.now)) == ["b"]


def test_who_rings_or_talks_for_a_deleted_queue_finishes() -> None:
    run = FloorRun((rule("a", wrap_up_s=7), rule("b")), agents({}, {}))
    run.log_in("1001", "1002")
    run.arrive("rings", "a")
    run.arrive("talks", "a")
    run.answer("talks")
    run.take(s.FloorConfigured((rule("b"),)))
    assert [queue["name"] for queue in acd.live(run.floor, run.now)["queues"]] == ["b"]
    run.answer("rings")
    run.over("rings")
    run.over("talks")
    assert run.timers == {"floor:agent:1001": run.now + 7, "floor:agent:1002": run.now + 7}
    run.arrive("late", "a")
    assert run.to("late") == [s.QueueGaveUp("no_queue")]
    run.take(s.FloorConfigured((rule("c"),)))
    assert list(run.floor.tables.queues) == ["c"]


def test_a_miss_in_a_deleted_queue_loses_no_caller() -> None:
    run = FloorRun((rule("a", overflow="b"), rule("b")), agents({}))
    run.log_in("1001")
    run.arrive("call", "a")
    run.take(s.FloorConfigured((rule("b"),)))
    run.miss("call")
    assert run.floor.tables.items["call"].queue == "b"


def test_new_rules_hold_for_those_who_wait() -> None:
    run = FloorRun(rule(needs="support"), agents({"sales": 3}))
    run.log_in("1001")
    run.arrive("call")
    run.arrive("long", needs="nothing")
    assert run.state("1001") == "ready"
    run.take(s.FloorConfigured((rule(needs="sales", max_wait_s=50, announce_every_s=20),)))
    assert run.rung("call") == ["1001"]
    run.wait(50)
    assert ("long", "timeout") in run.left()
    assert s.QueueTold("position", 1) in run.to("long")


@pytest.mark.parametrize("to", ["rung", "waiting", "served"])
def test_the_clocks_of_an_old_rule_stop(to: str) -> None:
    """A clock that nobody stops fires for work that is long gone."""
    run = FloorRun(rule(max_wait_s=50, announce_every_s=20), agents({}))
    run.arrive("call")
    if to == "rung":
        run.log_in("1001")
    run.take(s.FloorConfigured((rule(),)))
    if to == "served":
        run.log_in("1001")
        run.answer("call")
    assert [timer for timer in run.timers if timer.endswith("call")] == []


def test_new_skills_hold_at_once() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call", needs="support")
    run.take(s.RosterLoaded((AgentProfile("1001", "Li", {"support": 1}), AgentProfile("1002", "Wang"))))
    assert run.rung("call") == ["1001"] and run.state("1002") == "logged_out"


@pytest.mark.parametrize("state", ["ready", "offered", "talking", "held", "wrap_up", "logged_out"])
def test_who_left_the_roster_is_logged_out_after_the_call(state: str) -> None:
    run = FloorRun(rule(), agents({}, {}))
    if state != "logged_out":
        run.log_in("1001")
    if state in ("offered", "talking", "held", "wrap_up"):
        run.arrive("call")
    if state in ("talking", "held", "wrap_up"):
        run.answer("call")
    if state == "held":
        run.take(s.ConversationHeld(run.offer("call")))
    if state == "wrap_up":
        run.over("call")
    assert run.state("1001") == state
    run.take(s.RosterLoaded(agents({}, first=1002)))
    if state in ("talking", "held"):
        assert run.state("1001") == state
        assert run.ask("1001", "ready").reason == "unknown_agent"
        assert run.ask("", "ready", contact="phone-1001").reason == "unknown_agent"
        run.over("call")
    assert run.state("1001") == "gone" and "1001" not in run.floor.index.crews_of
    if state == "offered":
        assert run.floor.tables.items["call"].waiting
        assert run.to("call")[-1] == s.OfferWithdrawn(run.of(f.WorkOffered)[0].offer, "logged_out")
    if state != "logged_out":
        last = [fact for fact in run.of(f.PresenceChanged) if fact.agent == "1001"][-1]
        assert (last.state, last.reason) == ("logged_out", "removed")


def test_who_is_back_on_the_roster_before_the_end_of_the_call_stays() -> None:
    run = FloorRun(rule(), agents({}, {}))
    run.log_in("1001")
    run.arrive("call")
    run.answer("call")
    run.take(s.RosterLoaded(agents({}, first=1002)))
    run.take(s.RosterLoaded(agents({}, {})))
    run.over("call")
    run.ask("1001", "wrap_up_done")
    assert run.state("1001") == "ready"


def test_figures_of_the_day_begin_anew_at_midnight() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.serve("call")
    assert acd.live(run.floor, run.now)["queues"][0]["answered_today"] == 1
    run.date = "2026-11-24"
    run.arrive("next")
    assert run.of(f.DayBegan)[-1].date == "2026-11-24"
    assert acd.live(run.floor, run.now)["queues"][0]["answered_today"] == 0
    assert run.rung("next") == ["1001"]


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom and what an index puts in, in the draft of a decision and on the floor."""
    found: list[str] = []
    for name in ("put_in_agent", "put_in_item"):
        put_in = getattr(Index, name)

        def noted(index: Index, one: Any, put_in: Any = put_in) -> None:
            found.append(one.id)
            put_in(index, one)

        monkeypatch.setattr(Index, name, noted)
    return found


def crowd() -> FloorRun:
    """A floor where 20 of 50 agents are ready, and none of them can take what waits."""
    people = agents(*({"german": 1 + n % 9} for n in range(50)))
    run = FloorRun((rule(choice="ordered"), rule("sales", choice="fewest-calls"), rule("empty")), people)
    run.log_in(*(agent.agent for agent in people[:20]))
    for n in range(30):
        run.arrive(f"call-{n}", "support" if n % 2 else "sales", needs=f"french >= {1 + n % 3}")
    return run


def folded(run: FloorRun, signal: Any) -> list[type]:
    """Decide, and fold in what the signal itself is; the kinds of all facts."""
    decision = acd.decide(run.floor, signal, run.now, world(run.date))
    acd.evolve(run.floor, decision.facts[0], run.now)
    return [type(fact) for fact in decision.facts]


def test_of_a_roster_those_alone_are_indexed_anew_whose_skills_are_new(indexed: list[str]) -> None:
    """All calls wait while a roster is loaded, so that it must not cost what the whole floor costs."""
    run = crowd()
    people = [agent.profile for agent in run.floor.tables.agents.values()]
    people[3] = replace(people[3], skills={"french": 2})
    people[7] = replace(people[7], name="Renamed")
    people = [*people[:30], AgentProfile("1099", "New"), *people[31:]]
    before, after = dict(run.floor.tables.agents), tuple(replace(each, order=9 + n) for n, each in enumerate(people))
    indexed.clear()
    assert folded(run, s.RosterLoaded(after)) == [f.RosterChanged, f.WorkOffered, f.PresenceChanged]
    assert sorted(indexed) == ["1004", "1004", "1099", "1099"], "once in the draft, once on the floor"
    assert before["1004"].profile.skills == {"german": 4}, "the draft and the floor share it"


def test_of_queues_the_work_alone_is_indexed_anew_whose_line_is_another(indexed: list[str]) -> None:
    run = crowd()
    indexed.clear()
    rules = (rule("sales", choice="ordered"), rule(wrap_up_s=9.0, choice="random"))
    assert folded(run, s.FloorConfigured(rules)) == [f.QueuesConfigured]
    assert indexed == []
    folded(run, s.FloorConfigured((rule("sales", needs="french"), rules[1])))
    assert sorted(indexed) == sorted([f"call-{n}" for n in range(0, 30, 2)] * 2)


def test_at_midnight_nobody_is_indexed_anew(indexed: list[str]) -> None:
    run = crowd()
    run.take(s.PresenceAsked("1001", "not_ready"))
    run.date = "2026-11-24"
    indexed.clear()
    assert folded(run, s.TimerFired("floor:day")) == [f.DayBegan]
    assert indexed == []


@pytest.mark.parametrize("choice", ["fewest-calls", "least-talk"])
def test_at_midnight_the_figures_that_a_choice_goes_by_are_those_of_the_new_day(choice: str) -> None:
    run = FloorRun(rule(choice=choice, wrap_up_s=0.0), agents({}, {}))
    run.log_in("1001")
    run.arrive("first")
    run.serve("first")
    run.wait(1)
    run.log_in("1002")
    run.date = "2026-11-24"
    run.arrive("next")
    assert run.rung("next") == ["1001"], "idle for longer, and neither has talked today"


def test_a_new_order_of_the_roster_holds_for_who_is_ready() -> None:
    run = FloorRun(rule(choice="ordered"), agents({}, {}))
    run.log_in("1001", "1002")
    run.arrive("first")
    run.miss("first", "busy")
    assert run.rung("first") == ["1001", "1002"]
    run.miss("first", "busy")
    run.wait(5)
    run.take(s.WorkWithdrawn("first", "abandoned"))
    run.wait(60)
    one, two = (agent.profile for agent in run.floor.tables.agents.values())
    run.take(s.RosterLoaded((replace(one, order=5), two)))
    run.arrive("next")
    assert run.rung("next") == ["1002"]

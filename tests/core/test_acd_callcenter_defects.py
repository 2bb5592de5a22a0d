"""What users report of mod_callcenter (FreeSWITCH's issues by number), and ours does not do."""

from __future__ import annotations

from typing import Any

from acd_run import FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.work import QueueRule


def rule(name: str = "support", **more: Any) -> QueueRule:
    return QueueRule(name, **{"join_when_empty": True, "leave_when_empty": False, "wrap_up_s": 0.0, **more})


def test_1062_1641_freezes() -> None:
    """Whatever is lost on the way (answers, misses, ends), time alone brings everybody back."""
    run = FloorRun(rule(max_wait_s=120, max_no_answer=0), agents({}, {}, {}))
    run.log_in("1001", "1002", "1003")
    for n in range(9):
        run.arrive(f"call-{n}")
        run.wait(7)  # nobody ever says what became of an offer
    run.wait(300)
    assert [run.state(name) for name in ("1001", "1002", "1003")] == ["ready"] * 3
    assert run.floor.tables.items == {} and run.timers == {}


def test_1641_a_signal_out_of_order_stops_nothing() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call")
    offer = run.offer("call")
    run.take(s.WorkWithdrawn("call", "abandoned"))
    for stale in (
        s.OfferAnswered(offer), s.OfferMissed(offer, "busy"), s.ConversationOver(offer),
        s.WorkWithdrawn("call", "abandoned"), s.TimerFired("floor:agent:1001"), s.TimerFired("floor:work:call"),
    ):  # fmt: skip
        assert run.take(stale).facts == []
    run.arrive("next")
    assert run.rung("next") == ["1001"]


def test_2458_overload_at_20_calls_a_second() -> None:
    """A tick that scans falls behind; here each signal is decided by itself: none waits for a turn."""
    run = FloorRun(rule(), agents(*({} for _ in range(40))))
    run.log_in(*(str(1001 + n) for n in range(40)))
    for second in range(60):
        for n in range(20):
            name = f"call-{second}-{n}"
            run.arrive(name)
            assert run.offer(name), "an agent is free, so the offer comes in the same turn"
            run.answer(name)
            run.over(name)
        run.wait(1)
    assert run.floor.tables.queues["support"].answered == 1200 and run.floor.tables.items == {}


def test_2540_an_agent_stuck_in_reserved() -> None:
    """Every way out of an offer leaves a state that agent can be rung in again, or that says why not."""
    for end in ("answered", "missed", "withdrawn", "deadline", "left", "lost", "removed"):
        run = FloorRun(rule(), agents({}, {}))
        run.log_in("1001")
        run.arrive("call")
        offer = run.offer("call")
        if end == "answered":
            run.serve("call")
        elif end == "missed":
            run.miss("call")
        elif end == "withdrawn":
            run.miss("call", "withdrawn")
        elif end == "left":
            run.take(s.WorkWithdrawn("call", "abandoned"))
        elif end == "lost":
            run.take(s.ContactLost("phone-1001"))
        elif end == "removed":
            run.take(s.RosterLoaded(agents({}, first=1002)))
        else:
            run.wait(35)
        assert run.state("1001") in ("ready", "missed", "logged_out", "gone"), end
        assert offer not in run.floor.index.offers, end
        if run.state("1001") == "missed":
            assert "floor:agent:1001" in run.timers, end


def test_1973_a_member_is_listed_after_the_call() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    for name in ("served", "left", "gave up"):
        run.arrive(name)
    run.serve("served")
    run.take(s.WorkWithdrawn("left", "abandoned"))
    run.take(s.WorkWithdrawn("gave up", "voicemail"))
    live = acd.live(run.floor, run.now)
    assert (live["waiting"], live["calls"]) == ([], [])
    assert (live["queues"][0]["waiting"], live["queues"][0]["talking"]) == (0, 0)
    assert run.floor.index.lines == {"support": {}} and run.floor.index.offers == {}


def test_2529_an_agent_keeps_ringing_after_the_caller_left() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call")
    run.take(s.WorkWithdrawn("call", "abandoned"))
    assert run.state("1001") == "ready" and run.of(f.OfferDeclined)[-1].reason == "withdrawn"
    run.arrive("next")
    assert run.rung("next") == ["1001"], "free for the next in the same moment"


def test_800_a_loop_of_offers_on_a_status_change() -> None:
    run = FloorRun(rule(), agents({}))
    run.log_in("1001")
    run.arrive("call")
    for _ in range(20):
        for state in ("ready", "ready_once", "ready"):
            run.ask("1001", state)
    assert run.rung("call") == ["1001"]
    for _ in range(20):  # and one who comes and goes is rung once each time, never twice in a turn
        run.ask("1001", "not_ready")
        decision = run.take(s.PresenceAsked("1001", "ready"))
        offers = [
            order for order in decision.orders
            if isinstance(order, o.ToInteraction) and isinstance(order.signal, s.AgentOffered)
        ]  # fmt: skip
        assert len(offers) == 1


def test_1216_one_unavailable_agent_blocks_the_queue() -> None:
    for choice in ("round-robin", "ordered", "longest-idle", "last-agent-first"):
        run = FloorRun(rule(choice=choice), agents({}, {}, {}))
        run.log_in("1001", "1002", "1003")
        run.arrive("first", customer="c1")
        assert run.rung("first") == ["1001"]
        for n in range(3):
            run.arrive(f"next-{n}", customer="c1")
        assert [run.rung(f"next-{n}") for n in range(3)] == [["1002"], ["1003"], []]
        run.miss("first", "no_answer")
        run.serve("next-0", talk_s=1)
        assert run.rung("first") == ["1001", "1002"], "the older call goes to who is free"


def test_610_a_reload_keeps_deleted_tiers() -> None:
    """Who serves what follows from skills and rules; after a reload nothing of the old ones is left."""
    run = FloorRun((rule("support", needs="support"), rule("old", needs="old")), agents({"support": 1, "old": 1}))
    run.log_in("1001")
    run.take(s.FloorConfigured((rule("support", needs="support"),)))
    run.arrive("call", "old")
    assert run.to("call") == [s.QueueGaveUp("no_queue")]
    run.take(s.RosterLoaded(agents({"old": 1})))
    run.arrive("next")
    assert run.rung("next") == [] and acd.figures(run.floor, run.now)["support"].logged_in == 0


def test_2516_1170_music_or_an_announcement_goes_on_after_the_answer() -> None:
    run = FloorRun(rule(announce_first_s=5, announce_every_s=5), agents({}))
    run.arrive("call")
    run.wait(4)
    run.log_in("1001")
    run.wait(4)
    run.answer("call")
    run.wait(60)
    assert run.to("call") == [s.AgentOffered(run.offer("call"), "1001", "phone-1001", 20.0, "support")]
    assert run.timers == {}
    assert run.take(s.TimerFired("floor:tell:call")).orders == []


def test_1674_no_shared_queues_over_nodes() -> None:
    """The floor is one stream of facts: another node that folds them has the same floor, bit for bit."""
    run = FloorRun((rule("a", max_wait_s=30, overflow="b"), rule("b")), agents({}, {}))
    run.log_in("1001")
    for n in range(5):
        run.arrive(f"call-{n}", "a")
        run.wait(3)
    run.answer("call-0")
    run.wait(40)
    other = acd.Floor()
    for at, fact in run.facts:
        acd.evolve(other, fact, at)
    assert acd.to_plain(other) == acd.to_plain(run.floor)
    assert sorted(map(str, acd.deadlines(other))) == sorted(map(str, acd.deadlines(run.floor)))

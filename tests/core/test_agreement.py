"""Work that a bug has left behind, on either side, is found and put right: nobody is held by nothing."""

from __future__ import annotations

from typing import Any

import pytest
from acd_run import START, FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.agreement import LAG_S, Agreement
from switch_app.core.interaction import Interaction, Phase, decide, evolve
from switch_app.core.interaction.state import Offer
from switch_app.core.work import QueueRule
from switch_app.core.world import LocalTime, World

WORLD = World(LocalTime("2026-11-23T09:00:00+08:00", "2026-11-23", 1, 540))
Found = list[tuple[str, Any]]


@pytest.fixture
def run() -> FloorRun:
    """One call waits, one rings, one talks."""
    run = FloorRun(QueueRule("support", announce_every_s=0), agents({"support": 3}, {"support": 3}))
    run.log_in("1001", "1002")
    for call in ("talks", "rings", "waits"):
        run.arrive(call)
    run.answer("talks")
    return run


def contact(run: FloorRun, call: str, phase: Phase) -> Interaction:
    """The state that belongs to the work of a call."""
    item = run.floor.tables.items.get(call)
    state = Interaction(interaction=call, leg=f"leg-{call}", leg_up=True, phase=phase, queue="support")
    if item:
        state.waiting_since = item.work.waiting_since
    if item and item.offer and phase is not Phase.WAITING:
        state.offer = Offer(item.offer, item.agent, f"phone-{item.agent}", "agent-leg", START, 20.0)
    return state


def whole(run: FloorRun) -> dict[str, Interaction]:
    phases = {"talks": Phase.TALKING, "rings": Phase.RINGING, "waits": Phase.WAITING}
    return {call: contact(run, call, phase) for call, phase in phases.items()}


def look(run: FloorRun, contacts: dict[str, Interaction]) -> Found:
    """Two looks, so far apart that what they both see has lasted."""
    agreement = Agreement()
    assert agreement.look(run.floor, contacts, run.now) == [], "one look alone may be in the middle of something"
    return agreement.look(run.floor, contacts, run.now + LAG_S)


def mend(run: FloorRun, found: Found) -> None:
    for stream, signal in found:
        assert stream == "floor"
        run.take(signal)


def test_where_all_agree_nothing_is_said(run: FloorRun) -> None:
    contacts = whole(run)
    assert look(run, contacts) == []
    contacts["rings"].phase = Phase.JOINING
    assert look(run, contacts) == []


@pytest.mark.parametrize("state", ["gone", "closed", "in the flow"])
@pytest.mark.parametrize("call", ["waits", "rings", "talks"])
def test_work_behind_which_nobody_stands_is_released(run: FloorRun, call: str, state: str) -> None:
    contacts = whole(run)
    agent = run.floor.tables.items[call].agent
    if state == "gone":
        del contacts[call]
    else:
        contacts[call] = contact(run, call, Phase.CLOSED if state == "closed" else Phase.FLOW)
    run.now += 60
    mend(run, look(run, contacts))
    assert call not in run.floor.tables.items
    (mended,) = run.of(f.Mended)
    assert (mended.interaction, mended.agent) == (call, agent) and mended.problem
    if call == "talks":
        assert run.state(agent) == "wrap_up"
    elif call == "rings":
        assert run.rung("waits") == [agent], "the agent is free for who still waits"
    assert look(run, {one: whole(run)[one] for one in run.floor.tables.items}) == []


def test_an_agent_who_is_held_by_work_that_is_not_there_is_released(run: FloorRun) -> None:
    run.take(s.PresenceAsked("1001", "ready_once"))  # for after the talk
    del run.floor.tables.items["talks"]
    contacts = whole(run)
    del contacts["talks"]
    mend(run, look(run, contacts))
    (mended,) = run.of(f.Mended)
    assert (mended.interaction, mended.agent) == ("talks", "1001")
    assert run.rung("waits") == ["1001"]


def test_a_talk_that_the_floor_takes_for_ringing_is_told_again(run: FloorRun) -> None:
    contacts = whole(run)
    contacts["rings"].phase = Phase.TALKING
    mend(run, look(run, contacts))
    assert run.state("1002") == "talking"


LOST = {  # what the floor takes the agent of a lost talk for -> what holds after the talk
    "wrap_up": "ready", "ready": "ready", "ready_once": "not_ready", "not_ready": "not_ready", "offered": "ready",
    "missed": "ready", "logged_out": "logged_out",
}  # fmt: skip


@pytest.mark.parametrize("state", LOST)
def test_a_talk_that_the_floor_has_lost_is_put_back(run: FloorRun, state: str) -> None:
    contacts = whole(run)
    offer = contacts["talks"].offer
    assert offer
    offer.connected_at = run.now
    run.take(s.WorkWithdrawn("talks", "lost"))  # agent 1001 has the wrap-up
    del contacts["rings"], contacts["waits"]
    for call in ("waits", "rings"):
        run.take(s.WorkWithdrawn(call, "abandoned"))
    run.ask("1002", "not_ready")
    if state != "wrap_up":
        run.ask("1001", "ready" if state in ("offered", "missed") else state, "lunch" if state == "not_ready" else "")
    if state in ("offered", "missed"):
        run.arrive("other")
        contacts["other"] = contact(run, "other", Phase.RINGING)
    if state == "missed":
        run.miss("other")
        contacts["other"] = contact(run, "other", Phase.WAITING)
    assert run.state("1001") == state
    answered = run.floor.tables.queues["support"].answered
    run.now += 7
    mend(run, look(run, contacts))
    (mended,), (restored,) = run.of(f.Mended), run.of(f.TalkRestored)
    assert (mended.interaction, mended.agent, restored.offer) == ("talks", "1001", offer.offer) and mended.problem
    assert (run.state("1001"), run.at("1001")) == ("talking", "talks")
    if state == "offered":
        assert run.floor.tables.items["other"].waiting
        assert [type(each) for each in run.to("other")][-1] is s.OfferWithdrawn
        contacts["other"] = contact(run, "other", Phase.WAITING)
    assert look(run, contacts) == []
    run.restart()
    run.now += 3
    run.over("talks")
    done = run.of(f.WorkCompleted)[-1]
    assert (done.talk_s, run.floor.tables.queues["support"].talking) == (10.0, 0)
    assert run.floor.tables.queues["support"].answered == answered, "counted once"
    if run.state("1001") == "wrap_up":
        run.take(s.WorkWithdrawn("other", "abandoned"))
        run.ask("1001", "wrap_up_done")
    assert run.state("1001") == LOST[state]
    if state == "not_ready":
        assert run.floor.tables.agents["1001"].reason == "lunch"


def test_an_agent_whom_the_floor_has_freed_in_the_middle_of_a_talk_talks_again(run: FloorRun) -> None:
    """The work is there and says so, the agent is not."""
    contacts = whole(run)
    run.floor.edit_agent("1001").state = "ready"
    run.floor.settle()
    run.take(s.WorkWithdrawn("waits", "abandoned"))
    del contacts["waits"]
    mend(run, look(run, contacts))
    assert run.of(f.TalkRestored) == [] and len(run.of(f.Mended)) == 1
    assert (run.state("1001"), run.at("1001")) == ("talking", "talks")


@pytest.mark.parametrize("why", ["talks already", "another at the phone", "no such queue", "no such agent"])
def test_a_lost_talk_that_cannot_be_put_back_changes_nothing(run: FloorRun, why: str) -> None:
    contacts = whole(run)
    state = contacts["talks"]
    run.take(s.WorkWithdrawn("talks", "lost"))
    for call in ("rings", "waits"):
        run.take(s.WorkWithdrawn(call, "abandoned"))
    run.ask("1001", "wrap_up_done")
    if why == "talks already":
        run.arrive("other")
        run.answer("other")
    elif why == "another at the phone":
        run.ask("1001", "logged_out")
        run.ask("1002", "logged_in", contact="elsewhere")
        run.ask("1002", "logged_out")
        run.ask("1002", "logged_in", contact="phone-1001")
    elif why == "no such queue":
        state.queue = "gone"
    else:
        assert state.offer
        state.offer.agent = "9999"
    contacts = {"talks": state}
    if "other" in run.floor.tables.items:
        contacts["other"] = contact(run, "other", Phase.TALKING)
    ((_, signal),) = look(run, contacts)
    assert isinstance(signal, s.TalkForgotten) and run.take(signal).facts == []


@pytest.mark.parametrize("held", [True, False])
def test_a_hold_that_the_floor_has_missed_is_told_again(run: FloorRun, held: bool) -> None:
    contacts = whole(run)
    offer = contacts["talks"].offer
    assert offer
    if held:
        offer.held_at = run.now
    else:
        run.take(s.ConversationHeld(offer.offer))
    mend(run, look(run, contacts))
    assert run.state("1001") == ("held" if held else "talking")
    assert look(run, contacts) == []


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.RINGING, Phase.JOINING])
def test_who_waits_without_the_floor_knowing_is_entered_again_and_keeps_its_age(run: FloorRun, phase: Phase) -> None:
    contacts = whole(run)
    state = contacts["lost"] = Interaction(
        interaction="lost", leg="leg", leg_up=True, phase=phase, queue="support", queue_priority=7,
        queue_needs="support >= 2", boost_s=30.0, waiting_since=START - 100, customer={"number": "C1"}, language="en",
    )  # fmt: skip
    if phase is not Phase.WAITING:
        state.offer = Offer("o1", "1001", "phone-1001", "agent-leg", START, 20.0)
    ((stream, signal),) = look(run, contacts)
    assert stream == "interaction:lost"
    decision = decide(state, signal, run.now, WORLD)
    assert f.Mended("lost", "", signal.problem) in decision.facts
    (arrived,) = [order.signal for order in decision.orders if isinstance(order, o.ToFloor)]
    work = arrived.work
    assert (work.interaction, work.queue, work.priority, work.needs) == ("lost", "support", 7, "support >= 2")
    assert (work.waiting_since, work.boost_s, work.customer, work.language) == (START - 100, 30.0, "C1", "en")
    for fact in decision.facts:
        evolve(state, fact, run.now)
    assert state.phase is Phase.WAITING and state.offer is None
    if phase is not Phase.WAITING:
        assert o.HangUp("agent-leg", "cancelled") in decision.orders
    run.take(arrived)
    contacts["lost"] = contact(run, "lost", Phase.WAITING)
    assert look(run, contacts) == []


def test_what_passes_between_two_looks_is_nothing(run: FloorRun) -> None:
    agreement, contacts = Agreement(), whole(run)
    waiting = contacts.pop("waits")
    assert agreement.look(run.floor, contacts, run.now) == []
    assert agreement.look(run.floor, contacts, run.now + LAG_S - 1) == [], "not long enough"
    contacts["waits"] = waiting
    assert agreement.look(run.floor, contacts, run.now + LAG_S) == []
    del contacts["waits"]
    assert agreement.look(run.floor, contacts, run.now + 2 * LAG_S) == [], "it begins anew"


def test_what_could_not_be_mended_is_tried_again_later_and_not_at_every_look(run: FloorRun) -> None:
    agreement, contacts = Agreement(), whole(run)
    del contacts["waits"]
    tries = [bool(agreement.look(run.floor, contacts, run.now + second)) for second in range(4 * int(LAG_S))]
    assert 2 <= sum(tries) <= 4


def test_a_signal_that_comes_too_late_changes_nothing(run: FloorRun) -> None:
    contacts = whole(run)
    del contacts["rings"]
    ((_, signal),) = look(run, contacts)
    run.answer("rings")
    run.over("rings")
    assert run.take(signal).facts == []
    assert run.take(s.AgentAstray("1002", "rings", "late")).facts == []
    assert run.take(s.AgentAstray("nobody", "rings", "late")).facts == []

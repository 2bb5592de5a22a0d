"""How an interaction ends, what it is called then, and that it leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from contact_run import (
    ARRIVED,
    FLOW,
    HANG_UP,
    WORLD,
    Contact,
    flowing,
    hearing,
    held,
    joining,
    leaving,
    lingering,
    parted,
    queued,
    ringing,
    talking,
)

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase, deadlines
from switch_app.core.interaction.fallback import fallback


@pytest.mark.parametrize("make", [lambda: Contact().take(ARRIVED), queued, ringing, joining, talking, held])
def test_the_switch_is_lost(make: Any) -> None:
    contact = make().take(s.SwitchLost(), 1)
    assert contact.state.phase is Phase.CLOSED
    assert contact.facts[-1].reason == "switch_lost"


@pytest.mark.parametrize(("make", "lasted"), [(queued, "wait_s"), (talking, "talk_s")])
def test_a_wait_does_not_last_through_the_night_in_which_everything_was_off(make: Any, lasted: str) -> None:
    contact = make()
    began_at = contact.now
    contact.take(s.SwitchLost(seen_at=began_at + 7), 12 * 3600)
    assert 7 <= getattr(contact.facts[-1], lasted) < 8
    assert contact.facts[-1].ended_at == began_at + 7


def test_a_seen_at_of_before_the_wait_makes_it_no_shorter_than_nothing() -> None:
    assert queued().take(s.SwitchLost(seen_at=1.0), 3600).facts[-1].wait_s == 0.0


def test_who_waits_when_the_switch_is_shut_down_has_not_abandoned() -> None:
    contact = queued().take(s.LegEnded("leg", "switch_lost", "SYSTEM_SHUTDOWN", "application"), 5)
    assert contact.facts[-1].outcome == "switch_lost"
    assert [fact.reason for fact in contact.facts if isinstance(fact, f.QueueExited)] == ["switch_lost"]


def never_reached(arrived_at: float, gone_at: float) -> Contact:
    contact = Contact()
    contact.now += 3600
    missed = s.CallerNeverReached("call", "leg", "138", "4000", "main", "v1", arrived_at, gone_at)
    return contact.take(missed, 0)


def test_a_caller_whom_nobody_reached_has_a_record_with_the_moments_of_the_switch() -> None:
    began_at = Contact().now
    contact = never_reached(began_at + 1, began_at + 9.5)
    opened, missed, closed = contact.facts
    assert (opened.interaction, opened.ani, opened.dnis, opened.direction) == ("call", "138", "4000", "inbound")
    assert (opened.arrived_at, missed.waited_s, closed.ended_at) == (began_at + 1, 8.5, began_at + 9.5)
    assert (closed.outcome, closed.reason) == ("failed", "away")
    assert contact.state.opened_at == began_at + 1 and contact.state.phase is Phase.CLOSED
    again = s.CallerNeverReached("call", "leg", "1", "2", "main", "v1", 1, 2)
    assert len(contact.take(again, 1).facts) == 3, "told again it means nothing"


@pytest.mark.parametrize("moments", [(0.0, 0.0), (1e12, 0.0), (5.0, 2.0)], ids=["unknown", "tomorrow", "crossed"])
def test_moments_that_cannot_be_are_none(moments: tuple[float, float]) -> None:
    contact = never_reached(*moments)
    opened, missed, closed = contact.facts
    assert opened.arrived_at <= closed.ended_at <= contact.now and missed.waited_s == 0.0


@pytest.mark.parametrize("make", [ringing, joining])
def test_every_transient_phase_has_a_deadline(make: Any) -> None:
    assert deadlines(make().state)


def test_hanging_up_before_any_queue_is_completed() -> None:
    """Abandoned is a word about queues: the list and the wallboard count the same."""
    contact = Contact().take(ARRIVED).take(HANG_UP, 1)
    assert contact.state.outcome == "completed"
    assert f.FlowEnded("hung_up") in contact.facts


def test_an_agents_own_call_is_completed() -> None:
    own = s.CallArrived("i1", "leg", "1001", "", "*12", "agents", "main", FLOW.version)
    contact = Contact().take(own).take(HANG_UP, 1)
    assert (contact.state.direction, contact.state.outcome) == ("internal", "completed")


@pytest.mark.parametrize("make", [queued, ringing, joining])
def test_only_hanging_up_in_a_queue_is_abandoned(make: Any) -> None:
    contact = make().take(HANG_UP, 1)
    assert contact.state.outcome == "abandoned"
    assert s.WorkWithdrawn("i1", "abandoned") in contact.floor()


def test_who_was_transferred_before_and_hangs_up_in_a_queue_has_abandoned_it_too() -> None:
    contact = queued()
    contact.state.transferred = True
    assert contact.take(HANG_UP, 1).state.outcome == "abandoned"
    assert s.WorkWithdrawn("i1", "abandoned") in contact.floor(), "the floor counts the same"


def test_hanging_up_after_the_queue_gave_up_is_overflowed() -> None:
    contact = lingering()
    assert contact.state.phase is Phase.FLOW
    assert contact.take(HANG_UP, 1).state.outcome == "overflowed"


def test_hanging_up_after_an_own_way_out_of_the_queue_is_completed() -> None:
    contact, _ = hearing()
    contact.take(s.DigitPressed("leg", "9"), 1)
    assert contact.take(HANG_UP, 1).state.outcome == "completed"


def test_a_caller_to_whom_we_apologised_has_failed() -> None:
    contact = Contact().take(ARRIVED)
    for error in (ZeroDivisionError(), ZeroDivisionError()):
        contact.fall_back(error)
        contact.take(s.QueueGaveUp("empty"))
    assert f.CallerReleased("failed") in contact.facts
    assert contact.take(HANG_UP, 1).state.outcome == "failed"


def test_after_a_bug_the_operator_queue_and_then_an_apology() -> None:
    contact = Contact().take(ARRIVED)
    first = fallback(contact.state, s.DigitPressed("leg", "1"), ZeroDivisionError(), contact.now, WORLD)
    assert any(isinstance(fact, f.QueueEntered) and fact.queue == "operator" for fact in first.facts)
    contact.state.crashes = 1
    second = fallback(contact.state, s.DigitPressed("leg", "1"), ZeroDivisionError(), contact.now, WORLD)
    assert any(isinstance(order, o.Play) for order in second.orders)


def test_refs_are_never_used_twice() -> None:
    contact = queued()
    refs = [order.ref for order in contact.orders if isinstance(order, o.Play)]
    for position in (4, 3, 2):
        contact.take(s.QueueTold("position", position), 5)
        refs += [order.ref for order in contact.orders if isinstance(order, o.Play)]
        contact.take(s.PlayEnded(refs[-1], "done"), 2)
        refs += [order.ref for order in contact.orders if isinstance(order, o.Play)]
    assert len(refs) == len(set(refs)) == 7


@pytest.mark.parametrize("end", [s.LegEnded("leg", "normal", by="caller"), s.SwitchLost()], ids=["hang-up", "switch"])
@pytest.mark.parametrize("make", [flowing, queued, ringing, joining, talking, parted, leaving])
def test_a_contact_that_is_over_leaves_no_timer(make: Any, end: Any) -> None:
    """Else it would fire at a closed contact, which has to be read from the journal for it."""
    contact = make().take(end, 1)
    assert contact.state.phase is Phase.CLOSED
    assert contact.timers == set()


def test_an_offer_taken_back_at_the_join_leaves_no_timer() -> None:
    contact = joining().take(s.OfferWithdrawn("o1", "logged_out"), 1)
    assert contact.state.phase is Phase.WAITING and contact.timers == set()

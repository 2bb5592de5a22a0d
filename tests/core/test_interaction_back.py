"""A caller who comes back into the socket, from the recover extension or from a talk elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from contact_run import ARRIVED, AWAY, Contact, flowing, joining, queued, ringing

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase


@pytest.mark.parametrize("make", [queued, ringing, joining])
def test_back_from_the_recover_extension_the_place_is_kept(make: Any) -> None:
    contact = make()
    since, phase = contact.state.waiting_since, contact.state.phase
    contact.take(ARRIVED, 3)
    assert contact.ordered(o.Play).endless
    assert (contact.state.waiting_since, contact.state.phase) == (since, phase)
    assert not contact.floor()


def test_back_from_the_recover_extension_in_the_flow() -> None:
    contact = Contact().take(ARRIVED)
    contact.take(ARRIVED, 3)
    assert contact.ordered(o.Play).sounds
    contact.take(s.DigitPressed("leg", "1"))
    assert contact.state.phase is Phase.WAITING


@pytest.mark.parametrize("other", ["", "another"])
def test_back_from_a_join_that_did_not_come_about(other: str) -> None:
    contact = joining().take(replace(ARRIVED, talked_with=other, parted_at=1005.0), 2)
    assert "AgentConnected" not in contact.kinds() and contact.ordered(o.Play).endless


TO_AWAY = s.CallArrived("i1", "leg", "13800000000", "Ann", "4002", "inbound", "away", AWAY.version)


def elsewhere() -> tuple[Contact, str]:
    """A caller who talks with the other side of a transfer; and the transfer's ref."""
    contact = Contact().take(TO_AWAY)
    ref = contact.ordered(o.TransferLeg).ref
    return contact.take(s.TransferBegun(ref, "2001"), 10), ref


def test_a_talk_elsewhere_has_no_deadline() -> None:
    contact, ref = elsewhere()
    assert contact.state.transferred and contact.timers == set()
    contact.take(s.TransferEnded(ref, "done"), 600)
    assert contact.state.phase is Phase.LEAVING
    contact.take(s.LegEnded("leg", "normal"), 0.1)
    assert contact.state.outcome == "completed"


@pytest.mark.parametrize("closed", [False, True])
def test_back_from_elsewhere_after_the_end_was_ordered(closed: bool) -> None:
    """The hang-up has met nobody (a control line that was held, say): no caller is left in the socket."""
    contact, ref = elsewhere()
    contact.take(s.HangUpAsked("", ""), 5)
    assert contact.state.phase is Phase.LEAVING
    if closed:
        contact.take(s.TimerFired("leave"), 5)
        assert contact.state.phase is Phase.CLOSED
    contact.orders.clear()
    contact.take(s.TransferEnded(ref, "done"), 1)
    assert contact.orders == [o.HangUp("leg", "normal")]


def test_a_talk_elsewhere_that_the_application_did_not_live_to_see_is_done() -> None:
    """The caller comes back by itself: that is the end of the talk, and nobody is called again."""
    contact, _ = elsewhere()
    contact.take(TO_AWAY, 600)
    assert contact.state.phase is Phase.LEAVING
    assert not any(isinstance(order, o.TransferLeg) for order in contact.orders)


def test_a_transfer_that_rings_when_the_application_dies_is_tried_again() -> None:
    contact = Contact().take(TO_AWAY)
    ref = contact.ordered(o.TransferLeg).ref
    contact.take(TO_AWAY, 3)
    assert contact.ordered(o.TransferLeg).ref != ref


def test_back_from_the_recover_extension_the_old_wait_has_no_deadline_any_more() -> None:
    """The application may be alive: the reconciler sends callers there whom nobody holds."""
    contact = flowing()
    before = set(contact.timers)
    contact.take(ARRIVED, 3)
    assert len(before) == len(contact.timers) == 1 and contact.timers != before

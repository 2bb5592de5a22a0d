"""R43: calls are controlled from the switch's side too: passed on to a queue, ended by agent or supervisor."""

from __future__ import annotations

from contact_run import ARRIVED, OFFER, Contact, joining, queued, talking

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase

BACK = s.CallArrived("i1", "leg", "13800000000", "Ann", "4000", "inbound", "main", ARRIVED.version)


def parted(contact: Contact) -> Contact:
    """The agent's leg is gone, and the caller is in the socket again."""
    assert contact.state.offer
    contact.take(s.LegEnded(contact.state.offer.leg, "normal", "NORMAL_CLEARING", "us"), 0.1)
    return contact.take(BACK, 0.1)


def test_an_agent_passes_the_customer_on_and_the_next_one_talks() -> None:
    contact = talking()
    offer = contact.state.offer
    assert offer
    contact.take(s.PassOnAsked("1001", "support"), 30)
    assert f.CustomerPassedOn(offer.offer, "1001", "support") in contact.facts
    assert contact.ordered(o.HangUp).leg == offer.leg
    parted(contact)
    (arrived,) = contact.floor()
    assert (arrived.work.queue, arrived.work.priority, arrived.work.needs) == ("support", 5, "")
    assert arrived.work.waiting_since == contact.now  # a new wait
    assert contact.ordered(o.Play).endless and contact.state.phase is Phase.WAITING
    contact.take(s.AgentOffered("o2", "1002", "1002", 20.0, "support"), 4)
    second = contact.state.offer
    assert second and second.agent == "1002"
    contact.take(s.LegAnswered(second.leg), 2)
    contact.take(s.Joined(contact.state.offer.join_ref, "leg", second.leg), 0.1)
    assert contact.state.phase is Phase.TALKING
    parted(contact)  # now the flow goes on behind its queue step
    assert contact.state.phase is Phase.LEAVING and contact.state.connected == 2
    contact.take(s.LegEnded("leg", "normal"), 1)
    assert contact.state.outcome == "answered"


def test_passed_on_to_a_queue_that_gives_up_the_flow_takes_its_way_out() -> None:
    contact = parted(talking().take(s.PassOnAsked("1001", "support"), 5))
    contact.take(s.QueueGaveUp("timeout"), 60)
    assert contact.state.phase is Phase.LEAVING and contact.state.onward == ""


def test_a_caller_who_hangs_up_first_is_passed_to_nobody() -> None:
    contact = talking().take(s.PassOnAsked("1001", "support"), 5)
    contact.take(s.LegEnded("leg", "normal"), 0.1)
    assert contact.state.phase is Phase.CLOSED and not any(type(x) is s.WorkArrived for x in contact.floor())


def test_only_the_agent_who_talks_can_pass_on() -> None:
    contact = talking()
    count = len(contact.facts)
    contact.take(s.PassOnAsked("1002", "support"), 1)
    assert len(contact.facts) == count and not contact.orders
    for other in (queued(), joining()):
        before = len(other.facts)
        assert len(other.take(s.PassOnAsked("1001", "support"), 1).facts) == before


def test_asked_again_the_hang_up_is_ordered_again_and_the_last_queue_counts() -> None:
    contact = talking().take(s.PassOnAsked("1001", "support"), 1)
    assert contact.take(s.PassOnAsked("1001", "billing"), 5).ordered(o.HangUp)
    (arrived,) = parted(contact).floor()
    assert arrived.work.queue == "billing"


def test_an_agent_ends_the_own_talk_and_the_flow_goes_on() -> None:
    contact = talking()
    offer = contact.state.offer
    assert offer
    contact.take(s.HangUpAsked("1001", "1001"), 5)
    assert f.HangUpOrdered("1001", offer.leg) in contact.facts and contact.ordered(o.HangUp).leg == offer.leg
    assert parted(contact).state.connected == 1
    assert not talking().take(s.HangUpAsked("1002", "1002"), 5).orders


def test_a_supervisor_ends_the_callers_leg_wherever_it_is() -> None:
    contact = talking().take(s.HangUpAsked("boss"), 5)
    assert contact.ordered(o.HangUp).leg == "leg"
    contact.take(s.LegEnded("leg", "normal"), 0.1)
    assert contact.state.outcome == "answered"
    menu = Contact().take(ARRIVED).take(s.HangUpAsked("boss"), 1)
    assert menu.ordered(o.HangUp).leg == "leg" and menu.state.phase is Phase.LEAVING
    assert not menu.take(s.HangUpAsked("boss"), 0.1).orders


def test_who_is_hung_up_on_in_a_queue_has_not_abandoned_it() -> None:
    for contact in (queued(), queued().take(OFFER, 3), joining()):
        offer = contact.state.offer
        contact.take(s.HangUpAsked("boss"), 5)
        assert s.WorkWithdrawn("i1", "released") in contact.floor()
        legs = [order.leg for order in contact.orders if isinstance(order, o.HangUp)]
        assert legs == ([offer.leg] if offer else []) + ["leg"]
        contact.take(s.LegEnded("leg", "normal"), 0.1)
        assert contact.state.phase is Phase.CLOSED and contact.state.outcome == "completed"

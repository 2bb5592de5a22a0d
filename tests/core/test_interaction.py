"""The state machine of one interaction, signal by signal: into the queue, an offer and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from contact_run import joining, queued, ringing, talking

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase


def test_a_call_reaches_the_queue() -> None:
    contact = queued()
    assert contact.state.phase is Phase.WAITING
    (arrived,) = contact.floor()
    assert (arrived.work.queue, arrived.work.priority, arrived.work.waiting_since) == ("sales", 5, 1002.0)
    assert contact.ordered(o.Play).endless


def test_an_offer_rings_the_agents_phone_with_an_id_of_ours() -> None:
    contact = ringing()
    call = contact.ordered(o.CallAgent)
    assert call.contact == "1001" and call.leg == contact.state.offer.leg and len(call.leg) == 36
    assert contact.ordered(o.StartTimer).timer == "ring:o1"


def test_the_pair_is_joined_and_the_wait_is_measured() -> None:
    contact = talking()
    connected = next(fact for fact in contact.facts if isinstance(fact, f.AgentConnected))
    assert (connected.agent, connected.wait_s, connected.ring_s) == ("1001", 7.1, 4.0)
    assert contact.state.phase is Phase.TALKING
    assert contact.floor() == [s.OfferAnswered("o1")]


@pytest.mark.parametrize("reason", ["busy", "rejected", "no_answer", "unreachable"])
def test_a_missed_offer_puts_the_caller_back(reason: str) -> None:
    contact = ringing()
    contact.take(s.LegEnded(contact.state.offer.leg, reason), 20)
    assert contact.state.phase is Phase.WAITING and contact.state.offer is None
    assert contact.floor() == [s.OfferMissed("o1", reason)]
    assert not any(isinstance(order, o.Play) for order in contact.orders), "the music never stopped"
    assert contact.state.waiting_since == 1002.0


def test_the_caller_leaves_while_a_phone_rings() -> None:
    contact = ringing()
    leg = contact.state.offer.leg
    contact.take(s.LegEnded("leg", "normal", by="caller"), 1)
    assert contact.ordered(o.HangUp).leg == leg
    assert contact.floor() == [s.WorkWithdrawn("i1", "abandoned")]
    assert contact.state.outcome == "abandoned"


def test_a_phone_that_answers_after_the_caller_left_is_hung_up() -> None:
    contact = ringing()
    leg = contact.state.offer.leg
    contact.take(s.LegEnded("leg", "normal"), 1).take(s.LegAnswered(leg), 0.1)
    assert contact.ordered(o.HangUp) == o.HangUp(leg, "cancelled")


@pytest.mark.parametrize("make", [ringing, joining, talking])
def test_a_phone_whose_answer_is_told_twice_is_not_hung_up(make: Any) -> None:
    contact = make()
    leg = contact.state.offer.leg
    contact.take(s.LegAnswered(leg)).take(s.LegAnswered(leg))
    assert not any(isinstance(order, o.HangUp) for order in contact.orders)
    assert contact.take(s.LegAnswered("another")).ordered(o.HangUp).leg == "another"


def test_a_join_that_fails_gives_music_again() -> None:
    contact = joining()
    offer = contact.state.offer
    contact.take(s.JoinFailed(offer.join_ref, "-ERR"), 0.1)
    assert contact.ordered(o.Play).endless and contact.ordered(o.HangUp).leg == offer.leg
    assert contact.floor() == [s.OfferMissed("o1", "failed")]
    assert contact.state.phase is Phase.WAITING


def test_a_ring_that_nobody_ends_has_our_deadline() -> None:
    contact = ringing().take(s.TimerFired("ring:o1"), 25)
    assert contact.state.phase is Phase.WAITING
    assert contact.floor() == [s.OfferMissed("o1", "no_answer")]


def test_the_floor_takes_an_offer_back() -> None:
    contact = ringing().take(s.OfferWithdrawn("o1", "logged_out"), 1)
    assert contact.state.phase is Phase.WAITING and not contact.floor()
    assert contact.ordered(o.HangUp)


def test_a_second_offer_while_one_rings_is_handed_back() -> None:
    contact = ringing().take(s.AgentOffered("o2", "1002", "1002", 20.0, "sales"))
    assert contact.floor() == [s.OfferMissed("o2", "withdrawn")]
    assert contact.state.offer.offer == "o1"


def test_the_floor_gives_up_and_the_flow_decides() -> None:
    contact = queued().take(s.QueueGaveUp("timeout"), 60)
    assert contact.ordered(o.HangUp).leg == "leg"
    contact.take(s.LegEnded("leg", "normal", by="application"))
    assert contact.state.outcome == "overflowed"
    assert contact.facts[-1].wait_s == 60.0


def test_a_key_leaves_the_queue() -> None:
    contact = queued().take(s.DigitPressed("leg", "5"), 1)
    assert not contact.orders
    contact.take(s.DigitPressed("leg", "9"), 1)
    assert s.WorkWithdrawn("i1", "left") in contact.floor()

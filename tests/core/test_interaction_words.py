"""What a waiting caller is told, and when."""

from __future__ import annotations

import pytest
from contact_run import OFFER, TO_BUSY, TWICE, Contact, hearing, queued, talking

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase


def test_announcements_and_then_music() -> None:
    contact = queued().take(s.QueueTold("position", 2), 5)
    announcement = contact.ordered(o.Play)
    assert not announcement.endless
    contact.take(s.PlayEnded(announcement.ref, "done"), 3)
    assert contact.ordered(o.Play).endless


def test_an_announcement_cut_by_the_join_brings_no_music_back() -> None:
    contact = queued().take(s.QueueTold("position", 2), 5)
    announcement = contact.ordered(o.Play)
    contact.take(OFFER, 0.1)
    contact.take(s.LegAnswered(contact.state.offer.leg), 1)
    contact.take(s.PlayEnded(announcement.ref, "stopped"), 0.1)
    assert not contact.orders


def test_a_disposition_is_taken_after_the_close() -> None:
    contact = talking().take(s.LegEnded("leg", "normal"), 5)
    contact.take(s.DispositionChosen("1001", "sale", "has <b>ordered</b>"), 5)
    assert isinstance(contact.facts[-1], f.DispositionSet)


def test_the_wait_begins_with_its_first_words() -> None:
    contact, words = hearing()
    (arrived,) = contact.floor()
    assert (contact.state.phase, arrived.work.waiting_since) == (Phase.WAITING, 1000.0)
    assert [order.endless for order in contact.orders if isinstance(order, o.Play)] == [False]
    contact.take(s.PlayEnded(words, "done"), 13)
    assert contact.ordered(o.Play).endless and not contact.floor()


def test_an_agent_who_is_free_cuts_the_words() -> None:
    contact, words = hearing()
    contact.take(OFFER)
    contact.take(s.LegAnswered(contact.state.offer.leg), 2)
    contact.take(s.PlayEnded(words, "stopped"), 0.05)
    assert not contact.orders
    contact.take(s.Joined(contact.state.offer.join_ref, "leg", contact.state.offer.leg), 0.05)
    connected = next(fact for fact in contact.facts if isinstance(fact, f.AgentConnected))
    assert connected.wait_s == pytest.approx(2.1)


def test_a_key_leaves_the_queue_while_its_words_are_said() -> None:
    contact, _ = hearing()
    contact.take(s.DigitPressed("leg", "9"), 3)
    assert s.WorkWithdrawn("i1", "left") in contact.floor() and contact.ordered(o.StopPlay)


def test_back_from_the_recover_extension_the_words_are_not_said_again() -> None:
    contact, _ = hearing()
    contact.take(TO_BUSY, 5)
    assert [order.endless for order in contact.orders if isinstance(order, o.Play)] == [True]
    assert contact.state.waiting_since == 1000.0 and not contact.floor()


def test_the_position_waits_for_the_end_of_the_words() -> None:
    contact, words = hearing()
    contact.take(s.QueueTold("position", 3), 5).take(s.QueueTold("position", 2), 3)
    assert not contact.orders
    contact.take(s.PlayEnded(words, "done"), 5)
    said = contact.ordered(o.Play)
    assert not said.endless and f.AnnouncementStarted(said.ref, "position", 2) in contact.facts
    contact.take(s.PlayEnded(said.ref, "done"), 3)
    assert contact.ordered(o.Play).endless


def test_behind_each_position_the_caller_hears_that_going_on_is_a_choice() -> None:
    """R14: the position, and whether to go on waiting."""
    contact, words = hearing()
    choice = contact.state.position_words
    assert choice
    contact.take(s.PlayEnded(words, "done"), 5)
    for position in (3, 2):
        said = contact.take(s.QueueTold("position", position, 60.0), 5).ordered(o.Play)
        assert said.sounds[-len(choice) :] == choice and len(said.sounds) > len(choice)
        contact.take(s.PlayEnded(said.ref, "done"), 5)
    contact.take(TO_BUSY, 5)  # back from the recover extension
    assert contact.take(s.QueueTold("position", 1), 5).ordered(o.Play).sounds[-len(choice) :] == choice


def test_what_was_put_off_is_not_said_in_the_next_queue() -> None:
    contact, _ = hearing()
    contact.take(s.QueueTold("position", 3), 5).take(s.QueueGaveUp("timeout"), 1)
    assert contact.state.put_off is None and contact.state.announcing == ""


def test_an_announcement_that_somebody_stopped_is_followed_by_music() -> None:
    contact, words = hearing()
    contact.take(s.PlayEnded(words, "stopped"), 1)
    assert contact.ordered(o.Play).endless


def test_from_one_queue_straight_into_another_no_second_counts_twice() -> None:
    """The second wait began where the first did, so that the sum was longer than the call (whole centre)."""
    arrived = s.CallArrived("i1", "leg", "13800000000", "Ann", "4000", "inbound", "twice", TWICE.version)
    contact = Contact().take(arrived).take(s.QueueGaveUp("empty"), 30)
    assert contact.state.queue == "operator"
    contact.take(s.LegEnded("leg", "normal", by="caller"), 10)
    assert [fact.wait_s for fact in contact.facts if isinstance(fact, f.QueueExited)] == [30.0, 10.0]
    assert [fact.wait_s for fact in contact.facts if isinstance(fact, f.InteractionClosed)] == [40.0]

"""The state machine of one interaction, signal by signal, without a floor or a switch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.decision import Decision
from switch_app.core.flow.model import build
from switch_app.core.flow.prompts import Manifest
from switch_app.core.interaction import Interaction, Phase, deadlines, decide, evolve
from switch_app.core.interaction.fallback import fallback
from switch_app.core.plain import from_json, to_json
from switch_app.core.world import LocalTime, World

FLOW, FLAWS = build(
    {
        "flow": "main",
        "start": "menu",
        "steps": {
            "menu": {
                "type": "menu",
                "say": "main_menu",
                "choices": {"1": "sales", "2": "bye"},
                "no_input": "sales",
                "invalid": "sales",
            },
            "sales": {
                "type": "queue",
                "queue": "sales",
                "priority": "5",
                "leave_keys": {"9": "bye"},
                "timeout": "bye",
                "empty": "bye",
                "answered": "bye",
            },
            "bye": {"type": "hangup"},
        },
    },
    text="main",
)
assert FLOW, FLAWS
AWAY, FLAWS = build(
    {
        "flow": "away",
        "start": "office",
        "steps": {
            "office": {"type": "transfer", "to": "2001", "ring_s": 15, "done": "sorry", "failed": "sorry"},
            "sorry": {"type": "hangup"},
        },
    },
    text="away",
)
assert AWAY, FLAWS
BUSY, FLAWS = build(
    {
        "flow": "busy",
        "start": "sales",
        "steps": {
            "sales": {
                "type": "queue", "queue": "sales", "say": "hold_for_agent", "busy_say": ["agents_busy", "wait_choice"],
                "position_say": "wait_choice",
                "leave_keys": {"9": "bye"}, "timeout": "bye", "empty": "bye", "answered": "bye",
            },
            "bye": {"type": "hangup", "say": "goodbye"},
        },
    },
    text="busy",
)  # fmt: skip
assert BUSY, FLAWS
TWICE, FLAWS = build(
    {
        "flow": "twice",
        "start": "sales",
        "steps": {
            "sales": {"type": "queue", "queue": "sales", "empty": "operator"},
            "operator": {"type": "queue", "queue": "operator"},
        },
    },
    text="twice",
)
assert TWICE, FLAWS
WORLD = World(
    LocalTime("2026-11-23T09:00:00+08:00", "2026-11-23", 1, 540),
    flows={FLOW.version: FLOW, AWAY.version: AWAY, BUSY.version: BUSY, TWICE.version: TWICE},
    prompts=Manifest(),
)
ARRIVED = s.CallArrived("i1", "leg", "13800000000", "Ann", "4000", "inbound", "main", FLOW.version)
OFFER = s.AgentOffered("o1", "1001", "1001", 20.0, "sales")


class Contact:
    """Drives one interaction and keeps all that came of it; the state is refolded after each turn."""

    def __init__(self) -> None:
        self.state = Interaction()
        self.now = 1000.0
        self.facts: list[Any] = []
        self.orders: list[Any] = []
        self.timers: set[str] = set()  # that run
        self._stored: list[tuple[type, bytes, float]] = []

    def take(self, signal: Any, after_s: float = 0.0) -> Contact:
        self.now += after_s
        self._took(decide(self.state, signal, self.now, WORLD))
        if isinstance(signal, s.TimerFired):
            self.timers.discard(signal.timer)
        return self

    def fall_back(self, error: Exception) -> None:
        """A bug at the next digit."""
        self._took(fallback(self.state, s.DigitPressed("leg", "1"), error, self.now, WORLD))

    def _took(self, decision: Decision) -> None:
        for fact in decision.facts:
            self._stored.append((type(fact), to_json(fact), self.now))
        self.facts += decision.facts
        self.orders = decision.orders
        self.timers |= {order.timer for order in decision.orders if isinstance(order, o.StartTimer)}
        self.timers -= {order.timer for order in decision.orders if isinstance(order, o.StopTimer)}
        self.state = Interaction()  # every test is a persistence test
        for kind, data, at in self._stored:
            evolve(self.state, from_json(kind, data), at)

    def floor(self) -> list[Any]:
        return [order.signal for order in self.orders if isinstance(order, o.ToFloor)]

    def ordered(self, kind: type) -> Any:
        found = [order for order in self.orders if isinstance(order, kind)]
        assert found, f"no {kind.__name__} among {self.orders}"
        return found[-1]

    def kinds(self) -> list[str]:
        return [type(fact).__name__ for fact in self.facts]


def queued() -> Contact:
    contact = Contact().take(ARRIVED)
    return contact.take(s.DigitPressed("leg", "1"), 2)


def ringing() -> Contact:
    return queued().take(OFFER, 3)


def joining() -> Contact:
    contact = ringing()
    return contact.take(s.LegAnswered(contact.state.offer.leg), 4)


def talking() -> Contact:
    contact = joining()
    offer = contact.state.offer
    return contact.take(s.Joined(offer.join_ref, "leg", offer.leg), 0.1)


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


def test_the_caller_hangs_up_in_the_talk() -> None:
    contact = talking().take(s.LegEnded("leg", "normal", by="caller"), 30)
    assert contact.state.phase is Phase.CLOSED and contact.state.outcome == "answered"
    closed = contact.facts[-1]
    assert (closed.wait_s, closed.talk_s) == (7.1, 30.0)
    assert contact.floor() == [s.ConversationOver("o1")]
    assert contact.ordered(o.HangUp).leg == contact.facts[[*contact.kinds()].index("AgentRung")].leg


def test_the_agent_hangs_up_and_the_caller_goes_on_in_the_flow() -> None:
    contact = talking()
    contact.take(s.LegEnded(contact.state.offer.leg, "normal", by="agent"), 10)
    assert contact.state.phase is Phase.PARTED and contact.ordered(o.StartTimer).timer == "return"
    contact.take(ARRIVED, 0.1)
    assert contact.ordered(o.HangUp).leg == "leg"  # the flow's `answered` step
    contact.take(s.LegEnded("leg", "normal", by="application"), 0.1)
    assert contact.state.outcome == "answered"


def held() -> Contact:
    contact = talking()
    contact.take(s.LegHeld(contact.state.offer.leg), 5)
    return contact


def test_the_agent_holds_and_takes_back() -> None:
    """talk_s and hold_s are apart: together they are the time from the join to the end."""
    contact = held()
    assert contact.facts[-1] == f.CallHeld("o1", "1001") and contact.floor() == [s.ConversationHeld("o1")]
    assert contact.state.phase is Phase.TALKING and contact.state.offer.held_at == contact.now
    contact.take(s.LegResumed(contact.state.offer.leg), 20)
    assert contact.facts[-1] == f.CallResumed("o1", "1001", 20.0)
    assert contact.floor() == [s.ConversationResumed("o1")]
    contact.take(s.LegHeld(contact.state.offer.leg), 3).take(s.LegResumed(contact.state.offer.leg), 4)
    contact.take(s.LegEnded("leg", "normal", by="caller"), 10)
    (ended,) = [fact for fact in contact.facts if isinstance(fact, f.ConversationEnded)]
    assert (ended.talk_s, ended.hold_s) == (18.0, 24.0)
    closed = contact.facts[-1]
    assert (closed.talk_s, closed.hold_s, contact.state.hold_s) == (18.0, 24.0, 24.0)


@pytest.mark.parametrize("who", ["caller", "agent", "switch"])
def test_a_talk_that_ends_on_hold(who: str) -> None:
    contact = held()
    leg = {"caller": "leg", "agent": contact.state.offer.leg}.get(who)
    contact.take(s.LegEnded(leg, "normal", by=who) if leg else s.SwitchLost(), 7)
    (ended,) = [fact for fact in contact.facts if isinstance(fact, f.ConversationEnded)]
    assert (ended.talk_s, ended.hold_s) == (5.0, 7.0)
    assert contact.floor() == [s.ConversationOver("o1")]


def test_a_hold_does_not_last_through_the_night_either() -> None:
    contact = held()
    contact.take(s.SwitchLost(seen_at=contact.now + 2), 12 * 3600)
    assert (contact.facts[-1].talk_s, contact.facts[-1].hold_s) == (5.0, 2.0)


def test_what_is_said_twice_or_of_another_phone_is_no_hold() -> None:
    contact = talking()
    facts = len(contact.facts)
    contact.take(s.LegHeld("leg"), 1).take(s.LegResumed("leg"), 1)  # the caller's own phone
    contact.take(s.LegResumed(contact.state.offer.leg), 1)
    assert len(contact.facts) == facts and contact.floor() == []
    contact = held()
    facts = len(contact.facts)
    contact.take(s.LegHeld(contact.state.offer.leg), 1)
    assert len(contact.facts) == facts
    assert joining().take(s.LegHeld("x"), 1).state.phase is Phase.JOINING


def test_a_caller_who_never_comes_back_is_released() -> None:
    contact = talking()
    contact.take(s.LegEnded(contact.state.offer.leg, "normal"), 10).take(s.TimerFired("return"), 5)
    assert contact.ordered(o.HangUp).leg == "leg"
    contact.take(s.TimerFired("leave"), 5)
    assert contact.state.phase is Phase.CLOSED


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


@pytest.mark.parametrize("make", ["ringing", "joining", "talking"])
def test_a_phone_whose_answer_is_told_twice_is_not_hung_up(make: str) -> None:
    contact = globals()[make]()
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


def test_a_seen_at_of_before_the_wait_makes_it_no_shorter_than_nothing() -> None:
    assert queued().take(s.SwitchLost(seen_at=1.0), 3600).facts[-1].wait_s == 0.0


def test_who_waits_when_the_switch_is_shut_down_has_not_abandoned() -> None:
    contact = queued().take(s.LegEnded("leg", "switch_lost", "SYSTEM_SHUTDOWN", "application"), 5)
    assert contact.facts[-1].outcome == "switch_lost"
    assert [fact.reason for fact in contact.facts if isinstance(fact, f.QueueExited)] == ["switch_lost"]


@pytest.mark.parametrize("make", [ringing, joining])
def test_every_transient_phase_has_a_deadline(make: Any) -> None:
    assert deadlines(make().state)


HANG_UP = s.LegEnded("leg", "normal", by="caller")


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


def lingering() -> Contact:
    """A caller who was in the queue and hears how to leave a message."""
    contact, _ = hearing()
    return contact.take(s.QueueGaveUp("timeout"), 1)


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


def test_a_disposition_is_taken_after_the_close() -> None:
    contact = talking().take(s.LegEnded("leg", "normal"), 5)
    contact.take(s.DispositionChosen("1001", "sale", "has <b>ordered</b>"), 5)
    assert isinstance(contact.facts[-1], f.DispositionSet)


def test_the_end_of_a_recording_counts_once() -> None:
    """Found by a look, it may still be told; what no talk asked for is kept as well."""
    contact = talking()
    path = contact.state.offer.recording
    assert contact.state.recordings == {path: False}
    contact.take(s.LegEnded("leg", "normal"), 5)
    contact.take(s.RecordingEnded("leg", path, 5.0), 1)
    contact.take(s.RecordingEnded("leg", path, 6.0), 1)
    contact.take(s.RecordingFailed("leg", path, "late"), 1)
    contact.take(s.RecordingEnded("leg", "voicemail/x.wav", 3.0), 1)
    assert contact.state.recordings == {path: True}
    kept = [(fact.path, fact.duration_s) for fact in contact.facts if isinstance(fact, f.RecordingKept)]
    assert kept == [(path, 5.0), ("voicemail/x.wav", 3.0)] and "RecordingLost" not in contact.kinds()


@pytest.mark.parametrize(("parted_at", "talk_s"), [(0.0, 30.0), (1000.0, 30.0), (1017.1, 8.0), (9999.0, 30.0)])
@pytest.mark.parametrize("how", ["back", "gone"])
def test_a_talk_whose_end_is_told_late(how: str, parted_at: float, talk_s: float) -> None:
    """As long as the switch says, if it can be true: not one of the talk before, nor of a clock ahead."""
    contact = talking()
    assert contact.state.offer.connected_at == 1009.1
    leg = contact.state.offer.leg
    late = replace(ARRIVED, parted_at=parted_at) if how == "back" else s.LegEnded(leg, "normal", at=parted_at)
    contact.take(late, 30)
    ended = next(fact for fact in contact.facts if isinstance(fact, f.ConversationEnded))
    assert ended.talk_s == talk_s
    over = next(signal for signal in contact.floor() if isinstance(signal, s.ConversationOver))
    assert over.ended_at == (0.0 if talk_s == 30 else parted_at)


def test_a_talk_of_which_nothing_was_told() -> None:
    """Joined, and over, before anybody was there again: it was one, and the flow goes on behind it."""
    contact = joining()
    leg, begun_at = contact.state.offer.leg, contact.state.offer.joining_at
    contact.take(replace(ARRIVED, talked_with=leg, parted_at=begun_at + 7.5), 20)
    assert contact.state.agent == "1001" and "AgentMissed" not in contact.kinds()
    ended = next(fact for fact in contact.facts if isinstance(fact, f.ConversationEnded))
    exited = next(fact for fact in contact.facts if isinstance(fact, f.QueueExited))
    assert (ended.talk_s, ended.by, exited.reason, exited.wait_s) == (7.5, "unknown", "answered", 7.0)
    assert contact.floor() == [s.OfferAnswered("o1"), s.ConversationOver("o1", begun_at + 7.5)]
    assert contact.ordered(o.HangUp).leg == "leg"  # the flow's `answered` step
    contact.take(s.LegEnded("leg", "normal", by="application"), 0.1)
    closed = contact.facts[-1]
    assert (closed.outcome, closed.wait_s, closed.talk_s) == ("answered", 7.0, 7.5)


@pytest.mark.parametrize("other", ["", "another"])
def test_back_from_a_join_that_did_not_come_about(other: str) -> None:
    contact = joining().take(replace(ARRIVED, talked_with=other, parted_at=1005.0), 2)
    assert "AgentConnected" not in contact.kinds() and contact.ordered(o.Play).endless


def test_a_hold_ends_with_a_talk_whose_end_is_told_late() -> None:
    contact = held()  # 5 s after the join
    contact.take(s.LegEnded(contact.state.offer.leg, "normal", at=1020.1), 60)
    ended = next(fact for fact in contact.facts if isinstance(fact, f.ConversationEnded))
    assert (ended.talk_s, ended.hold_s) == (5.0, 6.0)


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


def flowing() -> Contact:
    return Contact().take(ARRIVED)


def parted() -> Contact:
    contact = talking()
    return contact.take(s.LegEnded(contact.state.offer.leg, "normal", by="agent"), 10)


def leaving() -> Contact:
    return parted().take(ARRIVED, 0.1)


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


TO_BUSY = s.CallArrived("i1", "leg", "13800000000", "Ann", "4003", "inbound", "busy", BUSY.version)


def hearing() -> tuple[Contact, str]:
    """A caller who hears the first words of the wait; and their ref."""
    contact = Contact().take(TO_BUSY)
    return contact, contact.ordered(o.Play).ref


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

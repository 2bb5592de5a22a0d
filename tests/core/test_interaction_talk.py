"""The talk of an interaction: its hold, its end, whoever tells it and however late, and what comes after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contact_run import ARRIVED, held, joining, talking

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase


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
    assert contact.floor() == [s.OfferAnswered("o1", begun_at), s.ConversationOver("o1", begun_at + 7.5)]
    assert contact.ordered(o.HangUp).leg == "leg"  # the flow's `answered` step
    contact.take(s.LegEnded("leg", "normal", by="application"), 0.1)
    closed = contact.facts[-1]
    assert (closed.outcome, closed.wait_s, closed.talk_s) == ("answered", 7.0, 7.5)


def test_a_hold_ends_with_a_talk_whose_end_is_told_late() -> None:
    contact = held()  # 5 s after the join
    contact.take(s.LegEnded(contact.state.offer.leg, "normal", at=1020.1), 60)
    ended = next(fact for fact in contact.facts if isinstance(fact, f.ConversationEnded))
    assert (ended.talk_s, ended.hold_s) == (5.0, 6.0)

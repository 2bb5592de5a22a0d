"""What came while nobody was there to see it counts from when it was, not from when it was found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from acd_run import START, FloorRun, agents
from contact_run import ARRIVED, WORLD, Contact, flowing, joining, leaving, parted, queued, ringing, talking

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow.model import build
from switch_app.core.interaction import Phase
from switch_app.core.work import QueueRule

IN_QUEUE = [queued, ringing, joining]


def gone(at: float) -> s.LegEnded:
    return s.LegEnded("leg", "normal", "RECONCILED", at=at)


def fact(contact: Contact, kind: type) -> Any:
    return next(each for each in contact.facts if isinstance(each, kind))


@pytest.mark.parametrize("make", [flowing, *IN_QUEUE, talking, parted, leaving])
def test_a_caller_is_gone_since_the_moment_of_the_switch(make: Any) -> None:
    contact = make()
    left_at = contact.now + 7
    contact.take(gone(left_at), 60)
    assert contact.state.phase is Phase.CLOSED
    assert (contact.facts[-1].ended_at, fact(contact, f.LegLost).at) in [(left_at, left_at), (left_at, 0.0)]


@pytest.mark.parametrize("make", [flowing, *IN_QUEUE, talking, parted, leaving])
@pytest.mark.parametrize("moment", ["unknown", "before", "to come"])
def test_a_moment_that_cannot_be_is_none(make: Any, moment: str) -> None:
    """Gone before the last thing that is known of the caller is gone just then."""
    contact = make()
    known_at = contact.now
    at = {"unknown": 0.0, "before": 900.0, "to come": known_at + 999}[moment]
    contact.take(gone(at), 60)
    assert contact.facts[-1].ended_at == (known_at if moment == "before" else 0.0)


@pytest.mark.parametrize("make", IN_QUEUE)
def test_a_wait_ends_when_the_caller_left(make: Any) -> None:
    contact = make()
    began_at, left_at = contact.state.waiting_since, contact.now + 3
    contact.take(gone(left_at), 60)
    waited = left_at - began_at
    closed = contact.facts[-1]
    assert (closed.outcome, closed.wait_s, fact(contact, f.QueueExited).wait_s) == ("abandoned", waited, waited)
    assert contact.floor() == [s.WorkWithdrawn("i1", "abandoned", left_at)]


def test_a_talk_ends_when_the_caller_left() -> None:
    contact = talking()
    left_at = contact.now + 12.5
    contact.take(gone(left_at), 60)
    assert (contact.facts[-1].talk_s, fact(contact, f.ConversationEnded).talk_s) == (12.5, 12.5)
    assert contact.floor() == [s.ConversationOver("o1", left_at)]


def told(contact: Contact, gone_at: float) -> s.CallerNeverReached:
    return s.CallerNeverReached("i1", "leg", "138", "4000", "main", "v1", 1.0, gone_at)


@pytest.mark.parametrize("make", [flowing, *IN_QUEUE, parted, leaving])
def test_the_switch_kept_when_the_caller_left_who_was_on_the_way_back(make: Any) -> None:
    contact = make()
    left_at = contact.now + 4
    contact.take(told(contact, left_at), 60)
    assert contact.state.phase is Phase.CLOSED and contact.facts[-1].ended_at == left_at


def test_a_note_of_before_the_talk_ends_no_talk() -> None:
    contact = talking()
    assert contact.take(told(contact, contact.now + 1), 5).state.phase is Phase.TALKING


def test_a_call_opens_when_it_came() -> None:
    contact = Contact()
    contact.take(replace(ARRIVED, age_s=12.5))
    assert contact.facts[0].arrived_at == contact.now - 12.5 == contact.state.opened_at
    assert Contact().take(ARRIVED).facts[0].arrived_at == 0.0


# --- the floor counts the same -------------------------------------------------------------------------------
def floor() -> FloorRun:
    return FloorRun(QueueRule("support", service_level_s=20, announce_every_s=0, join_when_empty=True), agents({}))


def test_the_floor_counts_an_abandoned_wait_to_its_end() -> None:
    run = floor()
    run.arrive("call")
    run.wait(50)
    run.take(s.WorkWithdrawn("call", "abandoned", START + 5))
    left = next(each for _, each in run.facts if isinstance(each, f.WorkLeft))
    queue = run.floor.tables.queues["support"]
    assert (left.wait_s, queue.abandoned, queue.early) == (5.0, 1, 1)


def test_the_floor_counts_a_talk_of_which_nobody_heard_as_it_was() -> None:
    run = floor()
    run.log_in("1001")
    run.arrive("call")
    offer = run.offer("call")
    run.now += 15  # before its deadline: the process was dead
    run.take(s.OfferAnswered(offer, START + 4))
    run.take(s.ConversationOver(offer, START + 9))
    done = next(each for _, each in run.facts if isinstance(each, f.WorkCompleted))
    assert (done.talk_s, run.floor.tables.agents["1001"].talk_s) == (5.0, 5.0)


def test_the_service_level_counts_the_wait_of_a_talk_of_which_nobody_heard() -> None:
    run = floor()
    run.log_in("1001")
    run.arrive("call")
    offer = run.offer("call")
    run.now += 60
    run.take(s.OfferAnswered(offer, START + 4))
    assert run.floor.tables.queues["support"].in_time == 1


# --- messages ------------------------------------------------------------------------------------------------
MESSAGE, _ = build(
    {
        "flow": "message",
        "start": "leave",
        "steps": {
            "leave": {"type": "voicemail", "box": "service", "say": [], "next": "bye"},
            "bye": {"type": "hangup"},
        },
    },
    text="message",
)
assert MESSAGE
PATH = "voicemail/service/i1-1.wav"


def recording(monkeypatch: pytest.MonkeyPatch) -> Contact:
    monkeypatch.setitem(WORLD.flows, MESSAGE.version, MESSAGE)  # type: ignore[arg-type]
    contact = Contact().take(replace(ARRIVED, flow="message", version=MESSAGE.version))
    assert contact.ordered(o.RecordMessage).path == contact.state.message == PATH
    return contact


@pytest.mark.parametrize(("said_s", "outcome"), [(4.0, "voicemail"), (0.5, "completed")])
def test_a_message_whose_end_was_not_told_is_one(monkeypatch: pytest.MonkeyPatch, said_s: float, outcome: str) -> None:
    contact = recording(monkeypatch)
    left_at = contact.now + 5
    contact.take(gone(left_at), 20)
    assert contact.state.phase is Phase.FLOW, "its length is not known yet"
    contact.take(s.RecordingEnded("leg", PATH, said_s), 5)
    closed = contact.facts[-1]
    assert (closed.outcome, closed.ended_at, contact.state.message) == (outcome, left_at, "")
    assert ("VoicemailLeft" in contact.kinds()) == (outcome == "voicemail")


def test_a_contact_ends_when_the_caller_left_not_when_the_message_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    contact = recording(monkeypatch)
    left_at = contact.now + 5
    contact.take(s.LegEnded("leg", "normal", by="caller"), 5)
    contact.take(s.RecordEnded(contact.state.session["wait"]["ref"], "done", PATH, 4.0), 9)
    assert (contact.facts[-1].outcome, contact.facts[-1].ended_at) == ("voicemail", left_at)


def test_a_message_of_before_the_way_back_is_kept_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller is asked again, and hangs up at once."""
    contact = recording(monkeypatch)
    contact.take(s.RecordingEnded("leg", "voicemail/service/i1-0.wav", 6.0), 6)
    contact.take(gone(0.0), 1)
    contact.take(s.RecordEnded(contact.state.session["wait"]["ref"], "failed"), 1)
    assert contact.facts[-1].outcome == "voicemail"


def test_a_message_that_is_asked_for_again_leaves_the_one_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call server died while it was recorded: two messages, two files."""
    contact = recording(monkeypatch)
    contact.take(ARRIVED, 5)
    assert contact.ordered(o.StopRecording) == o.StopRecording("leg", PATH)
    assert contact.ordered(o.RecordMessage).path == contact.state.message == "voicemail/service/i1-2.wav"
    contact.take(s.RecordingEnded("leg", PATH, 6.0), 1)
    contact.take(s.LegEnded("leg", "normal", by="caller"), 1)
    contact.take(s.RecordEnded(contact.state.session["wait"]["ref"], "done", contact.state.message, 0.3), 1)
    assert contact.state.message == "" and contact.facts[-1].outcome == "voicemail"


def test_a_message_whose_caller_lost_the_socket_alone_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call server lives, and knows the recording by the name that the flow gave it before."""
    contact = recording(monkeypatch)
    ref = contact.state.session["wait"]["ref"]
    contact.take(ARRIVED, 5)
    contact.take(s.RecordEnded(ref, "done", PATH, 6.0), 0.1)
    assert contact.kinds()[-1] == "RecordingKept" and contact.facts[-1].path == PATH
    assert contact.state.message == "voicemail/service/i1-2.wav", "the flow waits on"
    contact.take(s.LegEnded("leg", "normal", by="caller"), 0.1)
    contact.take(s.RecordEnded(contact.state.session["wait"]["ref"], "failed"), 0.1)
    assert contact.facts[-1].outcome == "voicemail"

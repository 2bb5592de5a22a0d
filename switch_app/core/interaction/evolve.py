"""Fold a fact into an interaction's state (in place: the state is owned by this stream)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import facts as f
from ..signals import QueueTold
from .state import Interaction, Offer, Phase

MESSAGE_S = 1.0  # what is shorter is no message, where no step of a flow says otherwise

Fold = Callable[[Interaction, Any, float], None]


def evolve(state: Interaction, fact: Any, at: float) -> None:
    """Apply one fact that happened `at`. Facts that change nothing here only count."""
    state.version += 1
    before = state.phase
    fold = FOLDS.get(type(fact))
    if fold:
        fold(state, fact, at)
    if state.phase is not before:
        state.phase_at = at


def _opened(state: Interaction, fact: f.InteractionOpened, at: float) -> None:
    state.interaction, state.channel, state.direction = fact.interaction, fact.channel, fact.direction
    state.leg, state.leg_up = fact.leg, True
    state.ani, state.name, state.dnis = fact.ani, fact.name, fact.dnis
    state.flow, state.flow_version = fact.flow, fact.version
    state.opened_at, state.phase = fact.arrived_at or at, Phase.FLOW


def _resumed(state: Interaction, fact: f.InteractionResumed, at: float) -> None:
    state.leg, state.leg_up, state.left_at = fact.leg, True, 0.0
    _hush(state)
    if state.phase is Phase.PARTED:
        state.phase = Phase.FLOW


def _identified(state: Interaction, fact: f.CustomerIdentified, at: float) -> None:
    state.customer = fact.customer


def _language(state: Interaction, fact: f.LanguageChosen, at: float) -> None:
    state.language = fact.language


def _variable(state: Interaction, fact: f.VariableSet, at: float) -> None:
    state.collected[fact.name] = fact.value


def _moved(state: Interaction, fact: f.SessionMoved, at: float) -> None:
    state.session = fact.session


def _flow_ended(state: Interaction, fact: f.FlowEnded, at: float) -> None:
    state.flow_ended = fact.how


def _queued(state: Interaction, fact: f.QueueEntered, at: float) -> None:
    state.phase = Phase.WAITING
    state.queue, state.queue_priority, state.queue_needs = fact.queue, fact.priority, fact.needs
    state.waiting_since, state.boost_s = fact.waiting_since, fact.boost_s
    state.leave_keys, state.music = fact.leave_keys, fact.music
    state.position_words = fact.position_words
    state.gave_up = state.onward = ""


def _passed_on(state: Interaction, fact: f.CustomerPassedOn, at: float) -> None:
    state.onward = fact.queue


def _announcing(state: Interaction, fact: f.AnnouncementStarted, at: float) -> None:
    state.announcing = fact.ref


def _put_off(state: Interaction, fact: f.AnnouncementPutOff, at: float) -> None:
    state.put_off = QueueTold(fact.what, fact.position, fact.estimate_s, fact.prompt)


def _announced(state: Interaction, fact: f.AnnouncementEnded, at: float) -> None:
    _hush(state)


def _hush(state: Interaction) -> None:
    state.announcing, state.put_off = "", None


def _rung(state: Interaction, fact: f.AgentRung, at: float) -> None:
    state.phase = Phase.RINGING
    state.queue = fact.queue or state.queue
    state.offer = Offer(fact.offer, fact.agent, fact.contact, fact.leg, at, fact.ring_s)


def _answered(state: Interaction, fact: f.AgentAnswered, at: float) -> None:
    assert state.offer
    state.phase = Phase.JOINING
    _hush(state)
    state.offer.answered_at = state.offer.joining_at = at
    state.offer.join_ref, state.offer.recording = fact.join_ref, fact.recording


def _missed(state: Interaction, fact: f.AgentMissed, at: float) -> None:
    state.offer = None
    if state.phase in (Phase.RINGING, Phase.JOINING):
        state.phase = Phase.WAITING


def _connected(state: Interaction, fact: f.AgentConnected, at: float) -> None:
    assert state.offer
    state.phase = Phase.TALKING
    state.offer.connected_at = at
    state.agent = fact.agent
    state.connected += 1
    if fact.recording:
        state.recordings.setdefault(fact.recording, False)
    state.wait_s += fact.wait_s
    state.waiting_since = None


def _held(state: Interaction, fact: f.CallHeld, at: float) -> None:
    assert state.offer
    state.offer.held_at = at


def _taken_back(state: Interaction, fact: f.CallResumed, at: float) -> None:
    assert state.offer
    state.offer.held_at = None
    state.offer.hold_s += fact.hold_s


def _parted(state: Interaction, fact: f.ConversationEnded, at: float) -> None:
    state.talk_s += fact.talk_s
    state.hold_s += fact.hold_s
    state.offer = None
    state.phase = Phase.PARTED


def _exited(state: Interaction, fact: f.QueueExited, at: float) -> None:
    if fact.reason != "answered":
        state.wait_s += fact.wait_s
        state.gave_up = fact.reason
        state.phase = Phase.FLOW
    state.waiting_since = None
    _hush(state)


def _recorded(state: Interaction, fact: f.RecordingKept | f.RecordingLost, at: float) -> None:
    if not isinstance(fact, f.RecordingKept) or fact.what == "conversation":
        state.recordings[fact.path] = True
    elif fact.duration_s >= MESSAGE_S:
        state.voicemail = fact.path


def _voicemail(state: Interaction, fact: f.VoicemailLeft, at: float) -> None:
    state.voicemail = fact.path


def _transferred(state: Interaction, fact: f.CallTransferred, at: float) -> None:
    state.transferred = state.transferred or fact.result == "done"


def _leg_lost(state: Interaction, fact: f.LegLost, at: float) -> None:
    if fact.leg == state.leg:
        state.leg_up = False
        state.leg_end, state.left_at = fact.reason, fact.at or at


def _released(state: Interaction, fact: f.CallerReleased, at: float) -> None:
    state.phase, state.released = Phase.LEAVING, fact.reason


def _crashed(state: Interaction, fact: f.TurnCrashed, at: float) -> None:
    state.crashes += 1


def _closed(state: Interaction, fact: f.InteractionClosed, at: float) -> None:
    state.phase, state.outcome, state.session = Phase.CLOSED, fact.outcome, None


FOLDS: dict[type, Fold] = {
    f.InteractionOpened: _opened,
    f.InteractionResumed: _resumed,
    f.CustomerIdentified: _identified,
    f.LanguageChosen: _language,
    f.VariableSet: _variable,
    f.SessionMoved: _moved,
    f.FlowEnded: _flow_ended,
    f.QueueEntered: _queued,
    f.AnnouncementStarted: _announcing,
    f.AnnouncementPutOff: _put_off,
    f.AnnouncementEnded: _announced,
    f.AgentRung: _rung,
    f.AgentAnswered: _answered,
    f.AgentMissed: _missed,
    f.AgentConnected: _connected,
    f.CallHeld: _held,
    f.CallResumed: _taken_back,
    f.ConversationEnded: _parted,
    f.QueueExited: _exited,
    f.VoicemailLeft: _voicemail,
    f.RecordingKept: _recorded,
    f.RecordingLost: _recorded,
    f.CallTransferred: _transferred,
    f.CustomerPassedOn: _passed_on,
    f.LegLost: _leg_lost,
    f.CallerReleased: _released,
    f.TurnCrashed: _crashed,
    f.InteractionClosed: _closed,
}

"""The interaction and its flow: begin, resume, and what the flow asks of us."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..flow import interpreter
from ..flow.requests import ChangePresence, EnterQueue
from ..flow.session import Session
from .deadlines import running
from .draft import Draft
from .outcome import outcome_of
from .queueing import enter_queue

ON_HANGUP_S = 12.0  # a little more than what the flow itself waits for (interpreter.AFTERLIFE_S)


def begin(draft: Draft, signal: s.CallArrived) -> None:
    """A new call: open the interaction and run its flow up to the first wait."""
    direction = "internal" if signal.context == "agents" else "inbound"
    draft.fact(
        f.InteractionOpened(
            signal.interaction,
            "voice",
            direction,
            signal.leg,
            signal.ani,
            signal.name,
            signal.dnis,
            signal.flow,
            signal.version,
            draft.now - signal.age_s if signal.age_s > 0 else 0.0,
        )
    )
    call = {"interaction": signal.interaction, "ani": signal.ani, "dnis": signal.dnis, "name": signal.name}
    call["language"] = signal.language
    turnout = interpreter.begin(signal.version, signal.leg, call, draft.world, draft.now, draft.ref)
    _follow(draft, turnout, signal.leg, signal.interaction)


def come_back(draft: Draft, signal: s.CallArrived) -> None:
    """The caller entered the socket again while the flow held it: the application had died.

    A message that ran on meanwhile ends here: it is kept, and asked for again.
    """
    if draft.state.message:
        draft.order(o.StopRecording(signal.leg, draft.state.message))
    draft.fact(f.InteractionResumed(signal.leg, "recovered"))
    if draft.state.session is None:
        _end(draft, "completed", alive=True)
        return
    draft.order(*(o.StopTimer(timer) for timer in running(draft.state)))
    session = Session.from_plain(draft.state.session)
    turnout = _talked_elsewhere(draft, session) or interpreter.again(
        session, draft.world, draft.now, draft.ref
    )
    _follow(draft, turnout, signal.leg, draft.state.interaction)


def _talked_elsewhere(draft: Draft, session: Session) -> interpreter.Turnout | None:
    """A transfer that was taken is over when the caller is back; its own end went to a dead process."""
    wait = session.wait
    if wait.get("for") != "transfer" or wait.get("timer"):
        return None
    over = s.TransferEnded(wait["ref"], "done")
    return interpreter.resume(session, over, draft.world, draft.now, draft.ref)


def resume(draft: Draft, signal: Any, alive: bool | None = None) -> None:
    """Hand a signal to the flow's session. Without a session there is nothing to wait for."""
    state = draft.state
    alive = state.leg_up if alive is None else alive
    if state.session is None:
        _end(draft, "completed", alive)
        return
    session = Session.from_plain(state.session)
    turnout = interpreter.resume(session, signal, draft.world, draft.now, draft.ref)
    if turnout.session != session or turnout.orders or turnout.ended:
        _follow(draft, turnout, state.leg, state.interaction, alive)
    else:
        draft.fact(*turnout.facts)


def hung_up(draft: Draft, signal: s.LegEnded) -> None:
    """The caller hung up in the flow: its on_hangup may still work for a moment."""
    if signal.leg != draft.state.leg or not draft.state.leg_up:
        return
    left_at = draft.lost(signal)
    if draft.state.session is None:
        draft.close(outcome_of(draft.state, signal.reason, "hung_up"), signal.reason, ended_at=left_at)
        return
    resume(draft, signal, alive=False)
    if not draft.ended(f.InteractionClosed):
        draft.deadline("leave", ON_HANGUP_S)


def overdue(draft: Draft, signal: s.TimerFired) -> None:
    """The flow's timers; `leave` ends what on_hangup did not finish in time."""
    if signal.timer == "leave":
        if not draft.state.leg_up:
            draft.close(outcome_of(draft.state, draft.state.leg_end), draft.state.leg_end)
        return
    resume(draft, signal)


def _follow(draft: Draft, turnout: Any, leg: str, interaction: str, alive: bool = True) -> None:
    """Take over what the flow decided. A caller who has gone is neither queued nor played to."""
    draft.fact(*turnout.facts, f.SessionMoved(turnout.session.to_plain()))
    for order in turnout.orders:
        if isinstance(order, EnterQueue):
            if alive:
                enter_queue(draft, order, leg, interaction, turnout.session)
        elif isinstance(order, ChangePresence):
            ask = s.PresenceAsked(order.agent, order.state, order.reason, order.contact)
            draft.floor(replace(ask, interaction=interaction, ref=order.ref, on_phone=alive))
        elif alive or not hasattr(order, "leg"):
            draft.order(order)
    if turnout.ended:
        _end(draft, turnout.ended, alive)


def _end(draft: Draft, how: str, alive: bool) -> None:
    """The flow is over: release the caller, or close at once when it has gone."""
    if alive:
        _release(draft)
        return
    state = draft.state
    lost, left, ended = draft.ended(f.LegLost), draft.ended(f.VoicemailLeft), draft.ended(f.FlowEnded)
    reason = lost.reason if lost else state.leg_end
    voicemail = left.path if left else ""
    outcome = outcome_of(state, reason, ended.how if ended else how, voicemail)
    draft.close(outcome, reason, ended_at=lost.at if lost else 0.0)


def _release(draft: Draft) -> None:
    """The end of the leg is ordered, by the flow or here, and closes the interaction when it comes."""
    if not any(isinstance(order, o.HangUp) for order in draft.orders):
        opened = draft.ended(f.InteractionOpened)
        draft.order(o.HangUp(opened.leg if opened else draft.state.leg, "normal"))
    draft.fact(f.CallerReleased("normal"))
    draft.deadline("leave", ON_HANGUP_S)

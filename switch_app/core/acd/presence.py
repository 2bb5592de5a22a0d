"""What agents, supervisors and phones ask of a presence: allowed or refused, now or after the call."""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from ..errors import Refused
from . import own_call
from .draft import Draft
from .moves import move
from .offering import back, end_wrap_up, take_from
from .state import IN_TALK, LOGGED_OUT, Agent
from .tables import Floor

ASKED = ("logged_in", "logged_out", "ready", "ready_once", "not_ready", "wrap_up_done")
IN_CALL = ("offered", *IN_TALK)


def refusal(floor: Floor, asked: s.PresenceAsked) -> Refused | None:
    """Why the floor would refuse this now; None when it would not. `id` is stable:

    unknown_state | unknown_agent | not_logged_in | no_contact | busy_now | not_in_wrap_up.
    """
    return _refusal(Draft(floor, 0.0), asked)


def _refusal(draft: Draft, asked: s.PresenceAsked) -> Refused | None:
    agent = _who(draft, asked)
    if asked.state not in ASKED:
        return Refused("unknown_state", f"{asked.state!r} is no presence that can be asked for")
    if (asked.agent and agent is None) or (agent and not agent.on_roster):
        return Refused("unknown_agent", f"there is no agent {agent.id if agent else asked.agent!r}")
    if agent is None:
        return Refused("not_logged_in", f"nobody is logged in at {asked.contact!r}")
    if asked.state == "logged_in":
        return _login_refusal(draft, agent, asked.contact)
    if agent.state == LOGGED_OUT and asked.state != LOGGED_OUT:
        return Refused("not_logged_in", f"agent {agent.id} is not logged in")
    if asked.state == "wrap_up_done" and agent.state != "wrap_up":
        return Refused("not_in_wrap_up", f"agent {agent.id} has no wrap-up to end")
    return None


def _login_refusal(draft: Draft, agent: Agent, contact: str) -> Refused | None:
    if not contact:
        return Refused("no_contact", "a log-in needs the phone where calls are to ring")
    if agent.state in IN_CALL and agent.contact != contact:
        return Refused("busy_now", f"agent {agent.id} has a call at {agent.contact}")
    other = draft.at_phone(contact)
    if other and other.id != agent.id and other.in_talk:
        return Refused("busy_now", f"agent {other.id} has a call at {contact}")
    return None


def _who(draft: Draft, asked: s.PresenceAsked) -> Agent | None:
    return draft.agent(asked.agent) if asked.agent else draft.at_phone(asked.contact)


def asked(draft: Draft, signal: s.PresenceAsked) -> None:
    agent = _who(draft, signal)
    refused = _refusal(draft, signal)
    if refused or agent is None:
        _refuse(draft, signal, agent.state if agent else "", refused.id if refused else "not_logged_in")
    elif signal.state == "logged_in":
        _log_in(draft, agent, signal)
    elif agent.in_talk:
        draft.fact(f.PresencePlanned(agent.id, signal.state, signal.reason, signal.by))
        draft.answer(signal, True, signal.state, "after_call")
    elif agent.state == "offered" and signal.state in ("ready", "ready_once"):
        _keep_for_after(draft, agent, signal)
    elif signal.on_phone and signal.state in ("ready", "ready_once", "wrap_up_done"):
        _after_own_call(draft, agent, signal)
    else:
        _change(draft, agent, signal.state, signal.reason, signal.by)
        now = draft.agent(agent.id)
        draft.answer(signal, True, now.state if now else LOGGED_OUT, now.reason if now else "")


def _refuse(draft: Draft, signal: s.PresenceAsked, state: str, reason: str) -> None:
    """Tell the interaction that asked; a fact is only for who has no other way to hear of it."""
    draft.answer(signal, False, state, reason)
    if not signal.interaction:
        draft.fact(f.PresenceRefused(signal.agent, signal.state, reason))


def _keep_for_after(draft: Draft, agent: Agent, signal: s.PresenceAsked) -> None:
    """The phone rings already: what is asked holds after this call."""
    if signal.state != (agent.after or agent.mode):
        draft.fact(f.PresencePlanned(agent.id, signal.state, signal.reason, signal.by))
    draft.answer(signal, True, signal.state, "after_call")


def _after_own_call(draft: Draft, agent: Agent, signal: s.PresenceAsked) -> None:
    state = _after_wrap_up(agent)[0] if signal.state == "wrap_up_done" else signal.state
    if agent.state == "wrap_up":
        end_wrap_up(draft, agent, signal.by)
    own_call.ready_afterwards(draft, agent, state, signal)
    draft.answer(signal, True, state)


def _after_wrap_up(agent: Agent) -> tuple[str, str]:
    state = agent.after or ("not_ready" if agent.mode == "ready_once" else "ready")
    return state, agent.after_reason if agent.after else "ready_once" if state == "not_ready" else ""


def _change(draft: Draft, agent: Agent, state: str, reason: str, by: str) -> None:
    """At once, out of any state but talking. A ringing phone stops, a wrap-up ends."""
    if state == "wrap_up_done":
        state, reason = _after_wrap_up(agent)
    if agent.state == LOGGED_OUT or (agent.state, agent.reason) == (state, reason):
        return
    item = take_from(draft, agent, state) if agent.state == "offered" else None
    if agent.state == "wrap_up":
        end_wrap_up(draft, agent, by)
    move(draft, agent, state, reason, by=by)
    if item:
        back(draft, item)


def _log_in(draft: Draft, agent: Agent, signal: s.PresenceAsked) -> None:
    """Logged in is ready. A phone has one agent: who was logged in there is logged out."""
    other = draft.at_phone(signal.contact)
    if other and other.id != agent.id:
        log_out(draft, other, "contact_taken", by="floor")
    if agent.state == LOGGED_OUT and signal.on_phone:
        own_call.ready_afterwards(draft, agent, "ready", signal)
        draft.answer(signal, True, "ready")
        return
    if agent.state == LOGGED_OUT:
        move(draft, agent, "ready", contact=signal.contact, by=signal.by)
    elif agent.in_talk:
        if agent.after == LOGGED_OUT:
            draft.fact(f.PresencePlanned(agent.id, "ready", "", signal.by))
    elif agent.contact != signal.contact:
        move(
            draft, agent, agent.state, agent.reason, until=agent.until, interaction=agent.interaction,
            by=signal.by, contact=signal.contact,
        )  # fmt: skip
    now = draft.agent(agent.id)
    draft.answer(signal, True, now.state if now else "", now.reason if now else "")


def log_out(draft: Draft, agent: Agent, reason: str, by: str) -> None:
    """Now, or after the talk."""
    if agent.in_talk:
        draft.fact(f.PresencePlanned(agent.id, LOGGED_OUT, reason, by))
    else:
        _change(draft, agent, LOGGED_OUT, reason, by)


def contact_lost(draft: Draft, signal: s.ContactLost) -> None:
    """A phone that is gone can't ring: its agent is logged out, so that nobody waits for it."""
    agent = draft.at_phone(signal.contact)
    if agent:
        log_out(draft, agent, "contact_lost", by="floor")

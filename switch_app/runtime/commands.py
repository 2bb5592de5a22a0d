"""What the control socket can do: live state, presence, disposition, reload, hang-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.errors import Refused
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.plain import kind_of, to_plain

from .turn import FLOOR, Turns

STATES = ("logged_in", "logged_out", "ready", "ready_once", "not_ready", "wrap_up_done")

# Refusals of a presence (core.acd.presence.refusal) for the console; the admin words them by the id.
REFUSALS = {
    "unknown_agent": "there is no agent {agent}. Remedy: `hotline agents` lists them; the admin adds and "
    "activates them",
    "not_logged_in": "agent {agent} is not logged in. Remedy: log the agent in first (`hotline presence "
    "{agent} logged_in`, or by the phone)",
    "no_contact": "a log-in needs the phone where calls are to ring. Remedy: name it (--contact {agent})",
    "busy_now": "agent {agent} or the phone {contact} has a call. Remedy: ask again when that is over",
    "not_in_wrap_up": "agent {agent} has no wrap-up to end. Remedy: to end a pause, `hotline presence "
    "{agent} ready`",
}


class Commands:
    """Each public method is a command; a command is answered by data or by Refused."""

    def __init__(self, turns: Turns, health: Callable[[], dict[str, Any]]) -> None:
        self._turns, self._health = turns, health

    def table(self) -> dict[str, Callable[..., Any]]:
        return {
            "status": self._health,
            "floor": self.floor,
            "calls": self.calls,
            "presence": self.presence,
            "disposition": self.disposition,
            "hangup": self.hang_up,
            "pass_on": self.pass_on,
        }

    def floor(self) -> dict[str, Any]:
        """The live floor: queues, agents, waiting, and the calls in progress."""
        live = acd.live(self._turns.floor, self._turns.now())
        for waiting in live.get("waiting", []):
            state = self._turns.interactions.get(f"interaction:{waiting['interaction']}")
            waiting["ani"] = state.ani if state else ""
        live["calls"] = self.calls()["calls"]
        return live

    def calls(self) -> dict[str, Any]:
        """Open interactions with what the desk pops."""
        now = self._turns.now()
        states = self._turns.interactions.values()  # a closed one stays until it is on disk
        items = self._turns.floor.tables.items
        calls = [_call(state, now) for state in states if state.leg and state.phase is not Phase.CLOSED]
        for call in calls:
            item = items.get(call["interaction"])
            call["queue"] = item.queue if item else call["queue"]  # the floor knows of an overflow
        return {"calls": calls}

    def presence(
        self, agent: str, state: str, reason: str = "", contact: str = "", by: str = "agent"
    ) -> dict[str, Any]:
        """Change an agent's presence; the facts that it made."""
        if state not in STATES:
            raise Refused("unknown_state", f"{state!r} is none of {', '.join(STATES)}")
        facts = self._turns.take(FLOOR, s.PresenceAsked(agent, state, reason, contact, by))
        refused = next((fact for fact in facts if isinstance(fact, f.PresenceRefused)), None)
        if refused:
            raise Refused(refused.reason, _in_words(agent, contact, refused.reason))
        return {"facts": [_told(fact) for fact in facts]}

    def disposition(self, interaction: str, agent: str, code: str, note: str = "") -> dict[str, Any]:
        """Set the disposition of an interaction, open or closed."""
        if len(code) > 64 or len(note) > 10_000:
            raise Refused("too_long", "a code has 64 characters at most, a note 10 000")
        stream = f"interaction:{interaction}"
        if self._turns.state_of(stream) is None:
            raise Refused("unknown_interaction", f"there is no interaction {interaction}")
        facts = self._turns.take(stream, s.DispositionChosen(agent, code, note))
        return {"facts": [_told(fact) for fact in facts]}

    def hang_up(self, interaction: str, by: str = "", agent: str = "") -> dict[str, Any]:
        """End a call from the switch's side; the facts that it made. agent: ends the own talk, and the caller
        goes on in the flow; "": ends the caller's leg, whatever it does."""
        return self._control(interaction, agent, s.HangUpAsked(by or agent, agent))

    def pass_on(self, interaction: str, agent: str, queue: str) -> dict[str, Any]:
        """An agent passes the customer of the talk on to a queue; the facts that it made."""
        known = self._turns.floor.tables.queues.get(queue)
        if known is None or known.retired:
            raise Refused("unknown_queue", f"there is no queue {queue}")
        return self._control(interaction, agent, s.PassOnAsked(agent, queue))

    def _control(self, interaction: str, agent: str, signal: Any) -> dict[str, Any]:
        stream = f"interaction:{interaction}"
        state = self._turns.interactions.get(stream)
        if state is None or not state.leg_up:
            raise Refused("unknown_interaction", f"{interaction} is not in progress")
        facts = self._turns.take(stream, signal)
        if not facts:
            said = f"agent {agent} does not talk in {interaction}" if agent else f"{interaction} ends already"
            raise Refused("not_your_call" if agent else "unknown_interaction", said)
        return {"facts": [_told(fact) for fact in facts]}


def _call(state: Interaction, now: float) -> dict[str, Any]:
    return {
        "interaction": state.interaction,
        "phase": state.phase.value,
        "direction": state.direction,
        "ani": state.ani,
        "name": state.name,
        "dnis": state.dnis,
        "flow": state.flow,
        "queue": state.queue,
        "language": state.language,
        "customer": state.customer,
        "collected": state.collected,
        "agent": state.offer.agent if state.offer else state.agent if state.phase is Phase.PARTED else "",
        "since_s": round(now - state.phase_at, 1),
        "age_s": round(now - state.opened_at, 1),
    }


def _in_words(agent: str, contact: str, reason: str) -> str:
    words = REFUSALS.get(reason, "agent {agent} cannot do that now ({reason})")
    return " ".join(words.format(agent=agent, contact=contact, reason=reason).split())


def _told(fact: Any) -> dict[str, Any]:
    return {"kind": kind_of(fact), "data": to_plain(fact)}

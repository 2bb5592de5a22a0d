"""An offer and what comes of it: answered, missed, taken back; the talk, and the wrap-up after it."""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from ..moments import seconds
from . import own_call
from .draft import Draft
from .moves import move, move_on
from .names import agent_timer
from .state import LOGGED_OUT, NOT_THEIRS, Agent, Item
from .waiting import arrive, attend, leave, stop_clocks

UNREACHABLE = "unreachable"  # not registered, or nothing answers at its address (signals.LegEnded)
LEAST_DELAY_S = 1.0  # a phone that fails at once must not be called in a loop


def answered(draft: Draft, signal: s.OfferAnswered) -> None:
    item = draft.item_of(signal.offer)
    if item and item.state == "offered":
        _accept(draft, item, signal.joined_at)


def _accept(draft: Draft, item: Item, joined_at: float = 0.0) -> None:
    agent = draft.agent(item.agent)
    assert agent
    stop_clocks(draft, item)
    draft.fact(f.OfferAccepted(item.id, item.offer, item.agent, joined_at))
    move(draft, agent, "talking", interaction=item.id)


def missed(draft: Draft, signal: s.OfferMissed) -> None:
    """The phone did not take it: the work goes back to its old place, the agent has a pause, or is logged
    out where the phone is not there at all.

    `withdrawn`: the interaction is not waiting at all, so that its work would be offered for ever.
    """
    item = draft.item_of(signal.offer)
    if not item or item.state != "offered":
        return
    if signal.reason != "withdrawn":
        _miss(draft, item, signal.reason)
        return
    _release(draft, item, "withdrawn")
    back = draft.item(item.id)
    assert back
    leave(draft, back, "not_waiting")
    draft.tell(item.id, s.QueueGaveUp("not_waiting"))


def overdue(draft: Draft, agent: Agent) -> None:
    """The switch did not end the ringing in time: the floor does."""
    item = draft.item(agent.interaction)
    if item and item.state == "offered":
        draft.tell(item.id, s.OfferWithdrawn(item.offer, "no_answer"))
        _miss(draft, item, "no_answer")


def _miss(draft: Draft, item: Item, reason: str) -> None:
    agent = draft.agent(item.agent)
    assert agent
    rule = draft.queue_of(item).rule
    draft.fact(f.OfferDeclined(item.id, item.offer, item.agent, reason))
    if reason == UNREACHABLE:  # it can't ring: as contact_lost, so that nobody waits for it
        move(draft, agent, LOGGED_OUT, reason)
    elif reason not in NOT_THEIRS and rule.max_no_answer and agent.missed + 1 >= rule.max_no_answer:
        move(draft, agent, "not_ready", reason)
    else:
        delay_s = max(rule.no_answer_delay_s, LEAST_DELAY_S)
        move(draft, agent, "missed", reason, until=draft.now + delay_s)
    back(draft, item)


def _release(draft: Draft, item: Item, reason: str) -> None:
    """Take the offer back; the agent is as before it."""
    agent = draft.agent(item.agent)
    assert agent
    draft.fact(f.OfferDeclined(item.id, item.offer, item.agent, reason))
    move_on(draft, agent, served=False)


def take_from(draft: Draft, agent: Agent, reason: str) -> Item | None:
    """The agent who is being rung goes: the phone is to stop. Gives the item that is to go `back`."""
    item = draft.item(agent.interaction)
    if not item or item.state != "offered":
        return None
    draft.fact(f.OfferDeclined(item.id, item.offer, item.agent, reason))
    draft.tell(item.id, s.OfferWithdrawn(item.offer, reason))
    return item


def back(draft: Draft, item: Item) -> None:
    """To its old place in the queue, where it may be too late, or nobody left."""
    again = draft.item(item.id)
    assert again
    attend(draft, again, may_be_alone=True)


def withdrawn(draft: Draft, signal: s.WorkWithdrawn) -> None:
    """The customer left, whatever the work is at."""
    item = draft.item(signal.interaction)
    if not item:
        return
    if item.state == "talking":
        _over(draft, item, signal.left_at)
        return
    if item.state == "offered":
        _release(draft, item, "withdrawn")
    leave(draft, draft.item(item.id) or item, signal.reason, signal.left_at)


def arrived(draft: Draft, signal: s.WorkArrived) -> None:
    """Work of an interaction that is still here replaces what is here."""
    before = draft.item(signal.work.interaction)
    if before:
        if before.state == "offered":
            draft.tell(before.id, s.OfferWithdrawn(before.offer, "withdrawn"))
        withdrawn(draft, s.WorkWithdrawn(before.id, "requeued"))
    arrive(draft, signal)


def held(draft: Draft, signal: s.ConversationHeld) -> None:
    """The customer hears music, and the talk goes on; its end is the end of the hold too."""
    item = draft.item_of(signal.offer)
    agent = draft.agent(item.agent) if item else None
    if item and agent and agent.state == "talking":
        move(draft, agent, "held", interaction=item.id)


def taken_back(draft: Draft, signal: s.ConversationResumed) -> None:
    item = draft.item_of(signal.offer)
    agent = draft.agent(item.agent) if item else None
    if item and agent and agent.state == "held":
        move(draft, agent, "talking", interaction=item.id)


def conversation_over(draft: Draft, signal: s.ConversationOver) -> None:
    item = draft.item_of(signal.offer)
    if not item:
        return
    if item.state == "offered":  # its answer was never told: still it was a talk
        _accept(draft, item)
    _over(draft, draft.item(item.id) or item, signal.ended_at)


def _over(draft: Draft, item: Item, ended_at: float = 0.0) -> None:
    """The talk is done. Who asked to log out goes at once, everybody else has the wrap-up."""
    agent = draft.agent(item.agent)
    assert agent
    ended_at = ended_at or draft.now
    hold_s = round(agent.hold_s + (seconds(agent.since, ended_at) if agent.state == "held" else 0.0), 3)
    talk_s = seconds(item.accepted_at, ended_at - hold_s)
    wrap_up_s = draft.queue_of(item).rule.wrap_up_s
    draft.fact(f.WorkCompleted(item.id, item.offer, item.agent, item.queue, talk_s, hold_s))
    if agent.after == "logged_out" or wrap_up_s <= 0:
        move_on(draft, agent, served=True)
    else:
        move(draft, agent, "wrap_up", until=draft.now + wrap_up_s, interaction=item.id)


def end_wrap_up(draft: Draft, agent: Agent, how: str) -> None:
    """State its end; the move to the next presence is the caller's."""
    draft.fact(f.WrapUpEnded(agent.interaction, agent.id, seconds(agent.since, draft.now), how))


def agent_timer_fired(draft: Draft, name: str) -> None:
    """The one deadline of an agent. A timer that comes early, or late for a state gone by, is nothing; one
    that comes before the state began has come in time, and the machine's clock was set back."""
    agent = draft.agent(name)
    if not agent or agent.until is None:
        return
    if agent.since <= draft.now < agent.until:
        draft.start_timer(agent_timer(name), agent.until)
    elif agent.state == "offered":
        overdue(draft, agent)
    elif agent.state == "missed" or own_call.waits(agent):
        move_on(draft, agent, served=False)
    elif agent.state == "wrap_up":
        end_wrap_up(draft, agent, "deadline")
        move_on(draft, agent, served=True)


def work_timer_fired(draft: Draft, interaction: str) -> None:
    item = draft.item(interaction)
    if item and item.state != "talking":
        attend(draft, item)

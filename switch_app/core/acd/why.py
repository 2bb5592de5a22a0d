"""Why this agent: the candidates with what ranked them, and every other agent with what failed.

Stored in WorkOffered.why. The state is judged first, then the skills. Up to WHOLE agents everybody
is named; on a bigger floor there are the counts per reason and the first NAMED of each reason
(candidates in ranked order, the others longest in their state first), so that its size is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Any

from ..moments import seconds
from .candidates import Candidates
from .choice import rank
from .draft import Draft
from .needs import Needs
from .state import READY, STATES, Agent, Item
from .why_words import in_words

__all__ = ["explain", "in_words"]

WHOLE = 60  # agents
NAMED = 10
LOOKED_AT = 200  # ready agents of a big floor that are looked at for lacking skills


def explain(draft: Draft, item: Item, chosen: Agent, candidates: Candidates) -> dict[str, Any]:
    """The explanation as plain data, durations in seconds at the moment of the offer.

    {chosen, choice, skill, needs, step, wait_s, candidates: [{agent, ...what ranked them}],
    passed: [{agent, because, ...}], counts: {candidate, skill, and each state: number}, whole}.
    because: a state (with reason, and for_s: None = since ever), or `skill` (with lacks: [{skill,
    lowest, highest, has}]).
    """
    whole = len(draft.floor.tables.agents) <= WHOLE
    entries = candidates.all() if whole else list(islice(candidates.walk(), NAMED))
    named = [agent for entry in entries if (agent := draft.agent(entry[-1]))]
    if all(agent.id != chosen.id for agent in named):
        named.append(chosen)
    counts = _counts(draft, candidates)
    if whole:
        passed = _everybody_else(draft, candidates.needs)
    else:
        passed = _some_others(draft, candidates.needs, unskilled=counts["skill"] > 0)
    return {
        "chosen": chosen.id,
        "choice": candidates.rule.choice,
        "skill": candidates.rule.skill,
        "needs": candidates.needs.text,
        "step": item.step,
        "wait_s": round(seconds(item.work.waiting_since, draft.now), 1),
        "customer_knows": draft.last_agent(item.work.customer) if item.work.customer else "",
        "candidates": [
            {"agent": agent.id, **rank(candidates.rule, agent, candidates.needs, draft.now)}
            for agent in named
        ],
        "passed": passed,
        "counts": counts,
        "whole": whole,
    }


def _everybody_else(draft: Draft, needs: Needs) -> list[dict[str, Any]]:
    """Everybody who is no candidate, by number."""
    agents = (draft.agents.get(agent.id, agent) for agent in draft.floor.tables.agents.values())
    judged = (_judge(agent, needs, draft.now) for agent in sorted(agents, key=lambda agent: agent.id))
    return [one for one in judged if one]


def _judge(agent: Agent, needs: Needs, now: float) -> dict[str, Any] | None:
    """What failed, or None for a candidate."""
    if not agent.available:
        for_s = round(seconds(agent.since, now), 1) if agent.since else None
        return {"agent": agent.id, "because": agent.state, "reason": agent.reason, "for_s": for_s}
    if needs.met_by(agent.profile.skills):
        return None
    lacks = [
        {"skill": lack.skill, "lowest": lack.lowest, "highest": lack.highest, "has": lack.has}
        for lack in needs.lacking(agent.profile.skills)
    ]
    return {"agent": agent.id, "because": "skill", "lacks": lacks}


def _some_others(draft: Draft, needs: Needs, unskilled: bool) -> list[dict[str, Any]]:
    """unskilled: whether a ready agent lacks a skill."""
    found: list[dict[str, Any]] = []
    for state in STATES:
        if state in READY and not unskilled:
            continue
        agents = islice(_in_state(draft, state), LOOKED_AT if state in READY else NAMED)
        judged = (_judge(agent, needs, draft.now) for agent in agents)
        found += islice((one for one in judged if one), NAMED)
    return found


def _in_state(draft: Draft, state: str) -> Iterator[Agent]:
    """The agents of a state as they are now, longest in it first."""
    before = draft.floor.index.by_state.get(state, [])
    changed = sorted((agent.since, agent.id) for agent in draft.agents.values() if agent.state == state)
    for _, name in merge((entry for entry in before if entry[1] not in draft.agents), changed):
        agent = draft.agent(name)
        assert agent
        yield agent


def _counts(draft: Draft, candidates: Candidates) -> dict[str, int]:
    """How many agents each reason applies to; the candidates too."""
    index, tables = draft.floor.index, draft.floor.tables
    states = Counter({state: len(entries) for state, entries in index.by_state.items()})
    able = Counter(index.crew(candidates.needs).states)
    for agent in draft.agents.values():
        before = tables.agents[agent.id].state
        states[before] -= 1
        states[agent.state] += 1
        if candidates.needs.met_by(agent.profile.skills):
            able[before] -= 1
            able[agent.state] += 1
    ready, candidate = sum(states[state] for state in READY), sum(able[state] for state in READY)
    others = {state: states[state] for state in STATES if state not in READY and states[state]}
    return {"candidate": candidate, "skill": ready - candidate, **others}

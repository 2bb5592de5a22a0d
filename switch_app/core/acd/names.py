"""Names of the floor's timers. One agent has one deadline at a time; an item of work has two clocks."""

from __future__ import annotations

PREFIX = "floor:"
AGENT = PREFIX + "agent:"  # end of an offer, of `missed`, of wrap-up
WORK = PREFIX + "work:"  # the next relaxation step, or the longest wait
TELL = PREFIX + "tell:"  # the next announcement
DAY = PREFIX + "day"  # a new day: any signal begins it (decide.py), and this one does nothing else


def agent_timer(agent: str) -> str:
    return AGENT + agent


def work_timer(interaction: str) -> str:
    return WORK + interaction


def tell_timer(interaction: str) -> str:
    return TELL + interaction

"""Agents as routing and log-in need them."""

from __future__ import annotations

import time
from typing import Any

from ..database import Database
from ..passwords import few, proven
from ..tables import Agent, AgentSkill
from ..text import clean


def roster(db: Database) -> list[dict[str, Any]]:
    """The active agents in the order of their numbers: [{agent, name, skills: {skill: level}}]."""
    return db.read(_roster)


def check_pin(db: Database, agent: str, pin: str, now: float | None = None) -> bool:
    """Whether the PIN is the active agent's, keyed by phone. After five wrong ones it waits five minutes."""
    pw_hash = db.read(_pin_hash, agent)
    return proven(db, pw_hash, pin, time.time() if now is None else now, [few(f"pin:{agent}")])


def _roster() -> list[dict[str, Any]]:
    agents = Agent.select().where(Agent.active).order_by(Agent.number)
    profiles = {row.number: {"agent": row.number, "name": row.name, "skills": {}} for row in agents}
    for row in AgentSkill.select().order_by(AgentSkill.skill):
        if row.agent_id in profiles:
            profiles[row.agent_id]["skills"][row.skill] = row.level
    return list(profiles.values())


def _pin_hash(number: str) -> str | None:
    row = Agent.get_or_none((Agent.number == clean(number)) & Agent.active)
    return row.pin_hash or None if row else None

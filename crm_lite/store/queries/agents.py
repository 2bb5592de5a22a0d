"""Agents as routing and log-in need them."""

from __future__ import annotations

import time
from typing import Any

import peewee

from ..database import Database
from ..passwords import few, proven
from ..tables import Agent, AgentSkill
from ..text import clean

Rows = tuple[list[tuple[str, str]], list[tuple[str, str, int]]]


def roster(db: Database) -> list[dict[str, Any]]:
    """The active agents in the order of their numbers: [{agent, name, skills: {skill: level}}]."""
    return roster_of(roster_rows(db))


def roster_rows(db: Database) -> Rows:
    """What the roster is made of, (number, name) and (number, skill, level), as the database has it: for who
    looks every second whether anything has changed."""
    return db.read(_roster_rows, db.engine)


def roster_of(rows: Rows) -> list[dict[str, Any]]:
    agents, skills = rows
    found: dict[str, dict[str, Any]] = {
        number: {"agent": number, "name": name, "skills": {}} for number, name in agents
    }
    for number, skill, level in skills:
        if number in found:
            found[number]["skills"][skill] = level
    return list(found.values())


def check_pin(db: Database, agent: str, pin: str, now: float | None = None) -> bool:
    """Whether the PIN is the active agent's, keyed by phone. After five wrong ones it waits five minutes."""
    pw_hash = db.read(_pin_hash, agent)
    return proven(db, pw_hash, pin, time.time() if now is None else now, [few(f"pin:{agent}")])


def _roster_rows(engine: peewee.Database) -> Rows:
    agents = Agent.select(Agent.number, Agent.name).where(Agent.active).order_by(Agent.number)
    skill = AgentSkill
    skills = skill.select(skill.agent, skill.skill, skill.level).order_by(skill.agent, skill.skill)
    return engine.execute(agents).fetchall(), engine.execute(skills).fetchall()


def _pin_hash(number: str) -> str | None:
    row = Agent.get_or_none((Agent.number == clean(number)) & Agent.active)
    return row.pin_hash or None if row else None

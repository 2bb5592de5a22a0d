"""Agents: name, skills, whether they work here, their PIN."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ..audit import changes, write_audit
from ..database import Database
from ..logins import end_logins
from ..passwords import hashed
from ..tables import Agent, AgentSkill
from . import Unfit

FIELDS = ("name", "email", "active")


def agents(db: Database) -> list[dict[str, Any]]:
    """All agents by number: [{number, name, email, active, skills: {skill: level}}]."""
    return db.read(_agents)


def agent(db: Database, number: str) -> dict[str, Any] | None:
    """One agent in the same form, or None."""
    return next((each for each in agents(db) if each["number"] == number), None)


def save_agent(
    db: Database,
    who: str,
    number: str,
    values: Mapping[str, Any],
    skills: Mapping[str, int],
    new: bool = False,
) -> None:
    """Make or change an agent. values: name, email, active; skills: skill -> level 1..10. Raises Unfit."""
    db.write(_save, who, number, values, skills, new)


def new_pin(db: Database, who: str, number: str) -> str:
    """A random PIN of six digits in place of the old one; it is told once, here. It ends the agent's logins.

    Raises Unfit.
    """
    pin = _random_pin()
    pin_hash = db.aside(hashed, pin)

    def change() -> None:
        if not Agent.update(pin_hash=pin_hash).where(Agent.number == number).execute():
            raise Unfit("number", "unknown")
        end_logins(number)
        write_audit(who, "agent.pin", number)

    db.write(change)
    return pin


def _random_pin() -> str:
    """None of the shapes that people try first: all the same, or counting."""
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        if len({(int(b) - int(a)) % 10 for a, b in pairwise(pin)}) > 1:
            return pin


def _agents() -> list[dict[str, Any]]:
    rows = Agent.select(Agent.number, Agent.name, Agent.email, Agent.active).order_by(Agent.number).dicts()
    found = {row["number"]: {**row, "skills": {}} for row in rows}
    for row in AgentSkill.select().order_by(AgentSkill.skill):
        found[row.agent_id]["skills"][row.skill] = row.level
    return list(found.values())


def _save(who: str, number: str, values: Mapping[str, Any], skills: Mapping[str, int], new: bool) -> None:
    row = Agent.get_or_none(Agent.number == number)
    if new and row:
        raise Unfit("number", "taken")
    if not new and not row:
        raise Unfit("number", "unknown")
    before = {} if new else _told(row)
    row = row or Agent(number=number)
    for name in FIELDS:
        setattr(row, name, values[name])
    row.save(force_insert=new)
    if not row.active:
        end_logins(number)
    AgentSkill.delete().where(AgentSkill.agent == number).execute()
    for skill, level in skills.items():
        AgentSkill.create(agent=number, skill=skill, level=level)
    if told := changes(before, _told(row)):
        write_audit(who, "agent.created" if new else "agent.edited", number, told)


def _told(row: Agent) -> dict[str, Any]:
    levels = AgentSkill.select().where(AgentSkill.agent == row.number).order_by(AgentSkill.skill)
    skills = ", ".join(f"{each.skill} {each.level}" for each in levels)
    return {name: getattr(row, name) for name in FIELDS} | {"skills": skills}

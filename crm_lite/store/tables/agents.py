"""Agents and their skills. Edited by people, with an audit line."""

from __future__ import annotations

import peewee

from .base import Row


class Agent(Row):
    """number: what the agent dials in with. pin_hash: argon2 of the PIN."""

    number = peewee.CharField(16, primary_key=True)
    name = peewee.CharField(100)
    email = peewee.CharField(200, default="")
    pin_hash = peewee.CharField(200, default="")
    active = peewee.BooleanField(default=True)

    class Meta:
        table_name = "agents"


class AgentSkill(Row):
    """level: 1 (a beginner) to 10. A skill that an agent lacks has no row."""

    id = peewee.AutoField()
    agent = peewee.ForeignKeyField(Agent, backref="skills", on_delete="CASCADE")
    skill = peewee.CharField(50)
    level = peewee.IntegerField(constraints=[peewee.Check("level BETWEEN 1 AND 10")])

    class Meta:
        table_name = "agent_skills"
        indexes = ((("agent", "skill"), True),)

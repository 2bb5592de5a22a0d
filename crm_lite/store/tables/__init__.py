"""The tables, by group."""

from .access import Attempt, Audit, Login, User
from .agents import Agent, AgentSkill
from .customers import Account, Customer, CustomerNumber, Tier
from .interactions import PROJECTED, Interaction, InteractionFact, ProjectorPosition, Recording

TABLES = (
    Tier, Customer, CustomerNumber, Account,
    Agent, AgentSkill,
    Interaction, InteractionFact, Recording, ProjectorPosition,
    User, Login, Audit, Attempt,
)  # fmt: skip

__all__ = [
    "PROJECTED", "TABLES",
    "Account", "Agent", "AgentSkill", "Attempt", "Audit", "Customer", "CustomerNumber",
    "Interaction", "InteractionFact", "Login", "ProjectorPosition", "Recording", "Tier", "User",
]  # fmt: skip

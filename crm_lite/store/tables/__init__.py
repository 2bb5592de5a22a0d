"""The tables, by group."""

from .access import Audit, Guess, Login, User
from .agents import Agent, AgentSkill
from .customers import Account, Customer, CustomerNumber, Tier
from .interactions import PROJECTED, Interaction, InteractionFact, ProjectorPosition, Recording

TABLES = (
    Tier, Customer, CustomerNumber, Account,
    Agent, AgentSkill,
    Interaction, InteractionFact, Recording, ProjectorPosition,
    User, Login, Audit, Guess,
)  # fmt: skip

__all__ = [
    "PROJECTED", "TABLES",
    "Account", "Agent", "AgentSkill", "Audit", "Customer", "CustomerNumber", "Guess",
    "Interaction", "InteractionFact", "Login", "ProjectorPosition", "Recording", "Tier", "User",
]  # fmt: skip

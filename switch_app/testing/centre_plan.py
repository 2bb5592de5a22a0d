"""A simulated centre's size, luck and sample data; and what a run of it came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from switch_app.core.flow.model import Flow
from switch_app.core.work import AgentProfile

from .faults import CALM, Faults
from .virtual_clock import START

SKILLS = (
    {"sales": 8, "support": 3, "mandarin": 10, "english": 4},
    {"support": 8, "billing": 4, "mandarin": 10},
    {"billing": 9, "mandarin": 10, "english": 6},
    {"sales": 6, "support": 6, "english": 10, "mandarin": 3},
    {"sales": 5, "billing": 5, "mandarin": 10, "cantonese": 9},
    {"support": 9, "mandarin": 9, "english": 7},
)
TIERS = {"gold": 20, "silver": 10, "bronze": 0}
ELSEWHERE = ("2001", "2002", "2003")  # phones that calls are transferred to


@dataclass(frozen=True, slots=True)
class Plan:
    """load: calls, as a share of what the agents could take if each were for them. flows: number -> flow.

    begins_at: epoch seconds.
    """

    agents: int = 12
    load: float = 0.8
    talk_s: float = 45.0
    patience_s: float = 120.0
    numbers: tuple[str, ...] = ("4000", "4000", "4001", "4999")
    flows: tuple[tuple[str, Flow], ...] = ()  # besides those of the book
    faults: Faults = CALM
    begins_at: float = START


@dataclass(slots=True)
class Report:
    """deaths: of the application. lost_batches: decided, and never committed."""

    seed: int
    calls: int = 0
    turns: int = 0
    deaths: int = 0
    switch_deaths: int = 0
    lost_batches: int = 0
    virtual_s: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)


def roster(agents: int) -> tuple[AgentProfile, ...]:
    """Agents 1001 and on."""
    return tuple(
        AgentProfile(str(1001 + n), f"Agent {1001 + n}", SKILLS[n % len(SKILLS)], n) for n in range(agents)
    )


def customers() -> dict[str, dict[str, Any]]:
    """number or account -> customer."""
    found: dict[str, dict[str, Any]] = {}
    for n in range(1, 31):
        tier = ("gold", "silver", "bronze")[n % 3]
        customer = {
            "id": str(n),
            "number": f"C{n}",
            "tier": tier,
            "priority": TIERS[tier],
            "language": "zh" if n % 2 else "en",
            "accounts": [{"number": f"8801{n:04d}", "balance": n * 10.5 - 40}] if n % 5 else [],
        }
        found[f"1200000{n:04d}"] = found[f"8801{n:04d}"] = customer
    return found

"""What the linter knows besides the flow. None: not known, so its rules are not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...errors import FlowProblem
from ...work import AgentProfile, QueueRule
from ..model import Flow
from ..prompts import Manifest
from ..steps.base import Path


@dataclass(frozen=True, slots=True)
class Around:
    """flows: by name. calendars, trunks: their names. voices: languages that can be spoken.

    entries: the flows that callers' numbers lead to; from those an agent must be reached with at most
    most_keys keys, within most_s seconds."""

    flows: Mapping[str, Flow] = field(default_factory=dict)
    manifest: Manifest | None = None
    queues: tuple[QueueRule, ...] | None = None
    agents: tuple[AgentProfile, ...] | None = None
    calendars: frozenset[str] | None = None
    entries: frozenset[str] = frozenset()
    most_keys: int = 4
    most_s: float = 120.0
    voices: frozenset[str] | None = None
    trunks: frozenset[str] | None = None


def problem(
    flow: Flow,
    path: Path,
    rule: str,
    message: str,
    hint: str = "",
    severity: Literal["error", "warning"] = "error",
    key: bool = False,
) -> FlowProblem:
    """A problem at a path of the flow's document (or at the key there)."""
    line, column = flow.place(path, key)
    return FlowProblem(rule, message, flow.file, line, column, hint, severity)

"""The order of agents' states: who is busy first, who is away last."""

from __future__ import annotations

ORDER = ("talking", "held", "offered", "wrap_up", "ready", "ready_once", "missed", "not_ready", "logged_out")


def rank(state: str) -> int:
    """Its place; a state that nobody has foreseen is behind all."""
    return ORDER.index(state) if state in ORDER else len(ORDER)

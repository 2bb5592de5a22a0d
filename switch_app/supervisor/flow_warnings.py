"""What `hotline run` says of broken flows and conf before `ready`: warnings, it starts all the same."""

from __future__ import annotations

from typing import Any

from ..core.errors import FlowProblem, Refused
from ..runtime.control_client import ControlClient
from ..settings import Settings

MOST = 5  # lines
REMEDY = "hotline check"


def flow_warnings(settings: Settings) -> list[str]:
    """A line for each error with its place, a few at most; none when all is well or nobody answers."""
    try:
        told = ControlClient(settings.control_socket).ask("flows")
    except (ConnectionError, Refused):
        return []
    return lines_of(told.get("problems", ()))


def lines_of(problems: list[dict[str, Any]]) -> list[str]:
    """Of the problems as the call server tells them."""
    errors = [FlowProblem(**each) for each in problems if each["severity"] == "error"]
    if not errors:
        return []
    more = [f"  and {len(errors) - MOST} more: {REMEDY}"] if len(errors) > MOST else []
    return [
        "warning: what has errors does not come into force; what was in force before stays, if there was any",
        *(f"  {each}" for each in errors[:MOST]),
        *more,
    ]

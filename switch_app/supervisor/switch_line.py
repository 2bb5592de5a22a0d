"""Whether the call server reaches the switch, as the supervisor learns it: by asking."""

from __future__ import annotations

from ..core.errors import Refused
from ..runtime.control_client import ControlClient
from ..settings import Settings

PATIENCE_S = 5.0  # for a switch that starts at the same moment
ANSWER_S = 0.5  # the supervisor does nothing else meanwhile


def problem(settings: Settings) -> str:
    """One line for people with the remedy, "" when the switch is reached."""
    try:
        answer = ControlClient(settings.control_socket, ANSWER_S).ask("status")
    except (ConnectionError, Refused) as error:
        return str(error)
    if answer.get("line_up"):
        return ""
    return str(answer.get("alarms", {}).get("switch", "no line to the switch"))

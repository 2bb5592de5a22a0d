"""The step types of flows: an explicit table, one type per file."""

from __future__ import annotations

from collections.abc import Mapping

from .agent_login import AgentLoginStep
from .base import Step
from .collect import CollectStep
from .goto import GotoStep
from .hangup import HangupStep
from .language import LanguageStep
from .menu import MenuStep
from .play import PlayStep
from .presence import PresenceStep
from .queue import QueueStep
from .subflow import SubflowStep

STEP_TYPES: Mapping[str, type[Step]] = {
    "play": PlayStep,
    "menu": MenuStep,
    "collect": CollectStep,
    "language": LanguageStep,
    "queue": QueueStep,
    "goto": GotoStep,
    "subflow": SubflowStep,
    "hangup": HangupStep,
    "agent_login": AgentLoginStep,
    "presence": PresenceStep,
}

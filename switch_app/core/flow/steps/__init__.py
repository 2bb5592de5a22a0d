"""The step types of flows: an explicit table, one type per file."""

from __future__ import annotations

from collections.abc import Mapping

from .agent_login import AgentLoginStep
from .base import Step
from .branch import BranchStep
from .collect import CollectStep
from .goto import GotoStep
from .greeting import GreetingStep
from .hangup import HangupStep
from .hours import HoursStep
from .http import HttpStep
from .language import LanguageStep
from .lookup import LookupStep
from .menu import MenuStep
from .play import PlayStep
from .presence import PresenceStep
from .queue import QueueStep
from .set import SetStep
from .subflow import SubflowStep
from .transfer import TransferStep
from .voicemail import VoicemailStep

STEP_TYPES: Mapping[str, type[Step]] = {
    "play": PlayStep,
    "menu": MenuStep,
    "collect": CollectStep,
    "language": LanguageStep,
    "hours": HoursStep,
    "lookup": LookupStep,
    "set": SetStep,
    "branch": BranchStep,
    "http": HttpStep,
    "queue": QueueStep,
    "transfer": TransferStep,
    "voicemail": VoicemailStep,
    "greeting": GreetingStep,
    "goto": GotoStep,
    "subflow": SubflowStep,
    "hangup": HangupStep,
    "agent_login": AgentLoginStep,
    "presence": PresenceStep,
}

"""A caller's phone and two agents' at the embedded switch: a call arrives, an agent is called and joined.

The fixtures are in conftest.py: `lab`, `phones`, `trio`.
"""

from __future__ import annotations

import pytest
from softswitch_lab import Lab, Session

from switch_app.phones import phone as phone_module
from switch_app.phones.phone import Phone

NEEDS_PHONES = pytest.mark.skipif(not phone_module.available(), reason=phone_module.MISSING)
EVENTS = [  # that the line of `lab` hears
    "BACKGROUND_JOB", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_HOLD",
    "CHANNEL_UNHOLD", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "DTMF", "CUSTOM", "sofia::register",
    "sofia::unregister", "sofia::expire",
]  # fmt: skip

Trio = tuple[Phone, Phone, Phone]  # the caller's, 1001's, 1002's


def originate(lab: Lab, user: str = "1001", variables: str = "ignore_early_media=true") -> str:
    """What the switch says of a call to this user: +OK and the leg's id, or -ERR and the cause."""
    return lab.esl.job("originate", f"{{{variables}}}user/{user} &park()")


def arrive(lab: Lab, caller: Phone, number: str = "4100") -> Session:
    """The session of a caller who has been answered."""
    caller.call(number)
    session = lab.session().begin()
    session.execute("answer")
    caller.wait_for("confirmed")
    return session


def join(lab: Lab, session: Session, agent: Phone, user: str = "1001") -> str:
    """The leg of the agent, who talks with the caller now."""
    agent.behave(answer_after_s=0.0)
    leg = originate(lab, user).split()[-1]
    assert lab.esl.api("uuid_bridge", f"{session.uuid} {leg}").startswith("+OK")
    lab.esl.event("CHANNEL_BRIDGE")
    return leg

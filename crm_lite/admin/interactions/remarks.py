"""What the core remarks in its own (English) words, in the words of who asks.

Each form has its words in interactions.remark; what has no form, such as an author's faulty expression or
another program's error, is shown as it is.
"""

from __future__ import annotations

import re
from typing import Any

from ..queue_titles import queue_title
from ..speaking import t

FORMS = {
    # StepFailed
    "no_flow": r"there is no flow (?P<name>.+)",
    "no_step": r"there is no step (?P<name>.+)",
    "no_calendar": r"there is no calendar (?P<name>.+)",
    "floor_silent": r"the floor did not answer",
    "pin_silent": r"the check of the PIN did not come back",
    "queue_ended": r"the queue (?P<queue>\S+) ended with (?P<code>\w+), and no step to go to",
    "asked_in_vain": r"(?P<code>invalid|no_input) after (?P<count>\d+) attempts, and no step to go to",
    "destination": r"the transfer's destination is not a number",
    "nested": r"subflows are nested more than (?P<count>\d+) deep",
    "not_played": r"could not be played: (?P<detail>.*)",
    # TurnCrashed: what was done instead
    "dropped": r"signal dropped",
    "hung_up": r"hung up",
    "to_operator": r"operator queue",
    "apology": r"apology and hang-up",
    # NeedsIgnored
    "too_long": r"longer than (?P<count>\d+) characters",
    "too_many": r"more than (?P<count>\d+) alternatives",
    "too_deep": r"nested too deep",
    "no_meaning": r"(?P<word>'.*'|\".*\") has no meaning here",
    "expected": r"expected (?P<wanted>.+), found (?P<word>.+)",
    # Mended
    "agent_astray": r"(?P<state>\w+) for work that is not on the floor",
    "work_astray": r"(?P<state>\w+) on the floor, the interaction is (?P<phase>[\w ]+)",
    "wait_forgotten": r"(?P<phase>\w+) in (?P<queue>\S+), but not on the floor",
    "talk_forgotten": r"talks with (?P<agent>\S+), but not for the floor",
    # RecordingLost
    "not_written": r"nothing could be written",
    "no_file": r"its end was not told, and there is no file of it",
}
_DAY = re.compile(
    r"(?P<kind>date|holiday|weekday|make-up day)(?: (?P<which>.+?))?: (?P<hours>[\d:, -]+|closed)"
)


def remark(text: Any) -> str:
    """The remark in the asking person's language."""
    for name, form in FORMS.items():
        if found := re.fullmatch(form, str(text), re.DOTALL):
            return t(f"interactions.remark.{name}", **_in_words(found.groupdict()))
    return str(text)


def opening(why: str) -> str:
    """Why a calendar was open or closed (core/flow/hours.py)."""
    found = _DAY.fullmatch(why)
    if not found:
        return why
    kind, which = found["kind"].replace("-", "_").replace(" ", "_"), found["which"] or ""
    day = t(f"interactions.weekday.{which}", which) if kind == "weekday" else which
    hours = t("interactions.code.shut") if found["hours"] == "closed" else found["hours"]
    return t("interactions.opening", day=t(f"interactions.day.{kind}", day=day), hours=hours)


def _in_words(values: dict[str, str]) -> dict[str, str]:
    words = {
        "code": lambda value: t(f"interactions.code.{value}", value),
        "state": lambda value: t(f"common.state.{value}", value),
        "phase": lambda value: t(f"interactions.phase.{value.replace(' ', '_')}", value),
        "queue": queue_title,
    }
    return {name: words[name](value) if name in words else value for name, value in values.items()}

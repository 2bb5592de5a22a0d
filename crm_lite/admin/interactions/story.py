"""The timeline in plain words: what kind of line a fact is, and the words for its values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..queue_titles import queue_title
from ..show import duration, local
from ..speaking import t
from .remarks import opening, remark
from .why import explained

Data = dict[str, Any]
Line = dict[str, Any]

OUTCOMES = (
    "open", "answered", "abandoned", "voicemail", "completed", "overflowed", "callback", "switch_lost",
    "failed",
)  # fmt: skip

# Facts that are steps on the way; the page shows them when asked for all.
STEPS = frozenset(
    "StepEntered VariableSet SessionMoved FlowStarted AnnouncementStarted AnnouncementPutOff"
    " AnnouncementEnded WorkQueued"
    " OfferAccepted WorkLeft WorkCompleted PresenceChanged CallerReleased CallerTold LegLost"
    " AgentRung".split()
)
TROUBLE = frozenset(
    "StepFailed RequestFailed PromptMissing AgentMissed OfferDeclined RecordingLost TurnCrashed CallMissed"
    " WorkOverflowed NeedsIgnored Mended".split()
)
TALK = frozenset("AgentAnswered AgentConnected CallHeld CallResumed ConversationEnded".split())
ENDS = frozenset("InteractionOpened InteractionResumed InteractionClosed".split())
MISSES = ("AgentMissed", "OfferDeclined")
LONGEST = 300  # characters of one value on a line


def told(facts: list[Data]) -> list[Line]:
    """The lines: kind, at, after_s (since the first), sort, text, data (as JSON, for those who ask)."""
    start = local(facts[0]["at"], "UTC") if facts else None
    return [_line(fact, start) for fact in facts]


def whys(facts: list[Data]) -> list[Data]:
    """The offers, explained (why.explained)."""
    offers = [{"at": fact["at"], **fact["data"]} for fact in facts if fact["kind"] == "WorkOffered"]
    return [explained(offer) for offer in offers if isinstance(offer.get("why"), dict)]


def text_of(kind: str, data: Data) -> str:
    """The fact in a sentence; a kind without words is named as it is."""
    change = _VALUES.get(kind)
    values = {key: _short(value) for key, value in data.items()}
    for name in ("queue", "from_queue", "to_queue"):
        if isinstance(values.get(name), str):
            values[name] = queue_title(data[name])
    if change:
        try:
            values |= {key: _short(value) for key, value in change(data).items()}
        except (KeyError, TypeError, AttributeError, ValueError):
            pass  # a fact of another shape still has its line
    return t(f"interactions.fact.{kind}", kind, **values)


def _line(fact: Data, start: Any) -> Line:
    kind, at = fact["kind"], local(fact["at"], "UTC")
    withdrawn = kind in MISSES and fact["data"].get("reason") == "withdrawn"  # the caller left
    return {
        "kind": kind,
        "at": fact["at"],
        "after": duration((at - start).total_seconds()) if at and start else "",
        "sort": "step" if withdrawn else _sort(kind),
        "step": withdrawn or kind in STEPS,
        "text": text_of(kind, fact["data"]),
        "data": json.dumps(fact["data"], ensure_ascii=False, indent=2),
    }


def _sort(kind: str) -> str:
    names = (("trouble", TROUBLE), ("talk", TALK), ("end", ENDS), ("step", STEPS))
    return next((name for name, kinds in names if kind in kinds), "plain")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "–" if value is None or value == "" else text
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _seconds(*names: str) -> Callable[[Data], Data]:
    return lambda data: {name: duration(data[name]) for name in names}


def _talk(data: Data) -> Data:
    """Older facts know of no hold."""
    talk, hold_s = duration(data["talk_s"]), data.get("hold_s")
    return {"talk_s": t("interactions.with_hold", talk=talk, hold=duration(hold_s)) if hold_s else talk}


def _coded(*names: str) -> Callable[[Data], Data]:
    """Values that have words of their own: interactions.code.<value>."""
    return lambda data: {name: t(f"interactions.code.{data[name]}", _short(data[name])) for name in names}


def _remarked(*names: str) -> Callable[[Data], Data]:
    """Values that the core says in its own words (remarks.py)."""
    return lambda data: {name: remark(data[name]) for name in names}


def _announced(data: Data) -> Data:
    """What is said, with its figure: the position, or the estimated wait."""
    what = t(f"interactions.code.{data['what']}", data["what"])
    position, estimate_s = data.get("position"), data.get("estimate_s")
    if data["what"] == "wait" and estimate_s is not None:
        what = f"{what} {duration(estimate_s)}"
    elif data["what"] == "position" and position:
        what = f"{what} {position}"
    return {"what": what}


def _presence(data: Data) -> Data:
    state = t(f"common.state.{data['state']}", t(f"interactions.wish.{data['state']}", data["state"]))
    reason = data.get("reason")
    told = t(f"common.reason.{reason}", reason) if reason else ""
    return {"state": t("interactions.because", state=state, reason=told) if told else state}


def _both(*changes: Callable[[Data], Data]) -> Callable[[Data], Data]:
    def change(data: Data) -> Data:
        values: Data = {}
        for each in changes:
            values |= each(data)
        return values

    return change


def _kept(data: Data) -> Data:
    what = t(f"interactions.code.{data['what']}", data["what"])
    return {"what": t("interactions.cut_off", what=what) if data.get("cut") else what}


_VALUES: dict[str, Callable[[Data], Data]] = {
    "InteractionOpened": lambda data: {"ani": data["ani"] or t("interactions.anonymous")},
    "InteractionResumed": _coded("why"),
    "StepEntered": lambda data: {"type": t(f"interactions.step.{data['type']}", data["type"])},
    "StepFailed": _remarked("problem"),
    "RequestFailed": lambda data: {
        "reason": t(f"interactions.request.{data['reason']}", data["reason"], status=data.get("status", 0))
    },
    "CustomerIdentified": lambda data: {
        "name": data["customer"]["name"],
        "number": data["customer"]["number"],
        "by": t(f"interactions.code.{data['by']}", data["by"]),
    },
    "LanguageChosen": lambda data: {"language": t(f"common.tongue.{data['language']}", data["language"])},
    "DigitsCollected": lambda data: {
        "accepted": t("interactions.code.accepted" if data["accepted"] else "interactions.code.not_accepted")
    },
    "HoursDecided": lambda data: {
        "open": t("interactions.code.open" if data["open"] else "interactions.code.shut"),
        "why": opening(data["why"]),
    },
    "PromptMissing": lambda data: {"language": t(f"common.tongue.{data['language']}", data["language"])},
    "QueueEntered": lambda data: {"needs": data["needs"] or t("interactions.anybody")},
    "FlowEnded": _coded("how"),
    "AnnouncementStarted": _announced,
    "AnnouncementPutOff": _announced,
    "CallerTold": _announced,
    "AgentMissed": _coded("reason"),
    "AgentConnected": _seconds("wait_s", "ring_s"),
    "CallMissed": _seconds("waited_s"),
    "CallResumed": _seconds("hold_s"),
    "ConversationEnded": _both(_talk, _coded("by")),
    "RecordingKept": _both(_seconds("duration_s"), _kept),
    "RecordingLost": _remarked("detail"),
    "VoicemailLeft": _seconds("duration_s"),
    "CallTransferred": _coded("result"),
    "QueueExited": _both(_seconds("wait_s"), _coded("reason")),
    "LegLost": _both(_coded("reason", "by")),
    "CallerReleased": _coded("reason"),
    "DispositionSet": lambda data: {"code": t(f"common.disposition.{data['code']}", data["code"])},
    "InteractionClosed": lambda data: {
        "outcome": t(f"common.outcome.{data['outcome']}", data["outcome"]),
        "wait_s": duration(data["wait_s"]),
        **_talk(data),
    },
    "Mended": _remarked("problem"),
    "TurnCrashed": _remarked("fallback"),
    "NeedsIgnored": _remarked("problem"),
    "NeedsRelaxed": lambda data: {"needs": data["needs"] or t("queues.own_needs")},
    "PresenceChanged": _presence,
    "PresencePlanned": _presence,
    "PresenceRefused": lambda data: {"reason": t(f"common.refusal.{data['reason']}", data["reason"])},
    "WorkOffered": _seconds("ring_s"),
    "OfferDeclined": _coded("reason"),
    "WorkOverflowed": _coded("reason"),
    "WorkLeft": _both(_seconds("wait_s"), _coded("reason")),
    "WorkCompleted": _talk,
    "WrapUpEnded": _both(_seconds("wrap_up_s"), _coded("how")),
}

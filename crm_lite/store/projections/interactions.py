"""The row of an interaction, folded from its facts.

`fold(row, ...)` changes a plain dict (the columns of tables.Interaction) in place and returns it; a kind
that says nothing about the row leaves it alone. Raises KeyError, TypeError or ValueError on data of another
shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..text import clean

Data = dict[str, Any]
Row = dict[str, Any]


def fold(row: Row, kind: str, at: float, data: Data) -> Row:
    """Apply one fact to the row of its interaction."""
    change = _CHANGES.get(kind)
    if change:
        change(row, at, data)
    return row


def opened(interaction: str, at: float) -> Row:
    """The row before its first fact."""
    return {"id": clean(interaction, 64), "opened_at": at} | _EMPTY


def _interaction_opened(row: Row, at: float, data: Data) -> None:
    row |= {
        "channel": clean(data["channel"], 16),
        "direction": clean(data["direction"], 16),
        "ani": clean(data["ani"], 128),
        "name": clean(data["name"]),
        "dnis": clean(data["dnis"], 128),
        "flow": clean(data["flow"], 100),
        "flow_version": clean(data["version"], 64),
        "opened_at": float(data.get("arrived_at") or at),
    }


def _customer_identified(row: Row, at: float, data: Data) -> None:
    customer = data["customer"]
    row |= {
        "customer_id": int(customer["id"]),
        "customer_number": clean(customer["number"], 32),
        "customer_name": clean(customer["name"], 200),
        "customer_tier": clean(customer.get("tier") or "", 32),
    }


def _language_chosen(row: Row, at: float, data: Data) -> None:
    row["language"] = clean(data["language"], 8)


def _flow_started(row: Row, at: float, data: Data) -> None:
    if not row["flow"]:  # later ones are subflows
        row |= {"flow": clean(data["flow"], 100), "flow_version": clean(data["version"], 64)}


def _queue_entered(row: Row, at: float, data: Data) -> None:
    row["queue"] = clean(data["queue"], 100)


def _work_overflowed(row: Row, at: float, data: Data) -> None:
    row["queue"] = clean(data["to_queue"], 100)


def _agent_connected(row: Row, at: float, data: Data) -> None:
    row |= {
        "agent": clean(data["agent"], 16),
        "queue": clean(data["queue"], 100),
        "wait_s": float(data["wait_s"]),
    }
    if data.get("recording"):
        row["recording"] = clean(data["recording"])


def _queue_exited(row: Row, at: float, data: Data) -> None:
    row["wait_s"] = max(row["wait_s"], float(data["wait_s"]))


def _conversation_ended(row: Row, at: float, data: Data) -> None:
    row["talk_s"] += float(data["talk_s"])
    row["hold_s"] += float(data.get("hold_s", 0.0))  # older facts know of no hold


def _recording_kept(row: Row, at: float, data: Data) -> None:
    row["recording"] = clean(data["path"])


def _recording_lost(row: Row, at: float, data: Data) -> None:
    if row["recording"] == clean(data["path"]):
        row["recording"] = None


def _disposition_set(row: Row, at: float, data: Data) -> None:
    row |= {"disposition": clean(data["code"], 50), "note": clean(data["note"], 10_000)}


def _interaction_closed(row: Row, at: float, data: Data) -> None:
    row |= {
        "outcome": clean(data["outcome"], 16),
        "closed_at": float(data.get("ended_at") or at),
        "wait_s": float(data["wait_s"]),
        "talk_s": float(data["talk_s"]),
        "hold_s": float(data.get("hold_s", 0.0)),
    }


_EMPTY: Row = {
    "channel": "", "direction": "", "ani": "", "name": "", "dnis": "", "customer_id": None,
    "customer_number": "", "customer_name": "", "customer_tier": "", "language": "", "flow": "",
    "flow_version": "", "queue": "", "agent": None, "outcome": None,
    "closed_at": None, "wait_s": 0.0, "talk_s": 0.0, "hold_s": 0.0, "recording": None,
    "disposition": "", "note": "",
}  # fmt: skip

_CHANGES: dict[str, Callable[[Row, float, Data], None]] = {
    "InteractionOpened": _interaction_opened,
    "CustomerIdentified": _customer_identified,
    "LanguageChosen": _language_chosen,
    "FlowStarted": _flow_started,
    "QueueEntered": _queue_entered,
    "WorkOverflowed": _work_overflowed,
    "AgentConnected": _agent_connected,
    "QueueExited": _queue_exited,
    "ConversationEnded": _conversation_ended,
    "RecordingKept": _recording_kept,
    "VoicemailLeft": _recording_kept,
    "RecordingLost": _recording_lost,
    "DispositionSet": _disposition_set,
    "InteractionClosed": _interaction_closed,
}

"""Flows of our own: what holds a caller when a flow has failed and has no on_error (the operator queue,
then an apology), and what an agent's phone hears that dials a code or a number that leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import Flow, build

VERSION = "fallback"
OPERATOR_QUEUE = "operator"

_DOCUMENT = {
    "flow": "fallback",
    "start": "operator",
    "steps": {
        "operator": {
            "type": "queue",
            "queue": OPERATOR_QUEUE,
            "say": "apology",
            "timeout": "sorry",
            "empty": "sorry",
            "full": "sorry",
        },
        "sorry": {"type": "hangup", "say": "apology_goodbye"},
    },
}


_REFUSAL = {
    "flow": "unknown_code",
    "start": "sorry",
    "steps": {"sorry": {"type": "hangup", "say": "agent_unknown_code"}},
}


def _built_in(document: Mapping[str, Any]) -> Flow:
    """Its version is its name: it is in no file."""
    flow, flaws = build(document, text=str(document["flow"]))
    assert flow, flaws
    return Flow(name=flow.name, version=flow.name, start=flow.start, steps=flow.steps)


FALLBACK = _built_in(_DOCUMENT)
UNKNOWN_CODE = _built_in(_REFUSAL)
BUILT_IN: Mapping[str, Flow] = {flow.version: flow for flow in (FALLBACK, UNKNOWN_CODE)}

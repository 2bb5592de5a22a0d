"""What holds a caller when a flow has failed and has no on_error: the operator queue, then an apology."""

from __future__ import annotations

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


def _fallback() -> Flow:
    flow, flaws = build(_DOCUMENT, text=VERSION)
    assert flow, flaws
    return Flow(name=flow.name, version=VERSION, start=flow.start, steps=flow.steps)


FALLBACK = _fallback()

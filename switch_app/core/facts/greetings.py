"""Stream greetings: emergency greetings."""

from __future__ import annotations

from dataclasses import field

from ..record import record as fact


@fact
class GreetingPutUp:
    """An emergency greeting. until: epoch seconds, None = until it is taken down. sounds: language -> its
    own recording (flow.spoken)."""

    slot: str
    prompt: str
    text: dict[str, str]
    until: float | None
    by: str
    sounds: dict[str, str] = field(default_factory=dict)


@fact
class GreetingTakenDown:
    slot: str
    by: str

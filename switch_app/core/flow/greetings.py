"""An emergency greeting that is in force: put up by a person, ends by itself (World.greetings)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_PROMPT = "emergency_greeting"


@dataclass(frozen=True, slots=True)
class Greeting:
    """text: language -> what to say; the prompt is said where that can't be.

    sounds: language -> its own recording, as a sound (flow.spoken); it goes before the text.
    spoken: the languages whose text a voice has spoken. until: epoch seconds, None = until it is taken down.
    """

    prompt: str = DEFAULT_PROMPT
    text: Mapping[str, str] = field(default_factory=dict)
    until: float | None = None
    sounds: Mapping[str, str] = field(default_factory=dict)
    spoken: frozenset[str] = frozenset()

    @classmethod
    def of(cls, plain: Any) -> Greeting:
        """Of a Greeting or of its plain form."""
        return plain if isinstance(plain, cls) else cls(**plain)

    def in_force(self, now: float) -> bool:
        return self.until is None or now < self.until

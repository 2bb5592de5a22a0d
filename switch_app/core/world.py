"""What a decision may read besides its stream's state: frozen, and handed in with the signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .record import record


@record
class LocalTime:
    """The centre's local time at `now`, because the core may not know time zones."""

    iso: str  # 2026-11-23T09:30:00+08:00
    date: str  # 2026-11-23
    weekday: int  # 1 = Monday .. 7 = Sunday (ISO 8601)
    minute: int  # of the day, 0..1439
    holiday: str = ""  # its name, "" on a working day
    make_up_day: bool = False  # a weekend day that is worked (China)


@record
class QueueFigures:
    """A queue as a flow may ask for it."""

    waiting: int = 0
    logged_in: int = 0
    ready: int = 0
    longest_wait_s: float = 0.0


@record
class World:
    """local time, queue figures, the loaded flows by version hash (core.flow.model.Flow), the prompts
    in force (core.flow.prompts.Manifest), the opening hours by name (core.flow.hours.Calendar), and the
    languages in which a text without a recording can be spoken."""

    local: LocalTime
    queues: Mapping[str, QueueFigures] = field(default_factory=dict)
    flows: Mapping[str, Any] = field(default_factory=dict)
    greetings: Mapping[str, Any] = field(default_factory=dict)  # emergency greetings in force
    calendars: Mapping[str, Any] = field(default_factory=dict)
    prompts: Any = None  # core.flow.prompts.Manifest
    voices: frozenset[str] = frozenset()

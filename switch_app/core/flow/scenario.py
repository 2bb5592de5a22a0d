"""A flow's own test: who calls, what is pressed, what must be heard and come of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Move(_Written):
    """One thing that happens. Exactly one field is given.

    hear: a prompt, or the words of a text, that must be said (others may be said before it). press: digits,
    at once. silence: seconds that pass. hang_up: true. queue: the outcome of the queue that was entered.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    hear: str | None = None
    press: str | None = Field(default=None, pattern=r"^[0-9*#A-D]+$")
    silence: float | None = Field(default=None, ge=0, le=3600)
    hang_up: Literal[True] | None = None
    queue: Literal["answered", "timeout", "empty", "full"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Move:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"one of {', '.join(type(self).model_fields)}")
        return self


class Expected(_Written):
    """What must have come of it; what is not named is not looked at. steps: in this order, others between.

    queue, needs, priority: of the last queue entered. outcome: completed | failed | hung_up | waiting.
    """

    steps: tuple[str, ...] = ()
    not_steps: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    vars: dict[str, Any] = Field(default_factory=dict)
    language: str | None = None
    queue: str | None = None
    needs: str | None = None
    priority: int | None = None
    transferred_to: str | None = None
    presence: str | None = None
    reason: str | None = None
    voicemail: str | None = None
    outcome: Literal["completed", "failed", "hung_up", "waiting"] | None = None


class Figures(_Written):
    """A queue as the flow finds it (core.world.QueueFigures)."""

    waiting: int = Field(default=0, ge=0)
    logged_in: int = Field(default=0, ge=0)
    ready: int = Field(default=0, ge=0)
    longest_wait_s: float = Field(default=0.0, ge=0)


class PutUp(_Written):
    """An emergency greeting that is in force; its text is spoken."""

    prompt: str = ""
    text: dict[str, str] = Field(default_factory=dict)


class Answer(_Written):
    """What another system says; without a status it is not reached."""

    status: int = Field(default=0, ge=0, le=999)
    body: Any = None
    result: Literal["done", "failed", "timed_out", "refused"] | None = None


def _local_time(value: str) -> str:
    try:
        known = datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        known = False
    if not known:
        raise ValueError("a local time such as 2026-11-23T10:00 is wanted")
    return value


class Scenario(_Written):
    """customers: caller's number -> customer. accounts: account -> customer. http: answers in turn.
    agents: number -> PIN. refuse: presence states that the floor refuses. transfer: its result.
    message_s: length of a recorded message. queues: figures. at: local time (else a Monday morning)."""

    name: str
    caller: str = "13800000000"
    called: str = "4000"
    language: str = ""
    at: Annotated[str, AfterValidator(_local_time)] = "2026-11-23T10:00"
    holiday: str = ""
    make_up_day: bool = False
    customers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    http: tuple[Answer, ...] = ()
    agents: dict[str, str] = Field(default_factory=dict)
    refuse: tuple[str, ...] = ()
    transfer: Literal["done", "busy", "no_answer", "unreachable", "failed"] = "done"
    message_s: float = Field(default=8.0, ge=0, le=3600)
    greetings: dict[str, PutUp] = Field(default_factory=dict)
    queues: dict[str, Figures] = Field(default_factory=dict)
    script: tuple[Move, ...] = ()
    expect: Expected = Expected()

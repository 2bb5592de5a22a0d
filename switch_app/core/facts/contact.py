"""Stream interaction:<id>, the contact itself: its legs, its caller, what is kept of it, its end."""

from __future__ import annotations

from typing import Any

from ..record import record as fact


@fact
class InteractionOpened:
    interaction: str
    channel: str  # voice
    direction: str  # inbound | outbound | internal (an agent's own call)
    leg: str
    ani: str
    name: str
    dnis: str
    flow: str
    version: str
    arrived_at: float = 0.0  # should that have been before we knew of it; 0: when this was written


@fact
class CallMissed:
    """Nobody listened in the socket, or nobody read what came there, until the caller gave up. waited_s: with
    music, seen in steps of the interlude, or with ringing."""

    waited_s: float


@fact
class InteractionResumed:
    """The caller came back into the socket. why: recovered | after_talk."""

    leg: str
    why: str


@fact
class CustomerIdentified:
    customer: dict[str, Any]
    by: str  # number | account


@fact
class LanguageChosen:
    language: str


@fact
class LegLost:
    leg: str
    reason: str
    cause: str
    by: str
    at: float = 0.0  # should that have been before this was written; 0: then


@fact
class CallerReleased:
    """The application ordered the end of the caller's leg."""

    reason: str


@fact
class HangUpOrdered:
    """A person ended the call from the switch's side. leg: the one that is hung up."""

    by: str
    leg: str


@fact
class RecordingKept:
    """cut: it ends before the talk, because it could not be written any more."""

    path: str
    what: str  # conversation | voicemail
    duration_s: float = 0.0
    cut: bool = False


@fact
class RecordingLost:
    path: str
    detail: str


@fact
class DispositionSet:
    agent: str
    code: str
    note: str


@fact
class InteractionClosed:
    """outcome: answered | abandoned | voicemail | completed | overflowed | callback | switch_lost
    | failed. ended_at: should it have ended before we knew of it; 0: when this was written."""

    outcome: str
    reason: str
    wait_s: float
    talk_s: float
    hold_s: float = 0.0
    ended_at: float = 0.0


@fact
class TurnCrashed:
    """A bug: what the turn was about, and the safe fallback that was taken."""

    signal: str
    error: str
    fallback: str


@fact
class Mended:
    """Floor and interaction held different things of the same contact, by a bug; it was put right.

    In the stream that was put right. agent: who was held, "" = nobody.
    """

    interaction: str
    agent: str
    problem: str

"""Orders: what we want done, imperative, frozen; each is carried out by one port.

`ref` is made by the core (ids.py) and comes back in the one result signal named in the docstring.
Ports: Voice (switch), Directory (CRM reads), Http, Clock; an order of the kind ToFloor or
ToInteraction is a signal for another stream and is decided in the same batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .record import record as order


# --- Voice: the caller's leg -----------------------------------------------------------------------
@order
class Answer:
    """Answer the leg (no result: an answer that fails is a LegEnded)."""

    leg: str


@order
class Play:
    """Play sounds one after the other -> PlayEnded(ref).

    sounds: files below sounds/, `tone:...`, `silence:MS`, or a token that a file is made of (flow.spoken).
    endless: repeat for ever (music), until StopPlay. A new Play replaces a running one, whose
    result is then `stopped`.
    """

    ref: str
    leg: str
    sounds: tuple[str, ...]
    endless: bool = False


@order
class StopPlay:
    leg: str


@order
class RecordMessage:
    """Record the caller (voicemail) -> RecordEnded(ref). Ends at max_s, silence or a digit."""

    ref: str
    leg: str
    path: str
    max_s: float = 120.0
    silence_s: float = 5.0


@order
class ShieldDigits:
    """Keep the digits that follow out of the switch's log (sensitive_dtmf), or stop doing so."""

    leg: str
    on: bool


@order
class HangUp:
    """End a leg -> LegEnded. reason: normal | busy | rejected | no_route | failed."""

    leg: str
    reason: str = "normal"


@order
class TransferLeg:
    """Send the caller's leg to another destination -> TransferEnded(ref).

    to: an extension or a number; trunk: a gateway's name, or "" for an extension.
    """

    ref: str
    leg: str
    to: str
    trunk: str = ""
    ring_s: float = 30.0


# --- Voice: the agent's leg and the pair ---------------------------------------------------------
@order
class CallAgent:
    """Ring the agent's phone -> LegRinging*, then LegAnswered or LegEnded of `leg`."""

    leg: str  # our own id, derived; written to the journal before the switch hears of it
    interaction: str
    contact: str
    ring_s: float
    ani: str
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)


@order
class Join:
    """Connect the caller with an answered leg -> Joined(ref) | JoinFailed(ref).

    From here the control line owns both legs; afterwards the caller comes back by CallArrived
    (resumed). recording: path of a stereo recording to start, or "".
    """

    ref: str
    leg: str
    other: str
    recording: str = ""


@order
class StopRecording:
    """-> RecordingEnded."""

    leg: str
    path: str


# --- Clock -------------------------------------------------------------------------------------------
@order
class StartTimer:
    """-> TimerFired(timer) at `due_at`. Starting a running timer moves it."""

    timer: str
    due_at: float


@order
class StopTimer:
    timer: str


# --- Directory and Http ------------------------------------------------------------------------------
@order
class LookUpCustomer:
    """-> CustomerLookedUp(ref). by: number | account."""

    ref: str
    by: str
    value: str


@order
class CheckPin:
    """-> PinChecked(ref)."""

    ref: str
    agent: str
    pin: str


@order
class CallHttp:
    """-> HttpReturned(ref). Only public addresses; the port tries again on failures."""

    ref: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    timeout_s: float = 3.0
    retries: int = 1


# --- to other streams -----------------------------------------------------------------------------------
@order
class ToFloor:
    """Hand `signal` (a record of signals/) to the floor."""

    signal: Any


@order
class ToInteraction:
    """Hand `signal` to an interaction; an unknown or closed one ignores it."""

    interaction: str
    signal: Any

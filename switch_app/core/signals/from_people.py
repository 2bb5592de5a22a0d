"""From a person, by the control socket."""

from __future__ import annotations

from ..record import record as signal


@signal
class DispositionChosen:
    agent: str
    code: str
    note: str = ""


@signal
class PassOnAsked:
    """An agent passes the customer of the talk on to a queue, from the desk."""

    agent: str
    queue: str


@signal
class HangUpAsked:
    """Somebody ends a call from the switch's side (third-party call control).

    agent: who ends the own talk, whose caller then goes on in the flow, as if the phone had hung up;
    "": the caller's leg goes.
    """

    by: str  # login
    agent: str = ""

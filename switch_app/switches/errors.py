"""What goes wrong on a connection to a switch, in greenswitch's terms and in ours."""

from __future__ import annotations

from greenswitch.esl import NotConnectedError, OutboundSessionHasGoneAway


class SwitchGone(NotConnectedError, OutboundSessionHasGoneAway, ConnectionError):
    """The connection is over, or was never there; the message says why."""


class PasswordRefused(SwitchGone, ValueError):
    """The switch does not accept the control line's password."""

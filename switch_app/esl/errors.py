"""Who broke the wire: we (a bug here) or they (close the connection)."""

from __future__ import annotations

from collections.abc import Sequence


class WireError(Exception):
    """The rules of the Event Socket are broken."""


class LocalWireError(WireError):
    """We were asked to send or to do what the wire does not allow: a bug on this side."""


class RemoteWireError(WireError):
    """The peer sent what the wire does not allow; nothing after it can be trusted.

    before: the messages of the same read that were complete before the break, oldest first.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.before: Sequence[object] = ()

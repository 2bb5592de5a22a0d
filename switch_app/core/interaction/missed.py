"""A call that nobody here has ever seen: opened and closed in one turn, so that it has a record too."""

from __future__ import annotations

from .. import facts as f
from .. import signals as s
from ..moments import seconds
from .draft import Draft


def write_down(draft: Draft, signal: s.CallerNeverReached) -> None:
    """The caller was not served, and that is our failure: neither a completed nor an abandoned contact."""
    arrived_at = min(signal.arrived_at or draft.now, draft.now)
    gone_at = min(max(signal.gone_at, arrived_at), draft.now)
    draft.fact(
        f.InteractionOpened(
            signal.interaction,
            "voice",
            "inbound",
            signal.leg,
            signal.ani,
            signal.ani,
            signal.dnis,
            signal.flow,
            signal.version,
            arrived_at,
        ),
        f.CallMissed(seconds(arrived_at, gone_at)),
    )
    draft.close("failed", "away", ended_at=gone_at)

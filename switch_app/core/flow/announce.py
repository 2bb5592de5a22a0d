"""Say something and go on: at its end, or at the first digit where barge-in is on (the digit is kept)."""

from __future__ import annotations

from typing import Any

from ..signals import DigitPressed, PlayEnded, TimerFired
from .turn import PLAY_LIMIT_S, Turn


def announce(turn: Turn, sounds: tuple[str, ...], barge_in: bool = True, **more: Any) -> bool:
    """Start saying. True if there is nothing to wait for (no sounds, or digits typed ahead)."""
    if not sounds or (barge_in and turn.session.typed):
        return True
    turn.wait("say", turn.play(sounds), PLAY_LIMIT_S, barge_in=barge_in, **more)
    return False


def announced(turn: Turn, signal: Any) -> bool:
    """Whether the saying is over with this signal."""
    if not isinstance(signal, DigitPressed):
        return isinstance(signal, (PlayEnded, TimerFired))
    if turn.session.wait["barge_in"]:
        turn.stop_play()
        return True
    return False

"""Look from time to time whether floor and interactions agree, and put right what a bug has left behind."""

from __future__ import annotations

import logging

from switch_app.core.agreement import Agreement

from .turn import Turns

log = logging.getLogger(__name__)


class Mender:
    """`look` every few seconds; what it does is in the log, and in the journal as Mended."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self._agreement = turns, Agreement()

    def look(self) -> None:
        turns = self._turns
        contacts = {state.interaction: state for state in turns.interactions.values() if state.interaction}
        for stream, signal in self._agreement.look(turns.floor, contacts, turns.now()):
            log.error("%s does not agree with the others and is put right: %s", stream, signal)
            turns.take(stream, signal)

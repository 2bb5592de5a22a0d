"""What a flow asks of the interaction that carries it, and what it hears back.

These are not orders of a port: core/interaction translates them for the floor.
"""

from __future__ import annotations

from ..record import record as request


@request
class EnterQueue:
    """Queue the caller -> QueueEnded. The caller hears `words` (sounds), then music.

    needs: an expression over skills ("" = the queue's own rule). priority: higher is served first.
    boost_s: seconds of waiting given in advance. leave_keys: digits that take the caller out again.
    position_words: sounds that follow each announcement of the position.
    """

    queue: str
    needs: str = ""
    priority: int = 0
    boost_s: float = 0.0
    leave_keys: str = ""
    language: str = ""
    customer: str = ""  # its number, "" when unknown
    music: str = "music"  # name of the prompt that plays meanwhile
    words: tuple[str, ...] = ()
    position_words: tuple[str, ...] = ()


@request
class ChangePresence:
    """An agent's wish by keypad -> PresenceAnswered(ref).

    state: logged_in | logged_out | ready | ready_once | not_ready | wrap_up_done.
    agent: its number; "" = whoever is logged in at the phone `contact`.
    """

    ref: str
    agent: str
    state: str
    reason: str = ""
    contact: str = ""


@request
class QueueEnded:
    """The one result of EnterQueue. outcome: answered (the talk is over and the caller is back) |
    timeout | empty | full | left (the caller pressed `digit`, one of leave_keys)."""

    outcome: str
    digit: str = ""

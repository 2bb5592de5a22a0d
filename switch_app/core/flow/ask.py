"""Ask for digits: type-ahead, barge-in, first-digit and inter-digit time-outs, terminator.

The wait holds the play's ref while the prompt plays and one timer; session.digits is the entry so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..signals import DigitPressed, PlayEnded
from .turn import PLAY_LIMIT_S, Turn

SWALLOW_S = 2.0  # callers end a full entry with # all the same


@dataclass(frozen=True, slots=True)
class Question:
    """keys: a menu's choices; empty = a number of least..most digits, ended by end_key, `*` starts again."""

    keys: frozenset[str] = frozenset()
    least: int = 1
    most: int = 1
    end_key: str = "#"
    first_s: float = 5.0
    inter_s: float = 3.0
    barge_in: bool = True
    flush: bool = False
    secret: bool = False  # what is pressed
    hushed: bool = False  # what is said: it repeats a secret


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of a question."""

    kind: Literal["done", "invalid", "no_input"]
    digits: str = ""


def ask(turn: Turn, question: Question, sounds: tuple[str, ...], **more: Any) -> Entry | None:
    """Ask; the entry at once if it was typed ahead. `more` is kept in the wait."""
    session = turn.session
    session.digits = ""
    more |= {"secret": question.secret, "hushed": question.hushed}  # for interaction/discretion.py
    if question.flush:
        session.typed = ""
    if question.secret:
        turn.shield(True)
    entry = _take(turn, question) if question.barge_in else None
    if entry:
        return _close(turn, question, entry)
    if session.digits or not sounds:
        turn.answer()
        turn.wait("digits", "", question.inter_s if session.digits else question.first_s, **more)
    else:
        turn.wait("digits", turn.play(sounds), PLAY_LIMIT_S, **more)
    return None


def heard(turn: Turn, question: Question, signal: Any) -> Entry | None:
    """Go on with a question. None while the entry is not complete."""
    wait = turn.session.wait
    if isinstance(signal, DigitPressed):
        if wait["ref"] and not question.barge_in:
            return None  # kept as type-ahead until the prompt is over
        if wait["ref"]:
            wait["ref"] = ""
            turn.stop_play()
        entry = _take(turn, question)
    elif isinstance(signal, PlayEnded) or wait["ref"]:
        wait["ref"] = ""
        entry = _take(turn, question)
    else:
        entry = _at_timeout(turn, question)
    if entry:
        return _close(turn, question, entry)
    turn.limit(question.inter_s if turn.session.digits else question.first_s)
    return None


def _take(turn: Turn, question: Question) -> Entry | None:
    """Move typed digits into the entry until it is complete."""
    session = turn.session
    while session.typed:
        digit, session.typed = session.typed[0], session.typed[1:]
        entry = _choice(turn, question, digit) if question.keys else _figure(turn, question, digit)
        if entry:
            return entry
    return None


def _choice(turn: Turn, question: Question, digit: str) -> Entry | None:
    turn.session.digits += digit
    pressed = turn.session.digits
    longer = any(key != pressed and key.startswith(pressed) for key in question.keys)
    if longer:
        return None
    return Entry("done" if pressed in question.keys else "invalid", pressed)


def _figure(turn: Turn, question: Question, digit: str) -> Entry | None:
    session = turn.session
    if digit == question.end_key:
        return Entry("done" if len(session.digits) >= question.least else "invalid", session.digits)
    if digit == "*":
        session.digits = ""
        return None
    if not digit.isdigit():
        return None
    session.digits += digit
    if len(session.digits) < question.most:
        return None
    session.swallow, session.swallow_until = question.end_key, turn.now + SWALLOW_S
    return Entry("done", session.digits)


def _at_timeout(turn: Turn, question: Question) -> Entry:
    digits = turn.session.digits
    if not digits:
        return Entry("no_input")
    complete = digits in question.keys if question.keys else len(digits) >= question.least
    return Entry("done" if complete else "invalid", digits)


def _close(turn: Turn, question: Question, entry: Entry) -> Entry:
    turn.stop_waiting()
    turn.session.digits = ""
    if entry.kind == "invalid":
        turn.session.typed = ""  # what follows a mistake was meant for something else
    if question.secret:
        turn.shield(False)
    return entry

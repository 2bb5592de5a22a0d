"""The fold of a fact into its stream's state, in the turn that made it as after a start.

A fact that cannot be folded (a bug, an entry that was lost before it, a kind that only a newer version knows)
is passed over, and no other with it: the calls of that moment go on, and every start comes up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from switch_app.core import facts as f
from switch_app.core.plain import from_plain

from .journal_reader import Entry

log = logging.getLogger(__name__)

S = TypeVar("S")
Evolve = Callable[[S, Any, float], None]


def fact_of(entry: Entry) -> Any:
    """The record of a stored fact. Raises KeyError, pydantic.ValidationError for what we don't know."""
    return from_plain(f.KINDS[entry.kind], entry.data)


def fold_fact(evolve: Evolve[S], state: S, fact: Any, at: float) -> None:
    """Fold in what has just happened; `evolve` counts it in any case."""
    try:
        evolve(state, fact, at)
    except Exception:
        log.exception("a fact cannot be folded and is passed over: %s", fact)


def fold_entry(evolve: Evolve[S], state: S, entry: Entry) -> None:
    """Fold in what is stored."""
    try:
        evolve(state, fact_of(entry), entry.at)
    except Exception:
        where = f"{entry.stream} {entry.version}, {entry.kind}"
        log.exception("entry %d (%s) cannot be folded and is passed over", entry.position, where)

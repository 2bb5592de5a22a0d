"""Wrong guesses, counted so that guessing stays slow and nobody is locked out for long.

A bucket takes `burst` wrong guesses at once and then one every `every_s`; while it is full, a guess is
refused whatever it was. It is kept as one moment, at which it will be empty again (the generic cell rate
algorithm): when that is past, the row says nothing any more and goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .tables import Guess
from .text import clean


class Bucket(NamedTuple):
    """What a wrong guess counts against. subject: of which login, place or browser (`pin:1001`)."""

    subject: str
    burst: int
    every_s: float


def full(buckets: Iterable[Bucket], now: float) -> bool:
    """Within Database.read: whether a guess would be refused, whatever it is."""
    return any(_is_full(bucket, max(_empty_at(bucket.subject), now), now) for bucket in buckets)


def weigh(right: bool, buckets: Iterable[Bucket], forgiven: Iterable[Bucket], now: float) -> bool:
    """Within Database.write: whether a guess holds: it is right, and none of its buckets is full.

    A wrong one is put into all of them; one that is refused into none, so that who goes on against a full
    bucket fills no other. A right one empties those of `forgiven`.
    """
    buckets = list(buckets)
    filled = {bucket.subject: max(_empty_at(bucket.subject), now) for bucket in buckets}
    if any(_is_full(bucket, filled[bucket.subject], now) for bucket in buckets):
        return False
    if right:
        _forget([bucket.subject for bucket in forgiven])
        return True
    Guess.delete().where(Guess.empty_at <= now).execute()
    for bucket in buckets:
        _put(bucket.subject, filled[bucket.subject] + bucket.every_s)
    return False


def _is_full(bucket: Bucket, empty_at: float, now: float) -> bool:
    return empty_at - now > (bucket.burst - 1) * bucket.every_s


def _key(subject: str) -> str:
    return clean(subject, 128)


def _empty_at(subject: str) -> float:
    row = Guess.get_or_none(Guess.subject == _key(subject))
    return row.empty_at if row else 0.0


def _put(subject: str, empty_at: float) -> None:
    row = {"empty_at": empty_at}
    Guess.insert(subject=_key(subject), **row).on_conflict(
        conflict_target=[Guess.subject], update=row
    ).execute()


def _forget(subjects: list[str]) -> None:
    Guess.delete().where(Guess.subject.in_([_key(subject) for subject in subjects])).execute()

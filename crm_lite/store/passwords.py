"""Passwords and PINs: argon2id, and a pause after wrong guesses (guesses.py).

A check costs the same whether the subject exists and whether it is wrong, so that time tells nothing. Only
who must wait is refused at once: a flood of guesses is to hold up nobody else, and it is no news to the
guesser, for guesses at nobody's secret are counted alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .database import Database
from .guesses import Bucket, full, weigh

ALLOWED = 5  # wrong guesses at once from one place
PAUSE_S = 300.0  # then one more in so long

# OWASP's second profile: 19 MiB, two passes; about 20 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody's secret")


def hashed(secret: str) -> str:
    """The secret's argon2id hash, salted."""
    return _HASHER.hash(secret)


def proven(
    db: Database,
    pw_hash: str | None,
    secret: str,
    now: float,
    buckets: Iterable[Bucket],
    forgiven: Iterable[Bucket] | None = None,
) -> bool:
    """Whether `secret` belongs to `pw_hash` (None: nobody's) and none of the buckets is full.

    A wrong guess is counted in all of them; a right one is forgiven those of `forgiven` (None: all).
    """
    buckets = list(buckets)
    forgiven = buckets if forgiven is None else list(forgiven)
    return db.aside(_weighed, db, pw_hash, secret, now, buckets, forgiven)


def few(subject: str) -> Bucket:
    """The bucket of one place: five at once, then one in five minutes."""
    return Bucket(subject, ALLOWED, PAUSE_S)


def _weighed(
    db: Database, pw_hash: str | None, secret: str, now: float, buckets: list[Bucket], forgiven: list[Bucket]
) -> bool:
    """In one go: of the guesses that are sent at once, those behind the last allowed one cost no hash."""
    if db.read(full, buckets, now):
        return False
    right = _verify(pw_hash or _NOBODY, secret) and pw_hash is not None
    return db.write(weigh, right, buckets, forgiven, now)


def _verify(pw_hash: str, secret: str) -> bool:
    try:
        return _HASHER.verify(pw_hash, secret)
    except (VerificationError, InvalidHashError):
        return False

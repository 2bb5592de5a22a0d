"""Passwords and PINs: argon2id, and a lock after wrong guesses in a row.

A check costs the same whether the subject exists, is shut or is wrong, so that time tells nothing.
"""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .database import Database
from .tables import Attempt
from .text import clean

ALLOWED = 5  # wrong guesses in a row
SHUT_S = 300.0

# OWASP's second profile: 19 MiB, two passes; about 20 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody's secret")


def hashed(secret: str) -> str:
    """The secret's argon2id hash, salted."""
    return _HASHER.hash(secret)


def proven(db: Database, subject: str, pw_hash: str | None, secret: str, now: float) -> bool:
    """Whether `secret` belongs to `pw_hash` (None: nobody's), counting wrong guesses about `subject`."""
    right = db.aside(_verify, pw_hash or _NOBODY, secret) and pw_hash is not None
    return db.write(count, subject, right, now)


def shut_until(db: Database, subject: str) -> float:
    """Until when (epoch seconds) every guess about the subject is refused; 0 when it is not."""
    return db.read(lambda: _attempt(subject).shut_until)


def _verify(pw_hash: str, secret: str) -> bool:
    try:
        return _HASHER.verify(pw_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


def _attempt(subject: str) -> Attempt:
    return Attempt.get_or_none(Attempt.subject == clean(subject, 128)) or Attempt(subject=clean(subject, 128))


def count(subject: str, right: bool, now: float, allowed: int = ALLOWED) -> bool:
    """Within Database.write: count a guess about the subject; whether it holds (right, and not shut)."""
    attempt = _attempt(subject)
    if attempt.shut_until > now:
        return False
    failed = 0 if right else attempt.failed + 1
    if right and not attempt.failed:
        return True
    shut = now + SHUT_S if failed >= allowed else 0.0
    row = {"failed": 0 if shut else failed, "shut_until": shut}
    Attempt.insert(subject=attempt.subject, **row).on_conflict(
        conflict_target=[Attempt.subject], update=row
    ).execute()
    return right

"""Who is at the other end: users with a password, and agents with their number and PIN.

A login lasts as long as the signed cookie says and as the credentials behind it stay what they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from crm_lite.store.database import Database
from crm_lite.store.passwords import count, proven
from crm_lite.store.tables import Agent, User
from crm_lite.store.text import clean

ROLES = ("admin", "supervisor", "agent")
GUESSES_FROM_ONE_ADDRESS = 30


@dataclass(frozen=True, slots=True)
class Person:
    """agent: the number behind the desk, "" for people who take no calls."""

    login: str
    name: str
    role: str
    agent: str = ""
    language: str = ""
    user_id: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    person: Person
    pw_hash: str
    stamp: str  # changes with the credentials


def sign_in(db: Database, login: str, secret: str, address: str, now: float) -> dict[str, str] | None:
    """What to keep in the session, or None. Five wrong guesses from an address shut that login to it.

    The PIN of an agent counts with the guesses made by phone.
    """
    known = db.read(_known, login)
    subject = f"pin:{login}" if known and not known.person.user_id else f"login:{login[:64]}@{address}"
    right = proven(db, subject, known.pw_hash if known else None, secret, now)
    open_to = db.write(count, f"address:{address}", right, now, GUESSES_FROM_ONE_ADDRESS)
    if known is None or not right or not open_to:
        return None
    return {"login": known.person.login, "stamp": known.stamp}


def person_of(db: Database, kept: Any) -> Person | None:
    """The person of a session; None when the login has ended or its credentials have changed."""
    if not isinstance(kept, dict):
        return None
    known = db.read(_known, str(kept.get("login", "")))
    return known.person if known and known.stamp == kept.get("stamp") else None


def _known(login: str) -> _Known | None:
    login = clean(login)
    user = User.get_or_none((User.login == login) & User.active)
    if user:
        person = Person(user.login, user.name, user.role, user.agent or "", user.language, user.id)
        return _Known(person, user.password_hash, f"u{user.id}.{user.stamp}")
    agent = Agent.get_or_none((Agent.number == login) & Agent.active)
    if agent and agent.pin_hash:
        stamp = "a" + sha256(agent.pin_hash.encode()).hexdigest()[:16]
        return _Known(Person(agent.number, agent.name, "agent", agent.number), agent.pin_hash, stamp)
    return None

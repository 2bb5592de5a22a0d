"""Who may come in, what they did, and how often somebody guessed wrong."""

from __future__ import annotations

import peewee

from .base import Row


class User(Row):
    """A login of the web pages. role: admin | supervisor | agent; agent: the number behind /desk.

    stamp: goes up with each change of password or role, which ends the user's open logins.
    """

    id = peewee.AutoField()
    login = peewee.CharField(64, unique=True)
    name = peewee.CharField(100, default="")
    role = peewee.CharField(16)
    password_hash = peewee.CharField(200)
    agent = peewee.CharField(16, null=True)
    language = peewee.CharField(8, default="")
    active = peewee.BooleanField(default=True)
    stamp = peewee.IntegerField(default=1)

    class Meta:
        table_name = "users"


class Login(Row):
    """An open login of a user or an agent (`login`: the number). id: the hash of what the browser keeps."""

    id = peewee.CharField(64, primary_key=True)
    login = peewee.CharField(64, index=True)
    opened_at = peewee.DoubleField()
    ends_at = peewee.DoubleField()

    class Meta:
        table_name = "logins"


class Audit(Row):
    """Who changed what, when. what: a stable word (agent.edited); subject: which one; detail: the change."""

    id = peewee.AutoField()
    at = peewee.DoubleField(index=True)
    who = peewee.CharField(64)
    what = peewee.CharField(64)
    subject = peewee.CharField(200, index=True)
    detail = peewee.TextField(default="")

    class Meta:
        table_name = "audit"


class Guess(Row):
    """Wrong guesses about a subject (`pin:1001`, `login:anna`): its bucket is empty again at `empty_at`."""

    subject = peewee.CharField(128, primary_key=True)
    empty_at = peewee.DoubleField(index=True)

    class Meta:
        table_name = "guesses"

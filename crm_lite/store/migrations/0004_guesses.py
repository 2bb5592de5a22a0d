"""Wrong guesses as buckets that empty with time; those counted before are forgotten."""

import peewee


class Attempt(peewee.Model):
    subject = peewee.CharField(128, primary_key=True)
    failed = peewee.IntegerField()
    shut_until = peewee.DoubleField()

    class Meta:
        table_name = "attempts"


class Guess(peewee.Model):
    subject = peewee.CharField(128, primary_key=True)
    empty_at = peewee.DoubleField(index=True)

    class Meta:
        table_name = "guesses"


def up(migrator, db):
    with db.bind_ctx([Attempt, Guess]):
        db.drop_tables([Attempt])
        db.create_tables([Guess])


def down(migrator, db):
    with db.bind_ctx([Attempt, Guess]):
        db.drop_tables([Guess])
        db.create_tables([Attempt])

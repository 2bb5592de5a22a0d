"""The open logins of the web pages, so that a login can be ended here."""

import peewee


class Login(peewee.Model):
    id = peewee.CharField(64, primary_key=True)
    login = peewee.CharField(64, index=True)
    opened_at = peewee.DoubleField()
    ends_at = peewee.DoubleField()

    class Meta:
        table_name = "logins"


TABLES = [Login]


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)


def down(migrator, db):
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)

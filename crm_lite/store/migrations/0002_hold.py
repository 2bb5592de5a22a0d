"""The time that a customer was on hold in a talk."""

import peewee


def up(migrator, db):
    migrator.migrate(migrator.add_column("interactions", "hold_s", peewee.DoubleField(default=0.0)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("interactions", "hold_s"))

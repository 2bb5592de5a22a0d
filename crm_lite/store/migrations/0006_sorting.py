"""Interactions are listed by what was dialled, by wait and by talk, the newest first among equals."""

COLUMNS = ("dnis", "wait_s", "talk_s")


def up(migrator, db):
    migrator.migrate(*[migrator.add_index("interactions", (name, "opened_at"), False) for name in COLUMNS])


def down(migrator, db):
    names = [f"interactions_{name}_opened_at" for name in COLUMNS]
    migrator.migrate(*[migrator.drop_index("interactions", name) for name in names])

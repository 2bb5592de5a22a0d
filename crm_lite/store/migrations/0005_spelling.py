"""Customers are found and sorted by how their names are spelt (pinyin, no accents)."""

import peewee

# Not frozen as the tables are: a later rule of spelling comes with a migration of its own, which fills anew.
from crm_lite.store import spelling

AT_ONCE = 500


class Customer(peewee.Model):
    id = peewee.AutoField()
    name = peewee.CharField(200)
    found_by = peewee.TextField(default="")
    placed = peewee.CharField(100, default="", index=True)

    class Meta:
        table_name = "customers"


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("customers", "found_by", Customer.found_by),
        migrator.add_column("customers", "placed", Customer.placed),
    )
    with db.bind_ctx([Customer]):
        last = 0
        while rows := list(Customer.select().where(Customer.id > last).order_by(Customer.id).limit(AT_ONCE)):
            for row in rows:
                row.found_by, row.placed = spelling.keys(row.name), spelling.order(row.name)
            Customer.bulk_update(rows, [Customer.found_by, Customer.placed], 50)
            last = rows[-1].id


def down(migrator, db):
    migrator.migrate(
        migrator.drop_index("customers", "customers_placed"),
        migrator.drop_column("customers", "found_by"),
        migrator.drop_column("customers", "placed"),
    )

"""Customers, their phone numbers, their accounts, their tier. Edited by people, with an audit line."""

from __future__ import annotations

from typing import Any

import peewee

from .. import spelling
from .base import Row


class Tier(Row):
    """A class of customers (gold ...). priority: higher is served first."""

    name = peewee.CharField(32, primary_key=True)
    priority = peewee.IntegerField()

    class Meta:
        table_name = "tiers"


class Customer(Row):
    """number: the customer's own number with us (C10001), not a phone's.

    found_by, placed: of the name, made at each save (spelling.py).
    """

    id = peewee.AutoField()
    number = peewee.CharField(32, unique=True)
    name = peewee.CharField(200, index=True)
    tier = peewee.ForeignKeyField(Tier, backref="customers", column_name="tier", on_delete="RESTRICT")
    language = peewee.CharField(8, default="zh")
    note = peewee.TextField(default="")
    found_by = peewee.TextField(default="")
    placed = peewee.CharField(100, default="", index=True)

    class Meta:
        table_name = "customers"

    def save(self, *args: Any, **kwargs: Any) -> Any:
        self.found_by, self.placed = spelling.keys(self.name), spelling.order(self.name)
        return super().save(*args, **kwargs)


class CustomerNumber(Row):
    """A phone number of a customer. e164: "+" and digits; tail: its last digits, for matching."""

    id = peewee.AutoField()
    customer = peewee.ForeignKeyField(Customer, backref="numbers", on_delete="CASCADE")
    e164 = peewee.CharField(24)
    tail = peewee.CharField(7, index=True)

    class Meta:
        table_name = "customer_numbers"
        indexes = ((("customer", "e164"), True),)


class Account(Row):
    """What a customer has with us. number: digits that can be keyed; balance in minor units (fen, cents)."""

    id = peewee.AutoField()
    customer = peewee.ForeignKeyField(Customer, backref="accounts", on_delete="CASCADE")
    number = peewee.CharField(32, unique=True)
    balance_minor = peewee.BigIntegerField(default=0)
    currency = peewee.CharField(3, default="CNY")

    class Meta:
        table_name = "accounts"

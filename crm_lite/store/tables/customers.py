"""Customers, their phone numbers, their accounts, their tier. Edited by people, with an audit line."""

from __future__ import annotations

import peewee

from .base import Row


class Tier(Row):
    """A class of customers (gold ...). priority: higher is served first."""

    name = peewee.CharField(32, primary_key=True)
    priority = peewee.IntegerField()

    class Meta:
        table_name = "tiers"


class Customer(Row):
    """number: the customer's own number with us (C10001), not a phone's."""

    id = peewee.AutoField()
    number = peewee.CharField(32, unique=True)
    name = peewee.CharField(200, index=True)
    tier = peewee.ForeignKeyField(Tier, backref="customers", column_name="tier", on_delete="RESTRICT")
    language = peewee.CharField(8, default="zh")
    note = peewee.TextField(default="")

    class Meta:
        table_name = "customers"


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

"""Customers: who they are, their phone numbers and accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import fn

from ..audit import changes, write_audit
from ..database import Database
from ..phone_numbers import digits_of, tail
from ..queries.spelt import spelt_as
from ..tables import Account, Customer, CustomerNumber, Tier
from ..text import clean
from . import Unfit

FIELDS = ("name", "tier", "language", "note")
Accounts = Sequence[tuple[str, int, str]]  # number, balance in minor units, currency


def tiers(db: Database) -> list[str]:
    """The names of the tiers, lowest priority first."""
    return db.read(lambda: [row.name for row in Tier.select().order_by(Tier.priority)])


def search_customers(
    db: Database, text: str, limit: int = 50, offset: int = 0, sort: str = "name"
) -> list[dict[str, Any]]:
    """Customers by part of a name, its spelling (pinyin) or a phone number, or by customer or account number:
    [{id, number, name, tier, language, numbers}].

    sort: name (as it is spelt), number, tier or language, with `-` before it downwards. Raises ValueError.
    """
    return db.read(_search, clean(text).strip(), limit, offset, sort)


def save_customer(
    db: Database,
    who: str,
    id: int | None,
    values: Mapping[str, str],
    phones: Sequence[str],
    accounts: Accounts,
) -> int:
    """Make (id None) or change a customer; returns the id. phones: E.164, in order. Raises Unfit."""
    return db.write(_save, who, id, values, phones, accounts)


def _search(text: str, limit: int, offset: int, sort: str) -> list[dict[str, Any]]:
    query = Customer.select().join(Tier).order_by(*_order(sort), Customer.placed, Customer.name, Customer.id)
    if text:
        found = Customer.name.contains(text) | (fn.UPPER(Customer.number) == text.upper())
        if (spelt := spelt_as(text)) is not None:
            found |= spelt
        found |= Customer.id.in_(Account.select(Account.customer).where(Account.number == text))
        if digits_of(text):
            part = CustomerNumber.e164.contains(digits_of(text))
            found |= Customer.id.in_(CustomerNumber.select(CustomerNumber.customer).where(part))
        if tail(text):
            numbers = CustomerNumber.select(CustomerNumber.customer).where(CustomerNumber.tail == tail(text))
            found |= Customer.id.in_(numbers)
        query = query.where(found)
    rows = list(query.limit(limit).offset(offset))
    phones: dict[int, list[str]] = {row.id: [] for row in rows}
    for each in (
        CustomerNumber.select().where(CustomerNumber.customer.in_(list(phones))).order_by(CustomerNumber.id)
    ):
        phones[each.customer_id].append(each.e164)
    return [
        {"id": row.id, "number": row.number, "name": row.name, "tier": row.tier_id, "language": row.language,
         "numbers": phones[row.id]}
        for row in rows
    ]  # fmt: skip


def _order(sort: str) -> list[Any]:
    terms = {
        "name": (),
        "number": (fn.LENGTH(Customer.number), Customer.number),
        "tier": (Tier.priority,),
        "language": (Customer.language,),
    }.get(sort.removeprefix("-"))
    if terms is None:
        raise ValueError(f"customers are not sorted by {sort!r}")
    if sort == "-name":
        terms = (Customer.placed, Customer.name)
    return [term.desc() if sort.startswith("-") else term.asc() for term in terms]


def _save(
    who: str, id: int | None, values: Mapping[str, str], phones: Sequence[str], accounts: Accounts
) -> int:
    row = Customer.get_or_none(Customer.id == id) if id else Customer(number=_next_number())
    if row is None:
        raise Unfit("name", "unknown")
    if not Tier.select().where(Tier.name == values["tier"]).exists():
        raise Unfit("tier", "unknown")
    before = _told(row) if id else {}
    for name in FIELDS:
        setattr(row, name, values[name])
    row.save()
    _set_phones(row, phones)
    _set_accounts(row, accounts)
    if told := changes(before, _told(row)):
        write_audit(who, "customer.edited" if id else "customer.created", row.number, told)
    return int(row.id)


def _set_phones(row: Customer, phones: Sequence[str]) -> None:
    CustomerNumber.delete().where(CustomerNumber.customer == row.id).execute()
    for e164 in dict.fromkeys(phones):
        CustomerNumber.create(customer=row, e164=e164, tail=tail(e164))


def _set_accounts(row: Customer, accounts: Accounts) -> None:
    numbers = [number for number, _, _ in accounts]
    if len(set(numbers)) < len(numbers):
        raise Unfit("accounts", "taken")
    if Account.select().where(Account.number.in_(numbers) & (Account.customer != row.id)).exists():
        raise Unfit("accounts", "taken")
    Account.delete().where(Account.customer == row.id).execute()
    for number, balance_minor, currency in accounts:
        Account.create(customer=row, number=number, balance_minor=balance_minor, currency=currency)


def _next_number() -> str:
    last = Customer.select().order_by(Customer.id.desc()).first()
    return f"C{10_001 + (last.id if last else 0)}"


def _told(row: Customer) -> dict[str, Any]:
    phones = CustomerNumber.select().where(CustomerNumber.customer == row.id).order_by(CustomerNumber.id)
    accounts = Account.select().where(Account.customer == row.id).order_by(Account.number)
    told = {name: row.tier_id if name == "tier" else getattr(row, name) for name in FIELDS}
    return told | {
        "phones": ", ".join(each.e164 for each in phones),
        "accounts": [[each.number, each.balance_minor, each.currency] for each in accounts],
    }

"""Customers as a flow, a desk and a page need them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..database import Database
from ..phone_numbers import best, tail
from ..tables import Account, Customer, CustomerNumber, Interaction, Tier
from ..text import clean
from .interactions import moment

LAST = 5  # interactions shown with a customer


def find_customer(db: Database, by: str, value: str) -> dict[str, Any] | None:
    """The customer with a phone number (by="number") or an account number (by="account"), else None.

    -> {id, number, name, tier, priority, language, numbers: [e164], accounts: [{number, balance,
    balance_minor, currency}], interactions: [{id, direction, queue, agent, outcome, opened_at, ...}]}.
    A phone number that several customers share finds nobody. Raises ValueError on another `by`.
    """
    finders = {"number": _by_number, "account": _by_account}
    if by not in finders:
        raise ValueError(f"customers are found by number or account, not by {by!r}")
    return db.read(_found, finders[by], value)


def customer(db: Database, id: int) -> dict[str, Any] | None:
    """The customer with this id, in the same form, or None."""
    return db.read(_described, id)


def _found(finder: Any, value: str) -> dict[str, Any] | None:
    id = finder(value)
    return None if id is None else _described(id)


def _by_number(value: str) -> int | None:
    rows = CustomerNumber.select().where(CustomerNumber.tail == tail(value)) if tail(value) else ()
    return best(value, ((row.e164, row.customer_id) for row in rows))


def _by_account(value: str) -> int | None:
    row = Account.get_or_none(Account.number == clean(value).strip())
    return row.customer_id if row else None


def _described(id: int) -> dict[str, Any] | None:
    row = Customer.select(Customer, Tier).join(Tier).where(Customer.id == id).get_or_none()
    if row is None:
        return None
    numbers = CustomerNumber.select().where(CustomerNumber.customer == id).order_by(CustomerNumber.id)
    accounts = Account.select().where(Account.customer == id).order_by(Account.number)
    return {
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "tier": row.tier_id,
        "priority": row.tier.priority,
        "language": row.language,
        "note": row.note,
        "numbers": [number.e164 for number in numbers],
        "accounts": [_account(account) for account in accounts],
        "interactions": list(_last(id)),
    }


def _account(row: Account) -> dict[str, Any]:
    return {
        "number": row.number,
        "balance": row.balance_minor / 100,
        "balance_minor": row.balance_minor,
        "currency": row.currency,
    }


def _last(id: int) -> Iterable[dict[str, Any]]:
    rows = (
        Interaction.select()
        .where(Interaction.customer_id == id)
        .order_by(Interaction.opened_at.desc(), Interaction.id)
        .limit(LAST)
    )
    for row in rows:
        yield {
            "id": row.id,
            "direction": row.direction,
            "queue": row.queue,
            "agent": row.agent,
            "outcome": row.outcome,
            "disposition": row.disposition,
            "note": row.note,
            "opened_at": moment(row.opened_at),
        }

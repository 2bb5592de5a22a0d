"""Show the newest interactions, or one of them with its timeline."""

from __future__ import annotations

from typing import Any

import click

from ..core.errors import Refused
from ._open import crm
from .show import as_json, plain, table


@click.command()
@click.argument("id", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option("--internal", is_flag=True, help="Agents' own calls (keypad codes) too.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(id: str | None, limit: int, internal: bool, json_: bool) -> None:
    """Show the newest interactions with customers, or the one with this ID with its timeline."""
    from crm_lite.store.queries.interactions import interaction, interactions

    with crm() as db:
        if id is None:
            found = interactions(db, limit, None if internal else {"without_direction": "internal"})
            click.echo(as_json(found) if json_ else _list(found))
            return
        one = interaction(db, id)
    if one is None:
        raise Refused("unknown_interaction", f"there is no interaction {id!r}")
    click.echo(as_json(one) if json_ else _timeline(one))


def _list(found: list[dict[str, Any]]) -> str:
    columns = "opened_at id from to customer queue agent outcome wait_s talk_s hold_s".split()
    return table([{**lasting(each), "customer": _name(each)} for each in found], columns)


def lasting(each: dict[str, Any]) -> dict[str, Any]:
    """For people: what a contact that goes on has not had yet is nothing, not 0 s."""
    if each["closed_at"]:
        return each
    return each | {name: each[name] or None for name in ("wait_s", "talk_s", "hold_s")}


def _name(each: dict[str, Any]) -> str | None:
    return (each["customer"] or {}).get("name")


def _timeline(one: dict[str, Any]) -> str:
    shown = {name: value for name, value in lasting(one).items() if name not in ("facts", "customer")}
    head = [{"field": name, "value": value} for name, value in shown.items()]
    head.append({"field": "customer", "value": _name(one)})
    facts = [f"{fact['at']}  {fact['kind']:<20}  {_short(fact['data'])}" for fact in one["facts"]]
    return "\n".join([table(head, ("field", "value")), "", *facts])


def _short(data: dict[str, Any]) -> str:
    parts = (f"{name}={value}" for name, value in data.items() if value not in ("", None, [], {}))
    return plain(" ".join(parts))[:160]

"""Show the agents as they are now (needs a running call server)."""

from __future__ import annotations

import click

from ._open import control
from .show import as_json, iso, moment, table


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(json_: bool) -> None:
    """Show the agents as they are now: presence, since when, the current interaction."""
    found = control().ask("floor")["agents"]
    columns = ("agent", "name", "state", "reason", "since", "contact", "interaction")
    if json_:
        moments = [{name: iso(each.get(name)) for name in ("since", "until")} for each in found]
        click.echo(as_json([{**each, **named} for each, named in zip(found, moments, strict=True)]))
        return
    for each in found:
        each["since"] = moment(each["since"])
    click.echo(table(found, columns))

"""Show the queues as they are now (needs a running call server)."""

from __future__ import annotations

import click

from ._open import control
from .show import as_json, table


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(json_: bool) -> None:
    """Show the queues as they are now: waiting, agents, today's figures."""
    found = control().ask("floor")["queues"]
    columns = (
        "name", "waiting", "longest_wait_s", "logged_in", "ready", "talking",
        "answered_today", "abandoned_today", "service_level",
    )  # fmt: skip
    click.echo(as_json(found) if json_ else table(found, columns))

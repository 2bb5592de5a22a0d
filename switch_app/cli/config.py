"""Show every setting, its value and where it is from."""

from __future__ import annotations

import click

from ..settings import SETTINGS, load
from .show import as_json, table


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(json_: bool) -> None:
    """Show every setting, its value and where it is from."""
    settings = load()
    rows = [
        {
            "name": each.name,
            "value": str(settings.value(each) or ""),
            "source": settings.sources[each.name],
            "variable": each.variable,
            "meaning": each.meaning,
        }
        for each in SETTINGS
    ]
    click.echo(as_json(rows) if json_ else table(rows, ("name", "value", "source", "variable")))

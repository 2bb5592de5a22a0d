"""What editors want to know of flows: `flows schema` prints their JSON schema."""

from __future__ import annotations

import click

from .show import as_json


@click.group()
def command() -> None:
    """What editors want to know of flows (`hotline check` looks at the flows themselves)."""


@command.command()
def schema() -> None:
    """Print the JSON schema of a flow's file: fields, types and limits, for editors."""
    from ..core.flow.schema import flow_schema

    click.echo(as_json(flow_schema()))

"""The call server: holds the calls, routes them and keeps the journal (started by `run`)."""

from __future__ import annotations

import click

from ..settings import load
from ..supervisor import lifeline


@click.command()
def command() -> None:
    """The call server: holds the calls, routes them and keeps the journal (started by `run`)."""
    lifeline.tie()
    from ..bootstrap.serving import serve

    serve(load())

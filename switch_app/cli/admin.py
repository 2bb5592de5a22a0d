"""The web admin and the agents' desk (started by `run`)."""

from __future__ import annotations

import click

from ..settings import load
from ..supervisor import lifeline


@click.command()
def command() -> None:
    """The web admin and the agents' desk (started by `run`)."""
    lifeline.tie()
    from crm_lite.admin import serve

    serve(load())

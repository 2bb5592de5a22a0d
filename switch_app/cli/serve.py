"""The call server: holds the calls, routes them and keeps the journal (started by `run`)."""

from __future__ import annotations

import click

from ._open import service


@click.command()
def command() -> None:
    """The call server: holds the calls, routes them and keeps the journal (started by `run`)."""
    settings = service()
    from ..bootstrap.serving import serve

    serve(settings)

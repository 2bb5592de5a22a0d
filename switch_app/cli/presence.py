"""Change an agent's presence, as a supervisor does (needs a running call server)."""

from __future__ import annotations

import click

from ._open import control
from .show import as_json

STATES = ("logged_in", "logged_out", "ready", "ready_once", "not_ready", "wrap_up_done")


@click.command()
@click.argument("agent")
@click.argument("state", type=click.Choice(STATES))
@click.option("--reason", default="", help="Why not ready.")
@click.option("--contact", default="", help="The phone to ring (its account) when logging in [AGENT].")
def command(agent: str, state: str, reason: str, contact: str) -> None:
    """Change an agent's presence, as a supervisor does."""
    more = {"by": "supervisor"} | ({"contact": contact} if contact else {})
    click.echo(as_json(control().ask("presence", agent=agent, state=state, reason=reason, **more)))

"""Show the secrets made at the first start: SIP passwords, first PINs, first login."""

from __future__ import annotations

from dataclasses import asdict

import click

from .. import secrets_store
from ..core.errors import Refused
from ..settings import load
from .show import as_json, table


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
def command(json_: bool) -> None:
    """Show the secrets made at the first start: SIP passwords, first PINs, first login.

    What was changed in the admin since (PINs, logins) is kept there as a hash, and not shown.
    """
    try:
        found = secrets_store.load(load().secrets)
    except secrets_store.SecretsError as error:
        raise Refused("secrets_unusable", str(error)) from error
    if json_:
        click.echo(as_json(asdict(found)))
        return
    click.echo(f"admin's first login: {found.admin_login} / {found.admin_password}")
    click.echo(f"event socket's password: {found.esl_password}\n")
    rows = [
        {"agent": number, "sip_password": each.sip_password, "first_pin": each.pin}
        for number, each in found.agents.items()
    ]
    click.echo(table(rows, ("agent", "sip_password", "first_pin")))

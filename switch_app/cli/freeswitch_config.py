"""Write a complete, hardened configuration for a real FreeSWITCH into a folder."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from ..settings import load
from ..supervisor import first_start
from ..supervisor.rendering import render_freeswitch


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write a complete, hardened configuration for a real FreeSWITCH into FOLDER.

    It prints how to start FreeSWITCH with it. Run it again after addresses, named numbers or trunks
    changed, and restart FreeSWITCH; agents who come later are added by the running application.
    """
    settings = load()
    first_start.make_folders(settings)
    secrets, agents = first_start.accounts(settings, demo=False)
    render_freeswitch(settings, secrets, agents, folder)
    first_start.note_freeswitch_folder(settings, folder)
    click.echo(f"{folder}: written. Start: {start_command(folder.absolute())}")
    click.echo(f"call server {settings.call_server}, event socket {settings.freeswitch_address}")


def start_command(folder: Path) -> str:
    """FreeSWITCH wants -conf, -log and -db together or none of them (switch.c); -run holds its process id."""
    places = {"-conf": folder, **{f"-{name}": folder / name for name in ("log", "db", "run")}}
    options = [f"{option} {quote(str(place))}" for option, place in places.items()]
    return " ".join(["freeswitch -nonat -nc", *options])

"""Write a complete, hardened configuration for a real FreeSWITCH into a folder."""

from __future__ import annotations

from pathlib import Path

import click

from ..settings import load
from ..supervisor import first_start
from ..supervisor.rendering import render_freeswitch


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write a complete, hardened configuration for a real FreeSWITCH into FOLDER.

    Start it with: freeswitch -nonat -conf FOLDER. Run it again after agents, numbers or trunks changed,
    and tell FreeSWITCH `reloadxml`.
    """
    settings = load()
    first_start.make_folders(settings)
    secrets, agents = first_start.accounts(settings, demo=False)
    render_freeswitch(settings, secrets, agents, folder)
    first_start.note_freeswitch_folder(settings, folder)
    click.echo(f"{folder}: written. Start: freeswitch -nonat -conf {folder.absolute()}")
    click.echo(f"call server {settings.call_server}, event socket {settings.freeswitch_address}")

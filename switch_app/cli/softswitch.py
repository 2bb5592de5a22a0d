"""The embedded switch: SIP, audio and an event socket like FreeSWITCH's (started by `run`)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..settings import load
from ..supervisor import lifeline
from ..supervisor.first_start import SOFTSWITCH_CONFIG


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="Its JSON file [VAR/run/softswitch.json].")
def command(config: Path | None) -> None:
    """The embedded switch: SIP, audio and an event socket like FreeSWITCH's (started by `run`)."""
    lifeline.tie()
    from ..softswitch.__main__ import main

    sys.exit(main(str(config or load().run_dir / SOFTSWITCH_CONFIG)))

"""The embedded switch: SIP, audio and an event socket like FreeSWITCH's (started by `run`)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..supervisor import lifeline
from ..supervisor.first_start import SOFTSWITCH_CONFIG
from ._open import service


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="Its JSON file [VAR/run/softswitch.json].")
def command(config: Path | None) -> None:
    """The embedded switch: SIP, audio and an event socket like FreeSWITCH's (started by `run`)."""
    if config:
        lifeline.tie()
    path = config or service().run_dir / SOFTSWITCH_CONFIG
    from ..softswitch.__main__ import main

    sys.exit(main(str(path), lifeline.beat))

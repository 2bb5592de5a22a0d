"""Bring the whole call centre up: the switch, the call server and the admin, under one supervisor."""

from __future__ import annotations

import os
import signal
import sys

import click

from ..core.errors import Refused
from ..settings import load
from ..supervisor.recipe import run


@click.command()
@click.option("--demo", is_flag=True, help="Add simulated callers and agents on real SIP phones.")
def command(demo: bool) -> None:
    """Bring the whole call centre up. Ctrl-C or SIGTERM ends it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the supervisor takes it there is nothing to end
    if sys.stdout is not None:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if demo:
        from ..phones.phone import MISSING, available

        if not available():
            raise Refused("no_phones", f"--demo: {MISSING}; everything else works without")
    os.umask(0o027 | os.umask(0o077) & 0o077)  # VAR holds people's calls; a stricter mask stays
    sys.exit(run(load(), demo, click.echo))

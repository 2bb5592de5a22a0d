"""Simulated callers and agents on real SIP phones (started by `run --demo`)."""

from __future__ import annotations

import sys

import click

from .. import secrets_store
from ..supervisor import lifeline
from ._open import service


@click.command()
@click.option("--seed", default=1, show_default=True, help="Another seed, other people.")
@click.option("--calls-per-minute", default=11.0, show_default=True, type=click.FloatRange(0.1, 60))
def command(seed: int, calls_per_minute: float) -> None:
    """Simulated callers and agents on real SIP phones (started by `run --demo`)."""
    settings = service()
    from ..phones import demo

    known = secrets_store.load(settings.secrets).agents
    agents = {n: (known[n].sip_password, known[n].pin) for n in secrets_store.DEMO_AGENTS if n in known}
    say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    host = settings.advertise or settings.sip.host
    demo.run(f"{host}:{settings.sip.port}", agents, say, lifeline.ready, seed, calls_per_minute)

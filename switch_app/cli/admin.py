"""The web admin and the agents' desk (started by `run`)."""

from __future__ import annotations

import logging
import sys

import click

from .. import secrets_store
from ..settings import load
from ..supervisor import lifeline


@click.command()
def command() -> None:
    """The web admin and the agents' desk (started by `run`)."""
    lifeline.tie()
    from gevent import monkey

    monkey.patch_all()
    from crm_lite.admin import create_app, serve
    from crm_lite.admin.config import Config

    settings = load()
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    config = Config(
        database=settings.crm_database,
        secret_key=secrets_store.load(settings.secrets).flask_key,
        control_socket=settings.control_socket,
        var=settings.var,
        conf=settings.conf,
        flows=settings.flows,
        timezone=settings.timezone,
        language=settings.language,
        cooperative=True,
    )
    serve(create_app(config), settings.http.host, settings.http.port)

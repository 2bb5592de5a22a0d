"""The web admin and the agents' desk (started by `run`)."""

from __future__ import annotations

import logging
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import secrets_store
from ..settings import Settings
from ..speech.upload import GREETINGS, keep
from ..supervisor import lifeline
from ._open import service

if TYPE_CHECKING:
    from ..core.flow.model import Flow
    from ..core.flow.prompts import Manifest


@click.command()
def command() -> None:
    """The web admin and the agents' desk (started by `run`)."""
    settings = service()
    from gevent import monkey

    monkey.patch_all()
    from crm_lite.admin import create_app, serve

    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    app = create_app(config_of(settings))
    serve(app, settings.http.host, settings.http.port, lifeline.beat)
    app.extensions["crm"].close()  # whoever closes SQLite's file last brings its write-ahead log in


def config_of(settings: Settings) -> dict[str, Any]:
    """What the pages are told of this copy (crm_lite.admin.config)."""
    return {
        "database": settings.crm_database,
        "secret_key": secrets_store.load(settings.secrets).flask_key,
        "control_socket": settings.control_socket,
        "var": settings.var,
        "conf": settings.conf,
        "flows": settings.flows,
        "timezone": settings.timezone,
        "language": settings.language,
        "proxies": settings.proxies,
        "cooperative": True,
        "keep_recording": lambda data: keep(data, settings.var / GREETINGS),
        "flow_of": _flow_of,
        "prompts_of": lambda: _prompts(settings.sounds, _changed_at(settings.sounds / "prompts.yml")),
    }


def _flow_of(path: Path) -> Flow | None:
    from ..flowfiles.flow_file import load_flow

    return load_flow(path)[0]


def _changed_at(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=1)
def _prompts(sounds: Path, _changed_at: int) -> Manifest:
    from ..flowfiles.manifest import load_manifest

    return load_manifest(sounds)[0]

"""Show the journal: its size, its oldest and newest entry; `journal archive` moves old entries out of it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from ..core.errors import Refused
from ..settings import Settings, load
from ._open import crm
from .show import as_json, iso, moment, table

ENDS = ("oldest", "newest")


@click.group(invoke_without_command=True)
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def command(context: click.Context, json_: bool) -> None:
    """Show the journal: its size, its oldest and newest entry, its archives."""
    if context.invoked_subcommand:
        return
    found = _figures(load())
    if not json_:
        click.echo(table(_shown(found), ("what", "value")))
        return
    ends = {name: found[name] and {**found[name], "at": iso(found[name]["at"])} for name in ENDS}
    click.echo(as_json({**found, **ends}))


@command.command()
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), required=True, help="A day, e.g. 2026-11-01.")
def archive(before: datetime) -> None:
    """Move what was over before a day into a file in VAR/archive (while Hotline is stopped).

    Whole closed interactions, and what the queues kept of that time. Their rows stay in the CRM, and
    `hotline rebuild` reads the archives too: keep them as long as you want that history.
    """
    from ..runtime.journal_archive import archive as move
    from ..supervisor import state

    settings = load()
    _require(settings)
    moment_ = before.replace(tzinfo=ZoneInfo(settings.timezone))
    if moment_ > datetime.now(moment_.tzinfo):
        raise Refused("future", f"{before:%Y-%m-%d} has not begun. Remedy: name a day that has")
    settings.run_dir.mkdir(exist_ok=True)
    held = state.lock(settings.run_dir)
    try:
        told = move(settings.journal, settings.archive, moment_.timestamp(), _caught_up(settings))
    except OSError as error:
        raise Refused("archive_unwritable", f"{error}. Nothing has left the journal") from error
    finally:
        os.close(held)
    click.echo(
        f"{told.interactions} interactions, {told.entries} entries moved into {told.file}"
        if told.file
        else "nothing was over before that day"
    )


def _require(settings: Settings) -> None:
    if not settings.journal.exists():
        raise Refused("no_journal", f"there is no journal in {settings.var}. Remedy: set HOTLINE_VAR")


def _caught_up(settings: Settings) -> int:
    """Bring the CRM's rows up to the journal; the position that they then have."""
    from crm_lite.store.projector import Projector

    from ..runtime.journal_reader import JournalReader

    reader = JournalReader(settings.journal)
    try:
        with crm(settings) as db:
            rows = Projector(db)
            while entries := reader.facts_after(rows.position()):
                rows.apply(entries)
            return rows.position()
    finally:
        reader.close()


def _figures(settings: Settings) -> dict[str, Any]:
    from ..runtime.journal_archive import FILES
    from ..runtime.journal_reader import JournalReader

    _require(settings)
    reader = JournalReader(settings.journal)
    try:
        found = reader.figures()
    finally:
        reader.close()
    archives = [{"file": str(each), "bytes": _size(each)} for each in sorted(settings.archive.glob(FILES))]
    log = _size(settings.journal.with_name(f"{settings.journal.name}-wal"))  # what SQLite has not put in yet
    return {
        "file": str(settings.journal),
        "bytes": _size(settings.journal) + log,
        "wal_bytes": log,
        **found,
        "archives": archives,
        "archives_bytes": sum(each["bytes"] for each in archives),
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _shown(found: dict[str, Any]) -> list[dict[str, Any]]:
    ends = {name: found[name] or {"position": "-", "at": None} for name in ENDS}
    values = {
        "file": found["file"],
        "megabytes": f"{found['bytes'] / 1e6:.1f} (with {found['wal_bytes'] / 1e6:.1f} in the -wal)",
        "archives, megabytes": f"{found['archives_bytes'] / 1e6:.1f}",
        "entries": found["entries"],
        "open interactions": found["open"],
        **{name: f"{each['position']}  {moment(each['at'])}" for name, each in ends.items()},
    }
    told = [*values.items(), *(("archive", _file(each)) for each in found["archives"])]
    return [{"what": what, "value": value} for what, value in told]


def _file(each: dict[str, Any]) -> str:
    return f"{each['file']}  {each['bytes'] / 1e6:.1f} MB"

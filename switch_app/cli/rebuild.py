"""Drop the CRM's rows that follow from the journal and make identical ones again."""

from __future__ import annotations

import os
from contextlib import closing

import click

from ..core.errors import Refused
from ..settings import load
from ..supervisor import state
from ._open import crm


@click.command()
def command() -> None:
    """Drop the CRM's rows that follow from the journal and make identical ones again."""
    from crm_lite.store.projector import Projector

    from ..runtime.journal_archive import damaged, history
    from ..runtime.journal_reader import JournalReader

    settings = load()
    if not settings.journal.exists():
        raise Refused("no_journal", f"there is no journal in {settings.var}. Remedy: set HOTLINE_VAR")
    settings.run_dir.mkdir(exist_ok=True)
    held = state.lock(settings.run_dir)  # a feed meanwhile would go on behind half of the rows
    try:
        if broken := damaged(settings.archive):
            raise Refused(
                "archive_damaged",
                f"{broken} is damaged. Remedy: put a saved copy back, or move it away: what it holds is then "
                "not among the rows",
            )
        with closing(JournalReader(settings.journal)) as reader, crm(settings) as db:
            count = Projector(db).rebuild(history(reader, settings.archive))
    finally:
        os.close(held)
    click.echo(f"{count} facts read, all rows made again")

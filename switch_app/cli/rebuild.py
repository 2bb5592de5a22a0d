"""Drop the CRM's rows that follow from the journal and make identical ones again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..core.errors import Refused
from ..settings import load
from ..supervisor import state
from ._open import crm

if TYPE_CHECKING:
    from ..runtime.journal_reader import Entry, JournalReader

BLOCK = 1000


@click.command()
def command() -> None:
    """Drop the CRM's rows that follow from the journal and make identical ones again."""
    from crm_lite.store.projector import Projector

    from ..runtime.journal_reader import JournalReader

    settings = load()
    if state.is_alive(settings.run_dir):
        raise Refused("running", f"Hotline runs on {settings.var}. Remedy: stop it first, then rebuild")
    if not settings.journal.exists():
        raise Refused("no_journal", f"there is no journal in {settings.var}. Remedy: set HOTLINE_VAR")
    reader = JournalReader(settings.journal)
    try:
        with crm(settings) as db:
            count = Projector(db).rebuild(_all(reader))
    finally:
        reader.close()
    click.echo(f"{count} facts read, all rows made again")


def _all(reader: JournalReader) -> Iterator[Entry]:
    position = 0
    while entries := reader.facts_after(position, BLOCK):
        yield from entries
        position = entries[-1].position

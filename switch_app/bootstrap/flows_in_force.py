"""The YAML in force: kept in the journal for running calls and for the next start, its texts spoken ahead,
reloaded when touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..core import signals as s
from ..flowfiles.book import Book
from ..runtime.journal import Batch, Journal
from ..runtime.journal_reader import JournalReader
from ..speech.lexicon import Lexicon
from ..speech.speech import Speech

IN_FORCE = "flows"  # the snapshot that names what was last in force


class FlowsInForce:
    """`restore`, then `keep`; `look` now and then. `configured` takes the queues when they have changed."""

    def __init__(
        self,
        book: Book,
        journal: Journal,
        speech: Speech,
        lexicon: Lexicon,
        configured: Callable[[s.FloorConfigured], object],
    ) -> None:
        self.book = book
        self._journal, self._speech, self._lexicon = journal, speech, lexicon
        self._configured = configured

    def restore(self, reading: JournalReader) -> None:
        """Take back the versions that calls from before the start have, and what was in force then: it stays
        so where its file is broken now. Then read the files."""
        for version, stored in reading.texts("flow").items():
            self.book.restore(version, stored)
        if found := reading.snapshot(IN_FORCE):
            self.book.take_up(json.loads(found[1]), reading.texts("conf"))
        self._read()

    def keep(self) -> None:
        """A running call finds its version again after a start, and a start what was in force; no caller
        waits for a voice."""
        for text in self.book.texts():
            self._journal.append(Batch(text=text))
        self._journal.append(Batch(snapshot=(IN_FORCE, 0, json.dumps(self.book.in_force()))))
        self._lexicon.reload()
        for language, text in self.book.to_speak():
            if language in self._speech.languages:
                self._speech.ahead(language, text)

    def configure(self) -> None:
        """Tell the floor its queues."""
        self._configured(s.FloorConfigured(self.book.queues))

    def look(self) -> None:
        """Reload when a file was touched."""
        if self.book.changed():
            self.reload()

    def reload(self) -> dict[str, Any]:
        """Valid changes serve new calls, broken ones leave the old in force; what is in force then."""
        before = self.book.queues
        self._read()
        self.keep()
        if self.book.queues != before:
            self.configure()
        return self.told()

    def told(self) -> dict[str, Any]:
        """Versions in force and problems, for the admin."""
        return self.book.told()

    @property
    def alarm(self) -> str:
        """The first error of a flow or conf file and how many there are, "" when all is well."""
        errors = [each for each in self.book.problems if each.severity == "error"]
        if not errors:
            return ""
        more = f"and {len(errors) - 1} more; " if errors[1:] else ""
        return f"{errors[0]}; {more}see hotline check"

    def _read(self) -> None:
        self.book.voices = self._speech.languages
        self.book.reload()

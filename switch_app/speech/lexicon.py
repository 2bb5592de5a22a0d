"""sounds/lexicon.yml for the voices that speak at run time; a broken one leaves the old in force."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from switch_app.core.errors import Refused
from switch_app.prompts.build import read_lexicon

log = logging.getLogger(__name__)


class Lexicon:
    """`of(language)`: written -> spoken, as of the last `reload`."""

    def __init__(self, sounds: Path) -> None:
        self._sounds = sounds
        self._words: Mapping[str, Mapping[str, str]] = {}

    def reload(self) -> None:
        try:
            self._words = read_lexicon(self._sounds)
        except (Refused, OSError) as error:
            log.error("the lexicon is not read: %s", error)

    def of(self, language: str) -> Mapping[str, str]:
        return self._words.get(language, {})

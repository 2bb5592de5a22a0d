"""How long a text takes to say, estimated: for simulation and for the linter's time to a human."""

from __future__ import annotations

import re

from .prompts import ANY_LANGUAGE, Manifest

SECONDS_A_CHARACTER = {"zh": 0.24, "en": 0.068}  # 4 characters, 15 letters a second
OTHERWISE = 0.1
_MARK = re.compile(r"\[[a-z]{2}\] ?")  # says which voice speaks
SHORTEST_S = 0.3


def text_s(text: str, language: str) -> float:
    """Seconds to say a text."""
    return max(SHORTEST_S, len(_MARK.sub("", text)) * SECONDS_A_CHARACTER.get(language, OTHERWISE))


def prompt_s(manifest: Manifest, name: str, language: str) -> float:
    """Seconds of a named prompt; a missing one is a short tone."""
    of_name = manifest.sounds.get(name, {})
    sound = of_name.get(language) or of_name.get(ANY_LANGUAGE)
    return text_s(sound.text, language) if sound and sound.text else SHORTEST_S

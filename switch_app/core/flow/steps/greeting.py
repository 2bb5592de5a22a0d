"""greeting: the emergency greeting, while one is in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ..announce import announce, announced
from ..greetings import DEFAULT_PROMPT, Greeting
from ..prompts import Manifest
from ..spoken import text_sound
from ..turn import Turn
from .base import Exit, Name, Part, Path, Say, Step, Target


class GreetingStep(Step):
    """Say the emergency greeting that the admin has put up (it expires by itself); otherwise go on at once.

    ```yaml
    emergency:
      type: greeting
      slot: main        # the greeting's name in the admin
      languages: [zh, en]   # one after the other; default: the call's language alone
      barge_in: false   # the default here
      next: welcome
      shown: bye        # where to go after a greeting was said; default: next
    ```
    """

    type: Literal["greeting"]
    slot: Name = "main"
    languages: tuple[str, ...] = ()
    barge_in: bool = False
    next: Target
    shown: Target = ""

    def exits(self) -> Iterator[Exit]:
        yield Exit(("next",), self.next)
        if self.shown:
            yield Exit(("shown",), self.shown, "greeting in force", "world")

    def says(self) -> Iterator[tuple[Path, Say]]:
        yield (), (Part(prompt=DEFAULT_PROMPT),) * max(1, len(self.languages))

    def chooses(self) -> Iterator[tuple[Path, str]]:
        yield from ((("languages", at), each) for at, each in enumerate(self.languages))

    def enter(self, turn: Turn) -> str | None:
        found = turn.world.greetings.get(self.slot)
        greeting = Greeting.of(found) if found else None
        if greeting is None or not greeting.in_force(turn.now):
            return self.next
        turn.need_caller()
        languages = self.languages or (turn.session.language,)
        sounds = tuple(sound for each in languages for sound in _sounds(turn, greeting, each))
        return self._after() if announce(turn, sounds, self.barge_in) else None

    def resume(self, turn: Turn, signal: Any) -> str | None:
        return self._after() if announced(turn, signal) else None

    def _after(self) -> str:
        return self.shown or self.next


def _sounds(turn: Turn, greeting: Greeting, language: str) -> tuple[str, ...]:
    own, text = greeting.sounds.get(language), greeting.text.get(language, "")
    if own:
        return (own,)
    recorded = (turn.world.prompts or Manifest()).find_text(text, language) if text else None
    if recorded:
        return (recorded.file,)
    if text and language in greeting.spoken:
        return (text_sound(text, language),)
    return turn.spoken([("prompt", greeting.prompt or DEFAULT_PROMPT)], language)

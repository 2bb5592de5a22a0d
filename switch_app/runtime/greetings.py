"""Emergency greetings in force: a stream of their own in the journal, because calls depend on them.

They expire by themselves; the flow's step `greeting` looks at the moment of the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from switch_app.core import facts as f
from switch_app.core.errors import Refused
from switch_app.core.flow.greetings import DEFAULT_PROMPT, Greeting
from switch_app.core.flow.prompts import Manifest
from switch_app.core.plain import kind_of, to_json

from .journal import Batch, Journal
from .journal_reader import Entry

STREAM = "greetings"
SLOT = re.compile(r"[a-z][a-z0-9_]{0,59}")


class Greetings:
    """`in_force` is the World's view; `command` serves the control socket."""

    def __init__(self, journal: Journal, now: Callable[[], float], prompts: Callable[[], Manifest]) -> None:
        self._journal, self._now, self._prompts = journal, now, prompts
        self._version = 0
        self.in_force: dict[str, Greeting] = {}

    def recover(self, entries: list[Entry]) -> None:
        """Fold the stream after a start."""
        for entry in entries:
            self._version = entry.version
            data = entry.data
            if entry.kind == "GreetingPutUp":
                self.in_force[data["slot"]] = Greeting(data["prompt"], data["text"], data["until"])
            else:
                self.in_force.pop(data["slot"], None)

    def command(
        self,
        action: str = "show",
        slot: str = "main",
        prompt: str = "",
        text: dict[str, str] | None = None,
        until: float | None = None,
        by: str = "",
    ) -> dict[str, Any]:
        """show | set | clear. Raises Refused."""
        if action == "set":
            self._put_up(slot, prompt or DEFAULT_PROMPT, text or {}, until, by)
        elif action == "clear":
            if slot not in self.in_force:
                raise Refused("no_greeting", f"there is no greeting in {slot}")
            self._state(f.GreetingTakenDown(slot, by))
            del self.in_force[slot]
        elif action != "show":
            raise Refused("unknown_action", f"{action!r} is none of show, set, clear")
        now = self._now()
        shown = {slot: each for slot, each in self.in_force.items() if each.in_force(now)}
        return {"greetings": {slot: self._plain(each) for slot, each in shown.items()}}

    def _put_up(self, slot: str, prompt: str, text: dict[str, str], until: float | None, by: str) -> None:
        if not SLOT.fullmatch(slot):
            raise Refused("bad_slot", "a slot's name is small letters, digits and _")
        if until is not None and until <= self._now():
            raise Refused("past", "the greeting would have expired already")
        if prompt not in self._prompts().sounds:
            raise Refused("unknown_prompt", f"there is no prompt {prompt}")
        self._state(f.GreetingPutUp(slot, prompt, text, until, by))
        self.in_force[slot] = Greeting(prompt, text, until)

    def _state(self, fact: Any) -> None:
        self._version += 1
        row = (STREAM, self._version, self._now(), "fact", kind_of(fact), to_json(fact).decode())
        self._journal.append(Batch([row]))

    def _plain(self, greeting: Greeting) -> dict[str, Any]:
        """`spoken`: languages in which its own text has a recording; the others hear the prompt."""
        manifest = self._prompts()
        spoken = [language for language, text in greeting.text.items() if manifest.find_text(text, language)]
        return {
            "prompt": greeting.prompt,
            "text": dict(greeting.text),
            "until": greeting.until,
            "spoken": spoken,
        }

"""Emergency greetings in force: a stream of their own in the journal, because calls depend on them.

They expire by themselves; the flow's step `greeting` looks at the moment of the call. Each language has its
own uploaded recording, or its text is a recording of sounds/ or is spoken by a voice when it is put up.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from gevent.event import Event

from switch_app.core import facts as f
from switch_app.core.errors import Refused
from switch_app.core.flow.greetings import DEFAULT_PROMPT, Greeting
from switch_app.core.flow.prompts import Manifest
from switch_app.core.flow.spoken import LONGEST, greeting_of, greeting_sound
from switch_app.core.plain import kind_of, to_json

from .folding import fold_entry
from .journal import Batch, Journal
from .journal_reader import Entry

log = logging.getLogger(__name__)

STREAM = "greetings"
FOLDER = "greetings"  # in var: the uploaded recordings
SLOT = re.compile(r"[a-z][a-z0-9_]{0,59}")
ANSWER_S = 1.2  # for the voice, before the one who puts it up is answered (the control client waits for 2 s)
UNUSED_S = 3600.0  # an upload of which no greeting tells is removed after so long


class Speech(Protocol):
    """Who speaks texts (switch_app.speech)."""

    def ahead(self, language: str, text: str, told: Callable[[str], None], /) -> None: ...
    def file(self, language: str, text: str, /) -> Path | None: ...
    def voice_of(self, language: str, /) -> str: ...


class Greetings:
    """`in_force` is the World's view; `command` serves the control socket."""

    def __init__(
        self,
        journal: Journal,
        now: Callable[[], float],
        prompts: Callable[[], Manifest],
        var: Path,
        speech: Speech,
    ) -> None:
        self._journal, self._now, self._prompts = journal, now, prompts
        self._var, self._speech = var, speech
        self._version = 0
        self.in_force: dict[str, Greeting] = {}
        self._problems: dict[tuple[str, str], str] = {}  # of the voice, by slot and language

    def recover(self, entries: list[Entry]) -> None:
        """Fold the stream after a start, and have the texts spoken that are not."""
        for entry in entries:
            self._version = entry.version
            fold_entry(_evolve, self.in_force, entry)
        for slot in self._shown():
            self._have_spoken(slot)

    def command(
        self,
        action: str = "show",
        slot: str = "main",
        prompt: str = "",
        text: dict[str, str] | None = None,
        until: float | None = None,
        by: str = "",
        recordings: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """show | set | clear. recordings: language -> name of a file in VAR/greetings. Raises Refused."""
        if action == "set":
            self._put_up(slot, prompt or DEFAULT_PROMPT, text or {}, until, by, recordings or {})
        elif action == "clear":
            if slot not in self.in_force:
                raise Refused("no_greeting", f"there is no greeting in {slot}")
            self._state(f.GreetingTakenDown(slot, by))
            del self.in_force[slot]
        elif action != "show":
            raise Refused("unknown_action", f"{action!r} is none of show, set, clear")
        return {
            "greetings": {slot: self._plain(slot, each) for slot, each in self._shown().items()},
            "voices": {language: self._speech.voice_of(language) for language in ("zh", "en")},
        }

    def _put_up(
        self,
        slot: str,
        prompt: str,
        text: dict[str, str],
        until: float | None,
        by: str,
        recordings: Mapping[str, str],
    ) -> None:
        if not SLOT.fullmatch(slot):
            raise Refused("bad_slot", "a slot's name is small letters, digits and _")
        if until is not None and until <= self._now():
            raise Refused("past", "the greeting would have expired already")
        if prompt not in self._prompts().sounds:
            raise Refused("unknown_prompt", f"there is no prompt {prompt}")
        if any(len(words) > LONGEST for words in text.values()):
            raise Refused("too_long", f"a text has at most {LONGEST} characters")
        sounds = {language: self._recording(name) for language, name in recordings.items()}
        self._state(f.GreetingPutUp(slot, prompt, text, until, by, sounds))
        self.in_force[slot] = Greeting(prompt, text, until, sounds)
        self._have_spoken(slot).wait(ANSWER_S)

    def _recording(self, name: str) -> str:
        """The sound of an upload. Raises Refused."""
        with contextlib.suppress(ValueError):
            sound = greeting_sound(name)
            if self._file(sound).is_file():
                return sound
        raise Refused("no_recording", "the recording is not there; upload it again")

    def _file(self, sound: str) -> Path:
        return self._var / FOLDER / f"{greeting_of(sound)}.wav"

    def _state(self, fact: Any) -> None:
        self._version += 1
        row = (STREAM, self._version, self._now(), "fact", kind_of(fact), to_json(fact).decode())
        self._journal.append(Batch([row]))

    # --- the voice ----------------------------------------------------------------------------------------
    def _have_spoken(self, slot: str) -> Event:
        """Set when the voice has done what it can for this greeting."""
        greeting, done = self.in_force[slot], Event()
        left = set(self._unrecorded(greeting))
        self._problems = {each: why for each, why in self._problems.items() if each[0] != slot}
        for language in sorted(left):
            text = greeting.text[language]

            def told(problem: str, language: str = language, text: str = text) -> None:
                self._was_spoken(slot, language, text, problem)
                left.discard(language)
                if not left:
                    done.set()

            self._speech.ahead(language, text, told)
        if not left:
            done.set()
        return done

    def _was_spoken(self, slot: str, language: str, text: str, problem: str) -> None:
        greeting = self.in_force.get(slot)
        if greeting is None or greeting.text.get(language) != text:  # another one by now
            return
        if problem:
            self._problems[slot, language] = problem
            log.warning("the greeting %s is not spoken in %s: %s", slot, language, problem)
        else:
            self.in_force[slot] = replace(greeting, spoken=greeting.spoken | {language})

    def _unrecorded(self, greeting: Greeting) -> Iterator[str]:
        """The languages in which a voice is needed."""
        manifest = self._prompts()
        for language, text in greeting.text.items():
            if text and language not in greeting.sounds and not manifest.find_text(text, language):
                yield language

    # --- for the admin ------------------------------------------------------------------------------------
    def _shown(self) -> dict[str, Greeting]:
        now = self._now()
        return {slot: each for slot, each in self.in_force.items() if each.in_force(now)}

    def _plain(self, slot: str, greeting: Greeting) -> dict[str, Any]:
        """`spoken`: languages that hear its own words; the others hear the prompt."""
        languages = [*greeting.sounds, *(each for each, text in greeting.text.items() if text)]
        heard = {language: self._heard(slot, greeting, language) for language in dict.fromkeys(languages)}
        return {
            "prompt": greeting.prompt,
            "text": dict(greeting.text),
            "until": greeting.until,
            "spoken": [
                language for language, each in heard.items() if each["by"] not in ("prompt", "waiting")
            ],
            "heard": heard,
        }

    def _heard(self, slot: str, greeting: Greeting, language: str) -> dict[str, str]:
        """by: upload, recording, voice, waiting (for the voice) or prompt. file: in VAR, to listen to."""
        own = greeting.sounds.get(language)
        text = greeting.text.get(language, "")
        if own:
            return {"by": "upload", "file": f"{FOLDER}/{greeting_of(own)}.wav", "problem": ""}
        if self._prompts().find_text(text, language):
            return {"by": "recording", "file": "", "problem": ""}
        file = self._speech.file(language, text) if language in greeting.spoken else None
        if file:
            return {"by": "voice", "file": str(file.relative_to(self._var)), "problem": ""}
        problem = self._problems.get((slot, language), "")
        return {"by": "prompt" if problem else "waiting", "file": "", "problem": problem}

    def tidy(self) -> None:
        """Remove the uploads that no greeting in force has, some time after they came."""
        wanted = {self._file(sound) for each in self._shown().values() for sound in each.sounds.values()}
        for path in (self._var / FOLDER).glob("*"):
            with contextlib.suppress(OSError):
                if path not in wanted and time.time() - path.stat().st_mtime > UNUSED_S:
                    path.unlink()


def _evolve(in_force: dict[str, Greeting], fact: Any, at: float) -> None:
    if isinstance(fact, f.GreetingPutUp):
        in_force[fact.slot] = Greeting(fact.prompt, fact.text, fact.until, fact.sounds)
    elif isinstance(fact, f.GreetingTakenDown):
        in_force.pop(fact.slot, None)

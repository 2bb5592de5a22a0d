"""All that admins write in YAML, as one thing: flows, numbers, queues, calendars, prompts; reloaded.

What is broken stays as it was before, and its problems say so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.check import Around, check_all
from switch_app.core.flow.check.says import plain_texts
from switch_app.core.flow.fallback import FALLBACK, UNKNOWN_CODE
from switch_app.core.flow.hours import Calendar
from switch_app.core.flow.model import Flow
from switch_app.core.flow.prompts import Manifest
from switch_app.core.work import AgentProfile, QueueRule

from .calendars import load_calendars
from .flow_file import restore
from .library import Library
from .manifest import load_manifest
from .numbers import Numbers, load_numbers
from .queues import load_queues

log = logging.getLogger(__name__)

Stamp = tuple[tuple[str, int, int], ...]


class Book:
    """Read with `reload`; `changed` tells whether a file was touched since."""

    def __init__(self, flows_dir: Path, conf_dir: Path, sounds_dir: Path) -> None:
        self.library = Library(flows_dir, self._check)
        self.agents: tuple[AgentProfile, ...] | None = None  # for the rules about skills, when known
        self.voices: frozenset[str] | None = None  # languages that can be spoken, when known
        self.numbers = Numbers()
        self.queues: tuple[QueueRule, ...] = ()
        self.prompts = Manifest()
        self.calendars: Mapping[str, Calendar] = {}
        self.problems: tuple[FlowProblem, ...] = ()
        self._flows, self._conf, self._sounds = flows_dir, conf_dir, sounds_dir
        self._stamp: Stamp = ()

    def reload(self, logged: bool = True) -> None:
        """Read everything again. Never raises: what is broken is kept as it was."""
        self._stamp = self._look()
        queues, queue_problems = load_queues(self._conf / "queues.yml")
        calendars, calendar_problems = load_calendars(self._conf / "calendars.yml")
        manifest, prompt_problems = load_manifest(self._sounds)
        self.queues = queues or self.queues
        self.calendars = calendars or self.calendars
        self.prompts = manifest if manifest.sounds else self.prompts
        self.library.reload()
        numbers, number_problems = load_numbers(self._conf / "numbers.yml", self.library.flows)
        self.numbers = numbers or self.numbers
        problems = (
            *self.library.problems,
            *number_problems,
            *queue_problems,
            *calendar_problems,
            *prompt_problems,
        )
        fresh = [problem for problem in problems if logged and problem not in self.problems]
        silent = [problem for problem in fresh if problem.rule == "prompt-audio"]
        for problem in fresh:
            if problem not in silent:
                log.log(logging.ERROR if problem.severity == "error" else logging.WARNING, "%s", problem)
        if silent:
            log.warning("%d prompts were never recorded, e.g. %s", len(silent), silent[0])
        self.problems = problems

    def around(self, flows: Mapping[str, Flow]) -> Around:
        """What the linter knows: what could not be read is not known, and blames no flow."""
        numbers, _ = load_numbers(self._conf / "numbers.yml")
        inbound = numbers.contexts.get("inbound", {}) if numbers else {}
        return Around(
            flows,
            self.prompts if self.prompts.sounds else None,
            self.queues or None,
            self.agents,
            frozenset(self.calendars) if self.calendars else None,
            frozenset(entry.flow for entry in inbound.values()),
            voices=self.voices,
        )

    def _check(self, flows: Mapping[str, Flow]) -> list[FlowProblem]:
        return check_all(flows, self.around(flows))

    def changed(self) -> bool:
        """Whether a file was added, removed or written since the last reload."""
        return self._look() != self._stamp

    def flow_of(self, context: str, dnis: str) -> tuple[str, str, str]:
        """(flow, version in force, language) of a dialled number. Where it leads nowhere a caller gets the
        operator queue, an agent's phone a refusal in the language of the first code."""
        entry = self.numbers.find(context, dnis)
        flow = self.library.flows.get(entry.flow) if entry else None
        if entry is not None and flow is not None:
            return flow.name, flow.version, entry.language
        if context == "agents":
            codes = self.numbers.contexts.get(context, {}).values()
            return UNKNOWN_CODE.name, UNKNOWN_CODE.version, next((code.language for code in codes), "")
        return FALLBACK.name, FALLBACK.version, ""

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """(hash, kind, text) of each flow version in force, for the journal."""
        for flow in self.library.flows.values():
            stored = {"file": flow.file, "text": flow.text, "links": dict(flow.links)}
            yield flow.version, "flow", json.dumps(stored, ensure_ascii=False)

    def to_speak(self) -> Iterator[tuple[str, str]]:
        """(language, text) of what the flows in force say in their own words: a voice can do that now."""
        for flow in self.library.flows.values():
            yield from plain_texts(flow, self.prompts)

    def told(self) -> dict[str, Any]:
        """Versions in force and problems as plain data, for the admin."""
        flows = [
            {"name": flow.name, "version": flow.version, "file": flow.file, "title": dict(flow.title)}
            for flow in self.library.flows.values()
        ]
        names = ("rule", "message", "file", "line", "column", "hint", "severity")
        return {
            "flows": flows,
            "problems": [{name: getattr(each, name) for name in names} for each in self.problems],
        }

    def restore(self, version: str, stored: str) -> None:
        """Take an old version back from the journal, for a call that runs on it."""
        if version in self.library.by_hash:
            return
        try:
            kept = json.loads(stored)
            flow: Flow = restore(kept["text"], kept["file"], kept["links"])
        except (ValueError, KeyError) as error:
            log.error("the flow version %s cannot be restored: %s", version, error)
            return
        self.library.keep(flow)

    def _look(self) -> Stamp:
        files = [*self._flows.glob("*.yml"), *self._conf.glob("*.yml"), self._sounds / "prompts.yml"]
        found = []
        for file in sorted(files):
            try:
                state = file.stat()
            except OSError:
                continue
            found.append((str(file), state.st_mtime_ns, state.st_size))
        return tuple(found)

"""All that admins write in YAML, as one thing: flows, numbers, queues, prompts; loaded and reloaded.

What is broken stays as it was before, and its problems say so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.fallback import FALLBACK
from switch_app.core.flow.model import Flow
from switch_app.core.flow.prompts import Manifest
from switch_app.core.work import QueueRule

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
        self.library = Library(flows_dir)
        self.numbers = Numbers()
        self.queues: tuple[QueueRule, ...] = ()
        self.prompts = Manifest()
        self.calendars: Mapping[str, Any] = {}
        self.problems: tuple[FlowProblem, ...] = ()
        self._flows, self._conf, self._sounds = flows_dir, conf_dir, sounds_dir
        self._stamp: Stamp = ()

    def reload(self) -> None:
        """Read everything again. Never raises: what is broken is kept as it was."""
        self._stamp = self._look()
        self.library.reload()
        numbers, number_problems = load_numbers(self._conf / "numbers.yml", self.library.flows)
        queues, queue_problems = load_queues(self._conf / "queues.yml")
        manifest, prompt_problems = load_manifest(self._sounds)
        self.numbers = numbers or self.numbers
        self.queues = queues or self.queues
        self.prompts = manifest if manifest.sounds else self.prompts
        problems = (*self.library.problems, *number_problems, *queue_problems, *prompt_problems)
        for problem in problems:
            if problem not in self.problems:
                log.log(logging.ERROR if problem.severity == "error" else logging.WARNING, "%s", problem)
        self.problems = problems

    def changed(self) -> bool:
        """Whether a file was added, removed or written since the last reload."""
        return self._look() != self._stamp

    def flow_of(self, context: str, dnis: str) -> tuple[str, str, str]:
        """(flow, version in force, language) of a dialled number; the operator queue if there is none."""
        entry = self.numbers.find(context, dnis)
        flow = self.library.flows.get(entry.flow) if entry else None
        if entry is None or flow is None:
            return FALLBACK.name, FALLBACK.version, ""
        return flow.name, flow.version, entry.language

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """(hash, kind, text) of each flow version in force, for the journal."""
        for flow in self.library.flows.values():
            stored = {"file": flow.file, "text": flow.text, "links": dict(flow.links)}
            yield flow.version, "flow", json.dumps(stored, ensure_ascii=False)

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

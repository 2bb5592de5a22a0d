"""All that admins write in YAML, as one thing: flows, numbers, queues, calendars, prompts; reloaded.

What is broken stays as it was before, and its problems say so; also when "before" was before a start: what is
in force is told with `in_force` and `texts`, and given back with `restore` and `take_up`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.check import Around, check_all
from switch_app.core.flow.check.says import plain_texts
from switch_app.core.flow.fallback import FALLBACK, UNKNOWN_CODE
from switch_app.core.flow.hours import Calendar
from switch_app.core.flow.model import Flow
from switch_app.core.flow.prompts import Manifest
from switch_app.core.work import AgentProfile, QueueRule

from .calendars import load_calendars
from .conf_file import ConfText, text_of
from .flow_file import read_source, restore
from .library import Library
from .manifest import PROMPTS_FILE, load_manifest
from .numbers import Numbers, load_numbers
from .queues import load_queues
from .trunks import load_trunks

log = logging.getLogger(__name__)

T = TypeVar("T")
Stamp = tuple[tuple[str, int, int], ...]


CONF_FILES = ("numbers.yml", "queues.yml", "calendars.yml")


class Book:
    """Read with `reload`; `changed` tells whether a file was touched since. drafts: files from elsewhere that
    stand for the flow, or the file of conf/, of their name."""

    def __init__(
        self, flows_dir: Path, conf_dir: Path, sounds_dir: Path, drafts: tuple[Path, ...] = ()
    ) -> None:
        self._drafts = {path.name: path for path in drafts if _is_conf(path)}
        flows = tuple(path for path in drafts if not _is_conf(path))
        self.library = Library(flows_dir, self._check, drafts=flows)
        self.agents: tuple[AgentProfile, ...] | None = None  # for the rules about skills, when known
        self.voices: frozenset[str] | None = None  # languages that can be spoken, when known
        self.trunks_file = conf_dir / "trunks.yml"
        self._readable: set[str] = set()  # the files of conf/ that had no problems
        self.numbers = Numbers()
        self.queues: tuple[QueueRule, ...] = ()
        self.prompts = Manifest()
        self.calendars: Mapping[str, Calendar] = {}
        self.problems: tuple[FlowProblem, ...] = ()
        self._flows, self._conf, self._sounds = flows_dir, conf_dir, sounds_dir
        self._stamp: Stamp = ()
        self._texts: dict[str, str] = {}  # of the files in force other than flows, by name

    def reload(self, logged: bool = True) -> None:
        """Read everything again. Never raises: what is broken is kept as it was."""
        self._stamp = self._look()
        queues, queue_problems = self._take("queues.yml", load_queues)
        calendars, calendar_problems = self._take("calendars.yml", load_calendars)
        manifest, prompt_problems = self._take_prompts()
        self.queues = queues or self.queues
        self.calendars = calendars or self.calendars
        self.prompts = manifest if manifest.sounds else self.prompts
        self.library.reload()
        numbers, number_problems = self._take(
            "numbers.yml", lambda source: load_numbers(source, self.library.flows)
        )
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
        numbers, _ = load_numbers(self._file("numbers.yml"))
        inbound = numbers.contexts.get("inbound", {}) if numbers else {}
        return Around(
            flows,
            self.prompts if self.prompts.sounds else None,
            self.queues if self.queues or "queues.yml" in self._readable else None,
            self.agents,
            frozenset(self.calendars) if self.calendars or "calendars.yml" in self._readable else None,
            frozenset(entry.flow for entry in inbound.values()),
            voices=self.voices,
            trunks=self._trunks(),
        )

    def _trunks(self) -> frozenset[str] | None:
        trunks, problems = load_trunks(self.trunks_file)
        return None if trunks is None or problems else frozenset(trunk["name"] for trunk in trunks)

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
        """(hash, kind, text) of each flow version and each other file in force, for the journal."""
        for flow in self.library.flows.values():
            stored = {"file": flow.file, "text": flow.text, "links": dict(flow.links)}
            yield flow.version, "flow", json.dumps(stored, ensure_ascii=False)
        for text in self._texts.values():
            yield _hash(text), "conf", text

    def in_force(self) -> dict[str, dict[str, str]]:
        """flows: name -> version. conf: the other files' name -> hash. Their texts are in `texts`."""
        return {
            "flows": {name: flow.version for name, flow in self.library.flows.items()},
            "conf": {name: _hash(text) for name, text in self._texts.items()},
        }

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

    def take_up(self, in_force: Mapping[str, Mapping[str, str]], texts: Mapping[str, str]) -> None:
        """Before the first reload: what was in force before the start, whose flows were given to `restore`.
        What has a good file now is replaced by it; what can't be read any more is left out."""
        self.library.take_up(in_force.get("flows", {}))
        kept = {name: texts[key] for name, key in in_force.get("conf", {}).items() if key in texts}
        self.queues = self._of_text(kept, "queues.yml", load_queues) or ()
        self.calendars = self._of_text(kept, "calendars.yml", load_calendars) or {}
        self.numbers = self._of_text(kept, "numbers.yml", load_numbers) or Numbers()
        self.prompts = load_manifest(self._sounds, kept.get(PROMPTS_FILE, ""))[0]
        self._texts = kept

    def _of_text(
        self,
        kept: Mapping[str, str],
        name: str,
        load: Callable[[ConfText], tuple[T | None, list[FlowProblem]]],
    ) -> T | None:
        return load(ConfText(str(self._conf / name), kept[name]))[0] if name in kept else None

    def _take(
        self, name: str, load: Callable[[Path | ConfText], tuple[T | None, list[FlowProblem]]]
    ) -> tuple[T | None, list[FlowProblem]]:
        """What the file says; None with problems. The text of what is good is in force now."""
        source = text_of(self._file(name))
        found, problems = load(source)
        self._readable = self._readable - {name} if problems else self._readable | {name}
        if found and isinstance(source, ConfText):
            self._texts[name] = source.text
        return found, problems

    def _file(self, name: str) -> Path:
        return self._drafts.get(name, self._conf / name)

    def _take_prompts(self) -> tuple[Manifest, tuple[FlowProblem, ...]]:
        source = text_of(self._sounds / PROMPTS_FILE)
        text = source.text if isinstance(source, ConfText) else None
        manifest, problems = load_manifest(self._sounds, text)
        if manifest.sounds and text is not None:
            self._texts[PROMPTS_FILE] = text
        return manifest, problems

    def files(self) -> list[Path]:
        """All that `reload` reads, drafts left out."""
        conf = (self._conf / name for name in CONF_FILES)
        return [*self._flows.glob("*.yml"), *conf, self._sounds / PROMPTS_FILE]

    def _look(self) -> Stamp:
        found = []
        for file in sorted(self.files()):
            try:
                state = file.stat()
            except OSError:
                continue
            found.append((str(file), state.st_mtime_ns, state.st_size))
        return tuple(found)


def _is_conf(path: Path) -> bool:
    """By its name; but a flow may be named so, too."""
    return path.name in CONF_FILES and not read_source(path).name


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

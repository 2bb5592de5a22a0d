"""All flows of a folder, in force by name and kept by version; reloaded in place.

A valid change serves new calls, a running call keeps the version it started with, an invalid change
leaves the old one in force and its problems say so. A flow with problems that has no old version (none was
in force before the start either) serves all the same if it can be read at all: its good steps work, the rest
goes to on_error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.model import Flow, did_you_mean, linked_flows

from .flow_file import Source, build_flow, read_source

Check = Callable[[Mapping[str, Flow]], list[FlowProblem]]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reload did. added, changed: now in force. kept: still the old one, the new is broken."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    problems: tuple[FlowProblem, ...] = ()


@dataclass
class Library:
    """flows: in force, by name. by_hash: all versions seen, for running calls. problems: of the last load.
    drafts: files from elsewhere; each stands for the flow of its name."""

    folder: Path
    check: Check | None = None
    flows: dict[str, Flow] = field(default_factory=dict)
    by_hash: dict[str, Flow] = field(default_factory=dict)
    problems: tuple[FlowProblem, ...] = ()
    drafts: tuple[Path, ...] = ()

    def reload(self) -> Changes:
        """Read the folder again. Never raises."""
        built = _Build(sorted(Path(self.folder).glob("*.yml")), self.drafts)
        problems = list(built.problems)
        if self.check:
            problems += self.check(built.flows)
        sound = _without(built.flows, {p.file for p in problems if p.severity == "error"})
        sound_files = {flow.file for flow in sound.values()}
        kept = {n: f for n, f in self.flows.items() if f.file in built.files - sound_files}
        doubtful = {n: f for n, f in _without(built.flows, set()).items() if n not in self.flows}
        flows = {**doubtful, **sound, **kept}
        changes = self._changes(flows, kept, problems)
        self.flows = flows
        self.by_hash.update({flow.version: flow for flow in self.flows.values()})
        self.problems = tuple(problems)
        return changes

    def keep(self, flow: Flow) -> None:
        """Add an old version (restored from the journal) for the calls that run on it."""
        self.by_hash.setdefault(flow.version, flow)

    def take_up(self, versions: Mapping[str, str]) -> None:
        """Before the first load: these versions (by name, given to `keep`) were in force before the start."""
        for name, version in versions.items():
            if flow := self.by_hash.get(version):
                file = str(Path(self.folder) / Path(flow.file).name)  # the folder may have moved
                self.flows[name] = replace(flow, file=file)

    def _changes(
        self, now: Mapping[str, Flow], kept: Mapping[str, Flow], problems: list[FlowProblem]
    ) -> Changes:
        before = self.flows
        return Changes(
            added=tuple(sorted(set(now) - set(before))),
            changed=tuple(sorted(n for n in now if n in before and now[n].version != before[n].version)),
            removed=tuple(sorted(set(before) - set(now))),
            kept=tuple(sorted(kept)),
            problems=tuple(problems),
        )


def load_all(folder: Path, check: Check | None = None) -> Library:
    """The library of a folder; its problems are in it."""
    library = Library(Path(folder), check)
    library.reload()
    return library


def _without(flows: Mapping[str, Flow], files: set[str]) -> dict[str, Flow]:
    """The flows that are sound: not in these files, and entering none that is left out."""
    sound = {name: flow for name, flow in flows.items() if flow.file not in files}
    while True:
        whole = {n: f for n, f in sound.items() if all(link in sound for link in f.links)}
        if len(whole) == len(sound):
            return whole
        sound = whole


class _Build:
    """Builds flows in the order of their links, because a version covers the versions it enters."""

    def __init__(self, paths: list[Path], drafts: tuple[Path, ...] = ()) -> None:
        self.flows: dict[str, Flow] = {}
        self.problems: list[FlowProblem] = []
        self._sources: dict[str, Source] = {}
        self._on_the_way: list[str] = []
        self._failed: set[str] = set()
        self.files = {str(path) for path in (*drafts, *paths)}
        for path in drafts:
            self._add(read_source(path))
        drafted = set(self._sources)
        for path in paths:
            source = read_source(path)
            if source.name not in drafted:
                self._add(source)
        for name in self._sources:
            self._build(name)

    def _add(self, source: Source) -> None:
        first = self._sources.get(source.name) if source.name else None
        if first:
            line, column = source.document.place(("flow",))
            message = f"the flow {source.name} is in {Path(first.file).name} already"
            self.problems.append(FlowProblem("duplicate-flow", message, source.file, line, column))
        elif source.name:
            self._sources[source.name] = source
        else:
            self.problems += build_flow(source, {})[1]

    def _build(self, name: str) -> Flow | None:
        if name in self.flows or name in self._failed:
            return self.flows.get(name)
        source = self._sources[name]
        self._on_the_way.append(name)
        links = self._links(source)
        self._on_the_way.pop()
        flow, problems = build_flow(source, links)
        self.problems += problems
        if flow:
            self.flows[name] = flow
        else:
            self._failed.add(name)
        return flow

    def _links(self, source: Source) -> dict[str, str]:
        links: dict[str, str] = {}
        for name in sorted(linked_flows(source.document.data)):
            if name in self._on_the_way:
                self._circle(source, name)
                links[name] = ""  # no version: such a flow is not whole
            elif name in self._sources:
                linked = self._build(name)
                links[name] = linked.version if linked else ""
            else:
                self._unknown(source, name)
        return links

    def _unknown(self, source: Source, name: str) -> None:
        hint = did_you_mean(name, [known for known in self._sources if known != source.name])
        place = _step_place(source, name)
        self.problems.append(
            FlowProblem("unknown-flow", f"there is no flow {name}", source.file, *place, hint)
        )

    def _circle(self, source: Source, name: str) -> None:
        way = " -> ".join([*self._on_the_way[self._on_the_way.index(name) :], name])
        message = f"flows enter each other in a circle: {way}"
        self.problems.append(FlowProblem("flow-circle", message, source.file, *_step_place(source, name)))


def _step_place(source: Source, flow: str) -> tuple[int, int]:
    for step_name, step in source.document.data["steps"].items():
        if isinstance(step, dict) and step.get("flow") == flow:
            return source.document.place(("steps", step_name, "flow"))
    return 1, 1

"""The speech port: files for the texts of a Play order, made beside the hub by a voice's process.

A caller waits WAIT_S at most and then hears the tone of a missing prompt; the voice goes on, for the next
one. A text is spoken once, whoever waits for it; callers go before texts that are spoken ahead of time.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gevent
from gevent.event import Event
from gevent.threadpool import ThreadPool

from switch_app.core.flow.prompts import MISSING_TONE, text_hash
from switch_app.core.flow.spoken import greeting_of, words_of

from .files import SpokenFiles
from .running import Runner, Task
from .upload import GREETINGS
from .voices import REMEDY, Voices
from .words import clean

log = logging.getLogger(__name__)

WAIT_S = 3.0
AT_A_TIME = 2  # voices
MOST_CALLERS = 50  # texts that callers may wait for; one more is a tone at once
MOST_AHEAD = 1000
LATE = "the voice is late"

Files = Sequence[str]
Told = Callable[[str], None]  # with the problem, "" for none


@dataclass(eq=False)
class _Job:
    task: Task
    waiting: int = 0  # callers
    ahead: bool = False
    problem: str = ""
    done: Event = field(default_factory=Event)
    told: list[Told] = field(default_factory=list)


class Speech:
    """lexicon: language -> what its voice would read wrong, now."""

    def __init__(
        self,
        var: Path,
        voices: Voices,
        lexicon: Callable[[str], Mapping[str, str]] = lambda language: {},
        runner: Runner | None = None,
        wait_s: float = WAIT_S,
    ) -> None:
        self._var, self._voices, self._lexicon, self._wait_s = var, voices, lexicon, wait_s
        self._files, self._runner = SpokenFiles(var), runner or Runner()
        self._jobs: dict[Path, _Job] = {}  # all that are not done
        self._callers: deque[_Job] = deque()
        self._ahead: deque[_Job] = deque()
        self._workers = 0
        self._pool: ThreadPool | None = None

    @property
    def languages(self) -> frozenset[str]:
        """Those in which a text can be spoken."""
        return self._voices.languages

    def voice_of(self, language: str) -> str:
        """The name of the voice that speaks it, "" for none."""
        return next(iter(self._voices.of(language)), "")

    # --- for a caller -------------------------------------------------------------------------------------
    def speak(self, sounds: Files, ready: Callable[[Files], None]) -> Callable[[], None]:
        """The sounds with files in place of tokens go to `ready`, within WAIT_S; as switches.player.Speak."""
        wanted = _Wanted(ready)
        wanted.greenlet = gevent.spawn(self._make, tuple(sounds), wanted)
        return wanted.forget

    def _make(self, sounds: Files, wanted: _Wanted) -> None:
        jobs: dict[str, _Job | Path | str] = {sound: self._find(sound) for sound in sounds if words_of(sound)}
        for job in jobs.values():
            if isinstance(job, _Job):
                job.waiting += 1
        try:
            with gevent.Timeout(self._wait_s, False):
                for job in jobs.values():
                    if isinstance(job, _Job):
                        job.done.wait()
        finally:
            for job in jobs.values():
                if isinstance(job, _Job):
                    job.waiting -= 1
        wanted.tell([self._file(sound, jobs.get(sound, "")) for sound in sounds])

    def _find(self, sound: str) -> _Job | Path | str:
        """The file; or who makes it; or why nobody does."""
        language, text = words_of(sound) or ("", "")
        return self._begin(language, text, self._callers, MOST_CALLERS)

    def _file(self, sound: str, found: _Job | Path | str) -> str:
        """The file of a token, or the tone; any other sound is what it was."""
        name = greeting_of(sound)
        if name is not None:
            path = self._var / GREETINGS / f"{name}.wav"
            if path.is_file():
                return str(path)
            log.error("the recording of a greeting is gone: %s", path.name)
            return MISSING_TONE
        words = words_of(sound)
        if words is None:
            return sound
        if isinstance(found, _Job):
            problem = found.problem if found.done.is_set() else LATE
            found = problem or found.task.out
        if isinstance(found, Path):
            return str(found)
        log.error("a text (%s, %s) is not spoken, a tone is heard: %s", words[0], text_hash(words[1]), found)
        return MISSING_TONE

    # --- ahead of time ------------------------------------------------------------------------------------
    def ahead(self, language: str, text: str, told: Told = lambda problem: None) -> None:
        """Speak a text that callers will hear; `told` gets the problem, at once when the file is there."""
        found = self._begin(language, text, self._ahead, MOST_AHEAD)
        if isinstance(found, _Job):
            found.ahead = True
            found.told.append(told)
        else:
            told("" if isinstance(found, Path) else found)

    def file(self, language: str, text: str) -> Path | None:
        """The spoken text, if it is there."""
        path = self._path(language, clean(text))
        return path if path.is_file() else None

    # --- voices -------------------------------------------------------------------------------------------
    def _path(self, language: str, words: str) -> Path:
        return self._files.path(language, words, self._voices.of(language), self._lexicon(language))

    def _begin(self, language: str, text: str, line: deque[_Job], most: int) -> _Job | Path | str:
        words, voices = clean(text), self._voices.of(language)
        if not words:
            return "there is nothing to pronounce"
        path = self._path(language, words)
        job = self._jobs.get(path)
        if job is None and self._files.has(path):
            return path
        if not voices:
            return f"no voice for {language} is here; remedy: {REMEDY}"
        if job is None:
            if len(line) >= most:
                return "too many texts wait for a voice"
            task = Task(language, words, path, voices, self._lexicon(language))
            job = self._jobs[path] = _Job(task)
            line.append(job)
            self._hire()
        elif line is self._callers and job in self._ahead:  # somebody waits for it now
            self._ahead.remove(job)
            self._callers.append(job)
        return job

    def _hire(self) -> None:
        if self._workers < AT_A_TIME:
            self._workers += 1
            gevent.spawn(self._work)

    def _work(self) -> None:
        try:
            while self._callers or self._ahead:
                job = (self._callers or self._ahead).popleft()
                if job.waiting or job.ahead:
                    self._do(job)
                else:
                    self._done(job, "nobody waits any more")
        finally:
            self._workers -= 1

    def _do(self, job: _Job) -> None:
        if self._pool is None:  # a pool without work is false
            self._pool = ThreadPool(AT_A_TIME)
        try:
            problem = self._pool.apply(self._run, (job.task,))
        except Exception as error:  # of the thread: a bug, and nobody may wait for ever
            log.exception("speaking failed")
            problem = repr(error)
        self._done(job, problem)

    def _run(self, task: Task) -> str:
        """In a thread."""
        if not self._files.tidy():
            return "the folder of spoken texts is full"
        return self._runner.run(task)

    def _done(self, job: _Job, problem: str) -> None:
        self._jobs.pop(job.task.out, None)
        job.problem = problem
        job.done.set()
        for told in job.told:
            told(problem)

    def stop(self) -> None:
        """No voice outlives the process."""
        self._runner.stop()


class _Wanted:
    """One Play that waits for its files."""

    def __init__(self, ready: Callable[[Files], None]) -> None:
        self._ready: Callable[[Files], None] | None = ready
        self.greenlet: gevent.Greenlet | None = None

    def forget(self) -> None:
        self._ready = None  # the kill may come too late
        if self.greenlet is not None:
            self.greenlet.kill(block=False)

    def tell(self, files: Files) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            ready(files)

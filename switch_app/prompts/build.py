"""sounds/prompts.yml -> recordings. Only what changed is made: a file's name carries its text's hash."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from switch_app.core.errors import FlowProblem, Refused
from switch_app.core.flow.prompts import ANY_LANGUAGE, fragments
from switch_app.flowfiles.manifest import Entry, built_file, read_entries
from switch_app.prompts import audio
from switch_app.prompts.voices import DEFAULT_VOICES, Spoken, speak

LEXICON_FILE = "lexicon.yml"
TREBLE_DB = {"en": 6}
PAUSE_BETWEEN_VOICES_S = 0.3
_BUILT = re.compile(r"[a-z0-9_]+-[0-9a-f]{8}\.wav\Z")
_SWITCH = re.compile(r"\[(\w{2,3})\]")


@dataclass(frozen=True, slots=True)
class Report:
    """Files relative to sounds/. failed: what a voice could not do, one line each."""

    made: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: int = 0
    problems: tuple[FlowProblem, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Piece:
    """A stretch of one prompt in one language, and where its voice puts it."""

    language: str
    text: str
    raw: Path


@dataclass(slots=True)
class _Job:
    entry: Entry
    file: str
    pieces: list[_Piece] = field(default_factory=list)


def build(
    sounds_dir: Path,
    force: bool = False,
    only: Collection[str] = (),
    voices: Mapping[str, str] = DEFAULT_VOICES,
) -> Report:
    """Make the missing recordings (all of them with `force`) of all prompts or of those named in `only`.

    Stale recordings are removed when nothing failed. Own recordings (own/) are never touched.
    Raises Refused (prompt_unknown) for a name in `only` that is not in prompts.yml.
    """
    sounds_dir = Path(sounds_dir)
    entries, problems = read_entries(sounds_dir)
    spoken = [each for each in entries if each.language != ANY_LANGUAGE]
    _refuse_unknown(only, spoken)
    wanted = {built_file(e.language, e.name, e.value): e for e in spoken}
    jobs = [
        _Job(entry, file)
        for file, entry in wanted.items()
        if (not only or entry.name in only) and (force or not (sounds_dir / file).is_file())
    ]
    with tempfile.TemporaryDirectory(prefix="hotline-prompts-") as scratch:
        failed = _speak_all(jobs, Path(scratch), voices, read_lexicon(sounds_dir))
        made = [_finish(job, sounds_dir) for job in jobs if all(p.raw.is_file() for p in job.pieces)]
    removed = [] if failed or problems else _remove_stale(sounds_dir, wanted)
    return Report(tuple(made), tuple(removed), len(wanted) - len(jobs), problems, tuple(failed))


def stale(sounds_dir: Path, wanted: Collection[str]) -> list[str]:
    """Built recordings that no text asks for any more."""
    found = (path.relative_to(sounds_dir).as_posix() for path in Path(sounds_dir).glob("*/*.wav"))
    return sorted(file for file in found if _BUILT.match(file.split("/")[1]) and file not in wanted)


def read_lexicon(sounds_dir: Path) -> dict[str, dict[str, str]]:
    """language -> written -> spoken: what a voice reads wrong otherwise. Raises Refused (lexicon)."""
    path = Path(sounds_dir) / LEXICON_FILE
    if not path.is_file():
        return {}
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) or {}
        return {str(lang): {str(k): str(v) for k, v in words.items()} for lang, words in data.items()}
    except (yaml.YAMLError, AttributeError, UnicodeDecodeError) as error:
        raise Refused("lexicon", f"{path}: {error}") from error


def split_languages(text: str, language: str) -> list[tuple[str, str]]:
    """(language, text) of each stretch: `中文请按1。[en] For English, press 2.`"""
    first, *rest = _SWITCH.split(text)
    stretches = [(language, first), *zip(rest[::2], rest[1::2], strict=True)]
    return [(lang, stretch.strip()) for lang, stretch in stretches if stretch.strip()]


def _refuse_unknown(only: Collection[str], entries: Sequence[Entry]) -> None:
    unknown = set(only) - {entry.name for entry in entries}
    if unknown:
        raise Refused("prompt_unknown", f"not in prompts.yml: {', '.join(sorted(unknown))}")


def _speak_all(
    jobs: Sequence[_Job], scratch: Path, voices: Mapping[str, str], lexicon: Mapping[str, Mapping[str, str]]
) -> list[str]:
    by_voice: dict[tuple[str, str], list[Spoken]] = defaultdict(list)
    for i, job in enumerate(jobs):
        for k, (language, text) in enumerate(split_languages(job.entry.value, job.entry.language)):
            piece = _Piece(language, text, scratch / f"{i}-{k}.wav")
            job.pieces.append(piece)
            by_voice[_voice(job.entry, language, voices), language].append(Spoken(text, piece.raw))
    failed = []
    for (voice, language), wanted in by_voice.items():
        try:
            speak(voice, language, wanted, lexicon.get(language, {}))
        except Refused as error:
            failed.append(error.message)
    return failed


def _voice(entry: Entry, language: str, voices: Mapping[str, str]) -> str:
    usual = voices.get(language, "")
    return voices.get(f"{language}-values", usual) if entry.name in fragments(language) else usual


def _finish(job: _Job, sounds_dir: Path) -> str:
    """Join the pieces, each at its own right level, and put the file in its place."""
    whole = audio.silence(0)
    for piece in job.pieces:
        if whole:
            whole += audio.silence(PAUSE_BETWEEN_VOICES_S)
        whole += audio.polish(audio.telephone(piece.raw, TREBLE_DB.get(piece.language, 0)))
    path = sounds_dir / job.file
    path.parent.mkdir(exist_ok=True)
    audio.save(path, whole)
    return job.file


def _remove_stale(sounds_dir: Path, wanted: Collection[str]) -> list[str]:
    gone = stale(sounds_dir, wanted)
    for file in gone:
        (sounds_dir / file).unlink()
        if not any((sounds_dir / file).parent.iterdir()):
            shutil.rmtree((sounds_dir / file).parent)
    return gone

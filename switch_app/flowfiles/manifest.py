"""sounds/prompts.yml and the recordings beside it -> the core's Manifest.

    welcome: {zh: 您好。, en: Hello.}      # sounds/zh/welcome-<text hash>.wav, sounds/en/...
    music: {file: music/music.wav}        # for all languages; not spoken
    beep: {file: "tone:%(500,0,1000)"}

A file sounds/own/LANGUAGE/NAME.wav (a user's own recording) goes before the built one.
"""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.prompts import ANY_LANGUAGE, Manifest, Sound, text_hash

PROMPTS_FILE = "prompts.yml"
MOST_BYTES = 1_000_000
RATE_HZ = 8000
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,63}\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z")
_SAFE_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*\.wav\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One written line: a text of a language, or (language `*`) a file for all."""

    name: str
    language: str
    value: str
    line: int
    column: int


def built_file(language: str, name: str, text: str) -> str:
    """Where the built recording of a text is, relative to sounds/."""
    return f"{language}/{name}-{text_hash(text)}.wav"


def read_entries(
    sounds_dir: Path, text: str | None = None
) -> tuple[tuple[Entry, ...], tuple[FlowProblem, ...]]:
    """prompts.yml (or this text of it) as entries in order, with the problems of its form. Never raises."""
    path = Path(sounds_dir) / PROMPTS_FILE
    try:
        if (path.stat().st_size if text is None else len(text)) > MOST_BYTES:
            return (), (_problem("prompts-unreadable", f"larger than {MOST_BYTES} bytes", path),)
        text = path.read_text(encoding="utf-8") if text is None else text
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        return (), (_problem("prompts-unreadable", str(error), path),)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return (), (_problem("yaml-syntax", error.problem or "not YAML", path, line, column),)
    except RecursionError:
        return (), (_problem("yaml-syntax", "nested too deeply", path),)
    except yaml.YAMLError as error:  # a control character
        return (), (_problem("yaml-syntax", str(error).splitlines()[0], path),)
    entries: dict[tuple[str, str], Entry] = {}
    problems: list[FlowProblem] = []
    for found in _walk(root, path):
        if isinstance(found, FlowProblem):
            problems.append(found)
        elif (found.name, found.language) in entries:
            message = f"{found.name} has {found.language} twice"
            problems.append(_problem("duplicate-key", message, path, found.line, found.column))
        else:
            entries[found.name, found.language] = found
    return tuple(entries.values()), tuple(problems)


def load_manifest(sounds_dir: Path, text: str | None = None) -> tuple[Manifest, tuple[FlowProblem, ...]]:
    """The manifest (of this text, if given), and what is wrong: broken entries, prompts without a recording.

    A prompt without a recording is in the manifest with its text and no file (a tone is heard).
    """
    sounds_dir = Path(sounds_dir)
    entries, problems = read_entries(sounds_dir, text)
    sounds: dict[str, dict[str, Sound]] = {}
    found: list[FlowProblem] = list(problems)
    for entry in entries:
        sound, problem = _sound(sounds_dir, entry)
        sounds.setdefault(entry.name, {})[entry.language] = sound
        if problem:
            found.append(problem)
    return Manifest(sounds), tuple(found)


def _walk(root: yaml.Node | None, path: Path) -> Iterator[Entry | FlowProblem]:
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        yield _at(root, "schema", "a mapping of prompt names is wanted", path)
        return
    for key, node in root.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if not _NAME.match(name):
            yield _at(key, "schema", "a prompt's name has small letters, digits and _ only", path)
        elif not isinstance(node, yaml.MappingNode):
            yield _at(node, "schema", f"{name}: a mapping of languages to texts is wanted", path)
        else:
            yield from (_entry(name, language, text, path) for language, text in node.value)


def _entry(name: str, key: yaml.Node, node: yaml.Node, path: Path) -> Entry | FlowProblem:
    language = key.value if isinstance(key, yaml.ScalarNode) else ""
    if language == "file":
        language = ANY_LANGUAGE
    elif not _LANGUAGE.match(language):
        return _at(key, "schema", f"{name}: no such language: {language[:20]}", path)
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        return _at(node, "schema", f"{name}: a text is wanted", path)
    value = " ".join(node.value.split())
    safe = value.startswith("tone:") or _SAFE_FILE.match(value)
    if language == ANY_LANGUAGE and not safe:
        return _at(node, "schema", f"{name}: a .wav file below sounds/ or tone:... is wanted", path)
    return Entry(name, language, value, key.start_mark.line + 1, key.start_mark.column + 1)


def _sound(sounds_dir: Path, entry: Entry) -> tuple[Sound, FlowProblem | None]:
    if entry.language == ANY_LANGUAGE:
        text, candidates = "", [f"own/{entry.name}.wav", entry.value]
    else:
        text = entry.value
        own = f"own/{entry.language}/{entry.name}.wav"
        candidates = [own, built_file(entry.language, entry.name, text)]
    wrong = ""
    for file in candidates:
        if file.startswith("tone:"):
            return Sound(file, text), _complaint(sounds_dir, entry, wrong)
        if (sounds_dir / file).is_file():
            defect = wav_defect(sounds_dir / file)
            if not defect:
                return Sound(file, text), _complaint(sounds_dir, entry, wrong)
            wrong = f"{file} can't be played: {defect}"
    return Sound("", text), _complaint(sounds_dir, entry, wrong or "was never recorded; a tone is heard")


def wav_defect(path: Path) -> str:
    """Why the file is not an 8 kHz, 16-bit, mono WAV with sound in it; "" if it is."""
    try:
        with wave.open(str(path), "rb") as wav:
            form = (wav.getnchannels(), wav.getsampwidth() * 8, wav.getframerate())
            if form != (1, 16, RATE_HZ):
                return "{} channel(s), {} bit, {} Hz; wanted: 1, 16, 8000".format(*form)
            return "" if wav.getnframes() else "empty"
    except (OSError, EOFError, wave.Error) as error:
        return str(error) or "truncated"


def _complaint(sounds_dir: Path, entry: Entry, message: str) -> FlowProblem | None:
    if not message:
        return None
    text = f"prompt {entry.name} ({entry.language}): {message}"
    file = sounds_dir / PROMPTS_FILE
    hint = "hotline prompts build"
    return FlowProblem("prompt-audio", text, str(file), entry.line, entry.column, hint, "warning")


def _at(node: yaml.Node, rule: str, message: str, path: Path) -> FlowProblem:
    return _problem(rule, message, path, node.start_mark.line + 1, node.start_mark.column + 1)


def _problem(rule: str, message: str, path: Path, line: int = 0, column: int = 0) -> FlowProblem:
    return FlowProblem(rule, message, str(path), line, column)

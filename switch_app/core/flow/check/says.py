"""Rules about what is said: each prompt exists, in each language of the flow."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...errors import FlowProblem
from .. import template
from ..model import Flow, did_you_mean
from ..prompts import ANY_LANGUAGE, READERS, Manifest, can_say
from ..steps.base import Part, Path
from .around import Around, problem
from .names import known_to, names_values

EXAMPLES = {
    **dict.fromkeys(("number", "quantity", "minutes", "position"), "12"),
    "digits": '"4711"',
    "amount": "12.50",
    "date": "2026-12-31",
    "time": '"18:30"',
}


def prompts(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unknown-prompt: a name that is in no language. prompt-language: not in one of the flow's."""
    if around.manifest is None:
        return
    for path, part in _parts(flow):
        if part.kind == "prompt":
            yield from _prompt(flow, around.manifest, path, str(part.value))


def _prompt(flow: Flow, manifest: Manifest, path: Path, name: str) -> Iterator[FlowProblem]:
    of_name = manifest.sounds.get(name)
    if of_name is None:
        hint = did_you_mean(name, manifest.sounds)
        yield problem(flow, path, "unknown-prompt", f"there is no prompt {name}", hint)
        return
    if ANY_LANGUAGE in of_name:
        return
    for language in flow.languages:
        if language not in of_name:
            yield problem(flow, path, "prompt-language", f"the prompt {name} has no {language}")


def texts(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """text-language: a text not written in one of the flow's languages. text-unrecorded: nobody speaks it."""
    for path, part in _parts(flow):
        if part.kind != "text":
            continue
        for language in flow.languages:
            text = part.value.get(language)
            if text is None:
                yield problem(flow, path, "text-language", f"the text has no {language}")
            elif around.manifest and not _is_heard(around.manifest, text, language, around.voices):
                at = (*path, "text", language)
                yield problem(
                    flow, at, "text-unrecorded", *_unheard(text, language, around.voices), "warning"
                )


def values(flow: Flow, around: Around) -> Iterator[FlowProblem]:
    """unsayable: a value that is no number, no date ...; or a language in which none can be read out."""
    for path, part in _parts(flow):
        if part.kind in ("prompt", "text", "silence"):
            continue
        at = (*path, part.kind)
        mute = [each for each in flow.languages if each not in READERS]
        if mute:
            message = f"a {part.kind} cannot be read out in {', '.join(mute)}"
            hint = f"only in {', '.join(READERS)}; write words for each language instead"
            yield problem(flow, at, "unsayable", message, hint)
        elif not template.is_template(part.value) and not can_say(flow.languages[0], part.kind, part.value):
            message = f"{str(part.value)[:40]!r} cannot be said as {part.kind}"
            yield problem(flow, at, "unsayable", message, _meant(part, known_to(flow, around)))


def _meant(part: Part, known: frozenset[str]) -> str:
    """What to write: the value of the call that is named, else an example."""
    written = str(part.value)
    if names_values(written, known):
        return f'write "{{{{ {written} }}}}"'
    return f"as in {part.kind}: {EXAMPLES[part.kind]}"


def plain_texts(flow: Flow, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """(language, text) of each text without values and recording: what can be spoken ahead of time."""
    for _, part in _parts(flow):
        for language, text in part.value.items() if part.kind == "text" else ():
            if not template.is_template(text) and not manifest.find_text(text, language):
                yield language, text


def _is_heard(manifest: Manifest, text: str, language: str, voices: Collection[str] | None) -> bool:
    """Recorded, or spoken by a voice. Where nothing is known of voices, a template is not blamed."""
    if template.is_template(text):
        return voices is None or language in voices
    return language in (voices or ()) or manifest.find_text(text, language) is not None


def _unheard(text: str, language: str, voices: Collection[str] | None) -> tuple[str, str]:
    """Message and hint."""
    message, hint = f"no recording says this in {language}", "make it a prompt in sounds/prompts.yml"
    if voices is None:
        return f"{message}; a tone will be heard", hint
    message += ", and no voice is here; a tone will be heard"
    voice = "install a voice: apt-get install espeak-ng sox"
    return message, voice if template.is_template(text) else f"{hint}, or {voice}"


def _parts(flow: Flow) -> Iterator[tuple[Path, Part]]:
    """(path, part) of all that is written to be said; what is said by default stands at the step."""
    for name, step in flow.steps.items():
        for path, say in step.says():
            for at, part in enumerate(say):
                written = ("steps", name, *path, at)
                yield written, part

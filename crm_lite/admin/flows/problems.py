"""The problems of flows and conf files in the words of who asks; the linter's own words are English."""

from __future__ import annotations

import re
from typing import Any

from ..live import live
from ..speaking import t

HINTS = {  # words of a hint -> its form as the linter writes it; the first that fits
    "did_you_mean": r"did you mean (?P<word>.+)\?",
    "one_of": r"one of (?P<words>.+)",
    "add": r"add (?P<word>.+)",
    "words": r"words are written as (?P<word>.+)",
    "utf8": r"save the file as UTF-8",
    "as_in": r"as in (?P<word>.+)",
    "readers": r"only in (?P<words>.+); write words for each language instead",
    "no_trunks": r"conf/trunks\.yml has none",
    "use_only": r"use only (?P<words>.+) there",
    "for_good": r"goto enters a flow for good",
    "next_day": r"write the part after midnight on the next day",
    "write": r"write (?P<word>.+)",
    "closed": r"say closed if it is meant",
    "count_rounds": r"count the rounds with set and leave with branch",
    "itself": r"it leads to itself: name the step that follows",
    "lead_out": r"let one of them lead out of it",
    "lead_on": r"let one of its ways lead to a queue, a transfer, voicemail, a hangup or end",
    "record": r"make it a prompt in sounds/prompts\.yml",
    "record_or_voice": r"make it a prompt in sounds/prompts\.yml, or install a voice: (?P<word>.+)",
    "voice": r"install a voice: (?P<word>.+)",
    "build": r"hotline prompts build",
    "quoted": r"put the text in quotes: a colon, brackets or a comma mean something else outside them",
    "comma": r"a comma or a closing bracket is missing",
    "spaces": r"indent with spaces, not with tabs",
    "column": r"what belongs together begins in the same column",
    "colon": r"a colon and a space stand behind each name",
    "open_quote": r"a quote is opened and never closed",
    "dashes": r"without the dashes: a step's name, a colon, then its fields, indented",
}


def told_flows() -> dict[str, Any] | None:
    """What the call server tells of the flows; each problem with `why`, what its rule means, and its hint in
    the asking person's language. None: the call server is down."""
    told = live().ask_or_none("flows")
    return told and {**told, "problems": [_in_words(each) for each in told.get("problems", ())]}


def _in_words(problem: dict[str, Any]) -> dict[str, Any]:
    return {**problem, "why": t(f"flows.rule.{problem['rule']}", ""), "hint": hint(problem["hint"])}


def hint(text: str) -> str:
    """The hint in the asking person's language, as it is where nobody has foreseen it."""
    for name, form in HINTS.items():
        if found := re.fullmatch(form, text, re.DOTALL):
            return t(f"flows.hint.{name}", **found.groupdict())
    return text

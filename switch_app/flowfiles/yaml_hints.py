"""What was probably meant where YAML cannot be read: its own words tell authors little."""

from __future__ import annotations

import re

FILLED = 'write "{{ name }}" in quotes'
QUOTED = 'put the text in quotes: a colon, brackets or a comma mean something else outside them'
COLUMN = "what belongs together begins in the same column"
_HINTS = (  # in what the parser says -> in the line -> what to do; the first that fits
    (r"expected ',' or '[}\]]'|mapping values are not allowed", r"[:,\[{-]\s*[^'\"]*\{\{", FILLED),
    (r"but got '[\[{]'", r"", QUOTED),
    (r"mapping values are not allowed", r":\s.*:(\s|$)", QUOTED),
    (r"expected ',' or '[}\]]'", r"", "a comma or a closing bracket is missing"),
    (r"character '\\t'", r"", "indent with spaces, not with tabs"),
    (r"expected <block end>|mapping values are not allowed", r"", COLUMN),
    (r"could not find expected ':'", r"", "a colon and a space stand behind each name"),
    (r"unexpected end of stream", r"", "a quote is opened and never closed"),
)


def syntax_hint(problem: str, line: str) -> str:
    """A hint for what the parser found in a line; "" where none is known."""
    fits = (hint for said, seen, hint in _HINTS if re.search(said, problem) and re.search(seen, line))
    return next(fits, "")

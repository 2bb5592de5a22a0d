"""A text as a voice may get it: the author's, a customer's or a caller's words, and nothing else in them."""

from __future__ import annotations

import unicodedata

from switch_app.core.flow.spoken import LONGEST

_MARKUP = dict.fromkeys(map(ord, "<>[]{}|\\^~`*"), " ")
"""Signs by which voices are told something: SSML, espeak's [[phonemes]], Scheme. None of them is spoken."""


def clean(text: str) -> str:
    """One line of words, at most LONGEST characters: no control, format, private or unassigned characters
    (category C of Unicode), no markup, spaces as one; "" when there is nothing to pronounce."""
    plain = "".join(
        sign if not unicodedata.category(sign).startswith("C") else " " if sign.isspace() else ""
        for sign in unicodedata.normalize("NFC", text[: 4 * LONGEST])
    )
    words = " ".join(plain.translate(_MARKUP).split())[:LONGEST].strip()
    return words if any(sign.isalnum() for sign in words) else ""

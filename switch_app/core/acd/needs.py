"""Requirements over skills: `billing >= 5 and (mandarin >= 3 or cantonese >= 3)`.

A bare skill means level >= 1. A skill that an agent does not have is missing, which is no level
at all: `mandarin <= 3` is not met by somebody without it. "" is met by everybody.

The normal form is a choice of alternatives, each a set of level ranges, without those that another
alternative covers; two texts that mean the same have the same form as far as that goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

TOP = 99  # above every level: no upper bound
MAX_TEXT = 1000  # characters
MAX_ALTERNATIVES = 64

Range = tuple[str, int, int]  # skill, lowest, highest level
Alternative = tuple[Range, ...]

_TOKEN = re.compile(
    r"(?P<word>[^\W\d][\w.-]*)|(?P<number>\d{1,3}(?!\d))|(?P<op>>=|<=|==|=|>|<)|(?P<paren>[()])"
)


class NeedsError(ValueError):
    """A requirement that can't be read. `position`: of the first character not understood, from 0."""

    def __init__(self, text: str, position: int, problem: str) -> None:
        super().__init__(f"needs {text[:200]!r}, position {position}: {problem}")
        self.position, self.problem = position, problem


@dataclass(frozen=True, slots=True)
class Lack:
    """A range that an agent's level is outside of. has: None when the skill is missing."""

    skill: str
    lowest: int
    highest: int
    has: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """The normal form. `text` is canonical: equal texts, equal forms; it is the key of the index."""

    alternatives: tuple[Alternative, ...]
    text: str

    def met_by(self, skills: Mapping[str, int]) -> bool:
        for alternative in self.alternatives:
            for skill, lowest, highest in alternative:
                level = skills.get(skill)
                if level is None or level < lowest or level > highest:
                    break
            else:
                return True
        return False

    def lacking(self, skills: Mapping[str, int]) -> tuple[Lack, ...]:
        """What keeps an agent from the nearest alternative (the one with the fewest lacks); () if met."""
        best: tuple[Lack, ...] | None = None
        for alternative in self.alternatives:
            lacks = tuple(
                Lack(skill, lowest, highest, skills.get(skill))
                for skill, lowest, highest in alternative
                if not lowest <= skills.get(skill, -1) <= highest
            )
            if best is None or len(lacks) < len(best):
                best = lacks
        return best or ()

    @property
    def skills(self) -> tuple[str, ...]:
        """Every skill that is named, sorted."""
        return tuple(sorted({skill for alternative in self.alternatives for skill, _, _ in alternative}))

    @property
    def impossible(self) -> bool:
        """Nobody can meet it (`billing > 5 and billing < 3`)."""
        return not self.alternatives


@lru_cache(maxsize=4096)
def parse(text: str) -> Needs:
    """The form of a text. Raises NeedsError (a ValueError) with the position."""
    if len(text) > MAX_TEXT:
        raise NeedsError(text, MAX_TEXT, f"longer than {MAX_TEXT} characters")
    return _form(_Parser(text).whole())


@lru_cache(maxsize=4096)
def both(first: str, second: str) -> Needs:
    """The form of `(first) and (second)`. Raises NeedsError."""
    one, two = parse(first), parse(second)
    return _form(_and(one.alternatives, two.alternatives, f"({first}) and ({second})"))


def _and(left: Iterable[Alternative], right: Iterable[Alternative], text: str) -> list[Alternative]:
    right = list(right)
    found = [joined for one in left for two in right if (joined := _intersect(one, two)) is not None]
    if len(found) > MAX_ALTERNATIVES:
        raise NeedsError(text, 0, f"more than {MAX_ALTERNATIVES} alternatives")
    return found


def _intersect(one: Alternative, two: Alternative) -> Alternative | None:
    """Both sets of ranges; None when no level can be in them."""
    ranges = {skill: (lowest, highest) for skill, lowest, highest in one}
    for skill, lowest, highest in two:
        low, high = ranges.get(skill, (lowest, highest))
        ranges[skill] = max(low, lowest), min(high, highest)
    if any(low > high for low, high in ranges.values()):
        return None
    return tuple(sorted((skill, low, high) for skill, (low, high) in ranges.items()))


def _form(alternatives: Iterable[Alternative]) -> Needs:
    distinct = sorted(set(alternatives))
    kept = tuple(one for one in distinct if not any(two != one and _covers(two, one) for two in distinct))
    return Needs(kept, " or ".join(map(_alternative_text, kept)) if kept != ((),) else "")


def _covers(wide: Alternative, narrow: Alternative) -> bool:
    """Whoever meets `narrow` meets `wide`."""
    ranges = {skill: (lowest, highest) for skill, lowest, highest in narrow}
    return all(
        skill in ranges and ranges[skill][0] >= lowest and ranges[skill][1] <= highest
        for skill, lowest, highest in wide
    )


def _alternative_text(alternative: Alternative) -> str:
    return " and ".join(range_text(*one) for one in alternative) or "anybody"


def range_text(skill: str, lowest: int, highest: int) -> str:
    """`billing >= 5`, `billing <= 3`, `billing == 4`; both bounds when there are two."""
    if lowest == highest:
        return f"{skill} == {lowest}"
    low = f"{skill} >= {lowest}"
    return low if highest >= TOP else f"{low} and {skill} <= {highest}"


class _Parser:
    """Recursive descent: or < and < comparison. Gives alternatives (an `or` of `and`s)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Iterable[tuple[str, str, int]]:
        position = 0
        while position < len(self.text):
            if self.text[position].isspace():
                position += 1
                continue
            match = _TOKEN.match(self.text, position)
            if not match:
                raise NeedsError(self.text, position, f"{self.text[position]!r} has no meaning here")
            yield str(match.lastgroup), match.group(), position
            position = match.end()
        yield "end", "", len(self.text)

    def whole(self) -> list[Alternative]:
        if self.tokens[0][0] == "end":
            return [()]
        found = self._or(0)
        kind, word, position = self.tokens[self.at]
        if kind != "end":
            raise NeedsError(self.text, position, f"expected `and`, `or` or the end, found {word!r}")
        return found

    def _or(self, depth: int) -> list[Alternative]:
        found = self._and(depth)
        while self._take_word("or"):
            found = found + self._and(depth)
            if len(found) > MAX_ALTERNATIVES:
                position = self.tokens[self.at][2]
                raise NeedsError(self.text, position, f"more than {MAX_ALTERNATIVES} alternatives")
        return found

    def _and(self, depth: int) -> list[Alternative]:
        found = self._one(depth)
        while self._take_word("and"):
            found = _and(found, self._one(depth), self.text)
        return found

    def _one(self, depth: int) -> list[Alternative]:
        kind, word, position = self.tokens[self.at]
        if word == "(":
            if depth >= 20:
                raise NeedsError(self.text, position, "nested too deep")
            self.at += 1
            found = self._or(depth + 1)
            _, word, position = self.tokens[self.at]
            if word != ")":
                raise NeedsError(self.text, position, f"expected ')', found {word!r}")
            self.at += 1
            return found
        if kind != "word" or word.lower() in ("and", "or", "not"):
            raise NeedsError(self.text, position, f"expected a skill, found {word!r}")
        self.at += 1
        return self._range(word)

    def _range(self, skill: str) -> list[Alternative]:
        kind, operator, _ = self.tokens[self.at]
        if kind != "op":
            return [((skill, 1, TOP),)]
        kind, number, position = self.tokens[self.at + 1]
        if kind != "number":
            raise NeedsError(self.text, position, f"expected a level (1 to 10), found {number!r}")
        self.at += 2
        level = int(number)
        lowest, highest = {
            ">=": (level, TOP),
            ">": (level + 1, TOP),
            "<=": (1, level),
            "<": (1, level - 1),
        }.get(operator, (level, level))
        return [((skill, max(lowest, 1), highest),)] if max(lowest, 1) <= highest else []

    def _take_word(self, word: str) -> bool:
        kind, text, _ = self.tokens[self.at]
        if kind == "word" and text.lower() == word:
            self.at += 1
            return True
        return False

"""How a name is spelt in latin letters: what somebody types who looks for it, and where it stands in a list.

Chinese is written as pinyin without tones; a sign that is read in several ways has them all, its reading as a
family name first. Other letters are folded: case and accents say nothing.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from types import ModuleType

LONGEST_KEY = 40  # letters of a key; what is longer is found by its beginning
_SYLLABLES = 40  # of a name; what follows is not found
_READ_IN_ALL_WAYS = 4  # so many syllables at the beginning
_WAYS = 4
_VARIANTS = 24
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")
_TONE = re.compile(r"(?<=[a-z])[1-5](?![0-9])")  # li3 lei2
_NO_PHRASES = "PYPINYIN_NO_PHRASES"
_FAMILIES = {  # whose first reading is another one
    sign: tuple(readings.split("-"))
    for sign, readings in (
        pair.split(":")
        for pair in (
            "曾:zeng 单:shan 仇:qiu 解:xie 查:zha 朴:piao 乐:yue 区:ou 覃:qin 盖:ge 翟:zhai 种:chong"
            " 员:yun 召:shao 秘:bi 折:she 缪:miao 冼:xian 祭:zhai 繁:po 洗:xian 隗:wei 那:na"
            " 万俟:mo-qi 尉迟:yu-chi 长孙:zhang-sun"
        ).split()
    )
}


def keys(name: str) -> str:
    """What the name is found by: from each of its syllables and words on, whole and by initials, each after a
    space: 李雷 -> " lilei lei ll l"."""
    words = list(islice(_syllables(name), _SYLLABLES))
    found: dict[str, None] = {}
    for variant in _variants(words):
        for parts in (variant, [part[0] for part in variant]):
            tails = ("".join(parts[start : start + LONGEST_KEY]) for start in range(len(parts)))
            found |= dict.fromkeys(tail[:LONGEST_KEY] for tail in tails)
    return "".join(f" {key}" for key in found)


def order(name: str) -> str:
    """Where the name stands in a list by letters, whatever its script: 李雷 -> "li lei"."""
    return " ".join(ways[0] for ways in _syllables(name))[:100]


def asked(text: str) -> list[str]:
    """What to look for in `keys`, each with the space before it: all of it as one; of several words (not mere
    initials) also each, for they are found in any order. Nothing for a text without letters or in Chinese."""
    words = _WORD.findall(_TONE.sub("", fold(text)))
    joined = "".join(words)
    if not any(sign.isalpha() for sign in joined) or re.search(f"[{_HAN}]", joined):
        return []
    wanted = [joined, *words] if len(words) > 1 and min(map(len, words)) > 1 else [joined]
    return [f" {word[:LONGEST_KEY]}" for word in wanted]


def fold(text: str) -> str:
    """Without case and accents."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in spread if not unicodedata.combining(sign))


def _syllables(name: str) -> Iterator[Sequence[str]]:
    """The name's syllables and words, each in the ways it is read, the likeliest first."""
    for word in _WORD.findall(unicodedata.normalize("NFKC", name)):
        if not re.match(f"[{_HAN}]", word):
            yield (fold(word) or word,)
            continue
        family = _FAMILIES.get(word[:2]) or _FAMILIES.get(word[:1]) or () if 1 < len(word) < 5 else ()
        for place, sign in enumerate(word):
            first = family[place : place + 1]
            yield tuple(dict.fromkeys((*first, *_read(sign))))[:_WAYS]


def _variants(words: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The likeliest first; the first syllable changes first, for there family names are."""
    ways = [each if place < _READ_IN_ALL_WAYS else each[:1] for place, each in enumerate(words)]
    for variant in islice(product(*reversed(ways)), _VARIANTS):
        yield list(reversed(variant))


@lru_cache(maxsize=4096)
def _read(sign: str) -> tuple[str, ...]:
    ((*ways,),) = _reader().pinyin(sign, style=_reader().Style.NORMAL, heteronym=True)
    return tuple(way for each in ways for way in _typed(each))


@cache
def _reader() -> ModuleType:
    """pypinyin, loaded when a Chinese name comes, without its dictionary of phrases: it costs 40 MB and says
    nothing of names. The variable that says so goes again: the voices, its other users, need the phrases."""
    before = os.environ.get(_NO_PHRASES)
    os.environ[_NO_PHRASES] = "true"
    try:
        import pypinyin
    finally:
        del os.environ[_NO_PHRASES]
        if before is not None:
            os.environ[_NO_PHRASES] = before
    return pypinyin


def _typed(syllable: str) -> tuple[str, ...]:
    """lv, as a keyboard has it; lu, where the dots are left out; lyu, as passports have it."""
    if "v" in syllable or "ü" in syllable:
        return tuple(syllable.replace("ü", "v").replace("v", letter) for letter in ("v", "u", "yu"))
    return (fold(syllable),)

"""Syllables without tones as single characters, so that what sounds alike can be searched like text.

`codes(text)` has exactly the length of `text`: offsets in one are offsets in the other.
"""

from __future__ import annotations

from functools import cache
from itertools import count

from pypinyin import Style, pinyin

_READINGS = {
    "行": ("hang", 2),
    "重": ("zhong", 4),
    "折": ("zhe", 2),
    "券": ("quan", 4),
    "长": ("zhang", 3),
    "差": ("cha", 1),
}
_NUMBERS = count(0xE000)  # private use area
_ACCENT_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))


@cache
def reading(character: str) -> tuple[str, int] | None:
    """The syllable and tone (1 to 5) of one Chinese character in our trade's use; None for anything else."""
    if character in _READINGS:
        return _READINGS[character]
    if not "\u4e00" <= character <= "\u9fff":
        return None
    syllable = pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)[0][0]
    if not syllable or not syllable[-1].isdigit():
        return None
    return syllable[:-1], int(syllable[-1])


@cache
def _code_of(syllable: str) -> str:
    return chr(next(_NUMBERS))


@cache
def code(character: str) -> str:
    """One private character for the toneless syllable of `character`; other characters stand for themselves."""
    found = reading(character)
    return _code_of(found[0]) if found else character


def codes(text: str) -> str:
    return "".join([code(c) for c in text])


@cache
def accented(character: str) -> str:
    """The syllable with what southern accents merge: zh/z, n/l, f/h, -ing/-in, -eng/-en, -ang/-an."""
    found = reading(character)
    if found is None:
        return character
    syllable = found[0]
    for full, merged in _ACCENT_INITIALS:
        if syllable.startswith(full):
            syllable = merged + syllable[len(full) :]
            break
    return syllable[:-1] if syllable.endswith("ng") and not syllable.endswith("ong") else syllable


def same_tones(a: str, b: str) -> bool:
    """Whether two strings of equal length sound the same, tones included."""
    return len(a) == len(b) and all(reading(x) == reading(y) for x, y in zip(a, b, strict=True))

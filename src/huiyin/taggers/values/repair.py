"""Recognition errors of domain terms, read by their sound: 融资龙卷 is 融资融券, 大额村单 is 大额存单.

A repair is made only where (a) the heard form is no ordinary word in its place, (b) the talk is about finance: the
caller says so or a cue stands within 15 characters, and (c) the raw text stays: every repair is listed with raw
offsets (domain-facts D.15; speech-and-speed, "Pinyin term repair"). Traditional characters are folded, one by one.

    >>> r = repair("我有张大额村单到期")
    >>> r.text, r.repairs[0].raw
    ('我有张大额存单到期', '大额村单')
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import ahocorasick
import opencc

from huiyin import lexicon
from huiyin.taggers.values.sounds import codes, same_tones

_NUMERALS = frozenset("零一二三四五六七八九十百千万两0123456789")


@dataclass(frozen=True, slots=True)
class RepairSpan:
    """raw[start:end] was read as `term`; `rule` is the lexicon entry."""

    start: int
    end: int
    raw: str
    term: str
    rule: str


@dataclass(frozen=True)
class RepairedText:
    """The text to read, and the way back to the text as it came."""

    text: str
    repairs: tuple[RepairSpan, ...] = ()
    _shifts: tuple[tuple[int, int, int, int], ...] = field(default=(), repr=False)
    """(start, end) in `text` and (start, end) in raw of each repair that changed the length."""

    def to_raw(self, start: int, end: int) -> tuple[int, int]:
        """The raw [start, end) behind [start, end) of `text`; a repaired term counts as a whole."""
        return self._one(start, low=True), self._one(end, low=False)

    def _one(self, offset: int, *, low: bool) -> int:
        shift = 0
        for start, end, raw_start, raw_end in self._shifts:
            if offset >= end:
                shift = raw_end - end
            elif offset > start:
                return raw_start if low else raw_end
        return offset + shift


@dataclass(frozen=True, slots=True)
class _Heard:
    text: str
    term: str
    rule: str
    cue: re.Pattern[str] | None


@dataclass(frozen=True)
class _Lexicon:
    sounds: Any  # automaton over syllable codes
    heard: Any  # automaton over characters
    protected: Any
    cues: re.Pattern[str]
    reach: int
    toneless: frozenset[str]


def repair(text: str, *, finance_context: bool = False) -> RepairedText:
    """The text with errors of domain terms put right and traditional characters folded.

    `finance_context` says that the talk is about finance, so that no cue need stand nearby.
    """
    folded = fold(text)
    lexis = _lexicon()
    found = [*_by_name(lexis, folded, finance_context), *_by_sound(lexis, folded, finance_context)]
    if not found:
        return RepairedText(folded)
    found.sort(key=lambda s: (s[0] - s[1], s[0]))
    chosen: list[tuple[int, int, str, str]] = []
    for span in found:
        if all(span[1] <= a or b <= span[0] for a, b, _, _ in chosen):
            chosen.append(span)
    return _rebuild(text, folded, sorted(chosen))


def _rebuild(raw: str, folded: str, chosen: list[tuple[int, int, str, str]]) -> RepairedText:
    pieces: list[str] = []
    repairs: list[RepairSpan] = []
    shifts: list[tuple[int, int, int, int]] = []
    at = length = 0
    for start, end, term, rule in chosen:
        pieces += [folded[at:start], term]
        length += start - at
        repairs.append(RepairSpan(start, end, raw[start:end], term, rule))
        if shifts or len(term) != end - start:
            shifts.append((length, length + len(term), start, end))
        length += len(term)
        at = end
    pieces.append(folded[at:])
    return RepairedText("".join(pieces), tuple(repairs), tuple(shifts))


def _by_name(lexis: _Lexicon, text: str, context: bool) -> list[tuple[int, int, str, str]]:
    out = []
    for last, heard in lexis.heard.iter(text):
        start, end = last - len(heard.text) + 1, last + 1
        near = text[max(0, start - lexis.reach) : start] + "\n" + text[end : end + lexis.reach]
        if heard.cue is not None:
            if heard.cue.search(near):
                out.append((start, end, heard.term, heard.rule))
        elif (context or lexis.cues.search(near)) and not _touches_protected(lexis, text, start, end):
            out.append((start, end, heard.term, heard.rule))
    return out


def _by_sound(lexis: _Lexicon, text: str, context: bool) -> list[tuple[int, int, str, str]]:
    out = []
    for last, term in lexis.sounds.iter(codes(text)):
        start, end = last - len(term) + 1, last + 1
        raw = text[start:end]
        if raw == term or any(c in _NUMERALS and c != t for c, t in zip(raw, term, strict=True)):
            continue
        if len(term) == 2 and term not in lexis.toneless and not same_tones(raw, term):
            continue
        if len(term) == 2 and not any(c in term for c in raw):
            continue  # neither character is right: too little to go by
        near = text[max(0, start - lexis.reach) : start] + "\n" + text[end : end + lexis.reach]
        if not (context or lexis.cues.search(near)) or _touches_protected(lexis, text, start, end):
            continue
        out.append((start, end, term, "repair.by_sound"))
    return out


def _touches_protected(lexis: _Lexicon, text: str, start: int, end: int) -> bool:
    """Whether an ordinary word is text[start:end] or reaches over its border.

    One well inside a longer match does not count: 弃权 in 弃权账户, 分洪 in 分洪险.
    """
    window = max(0, start - 3)
    for last, word in lexis.protected.iter(text[window : end + 3]):
        first, past = window + last - len(word) + 1, window + last + 1
        inside = start <= first and past <= end and len(word) < end - start
        if first < end and start < past and not inside:
            return True
    return False


@cache
def _fold_one(character: str) -> str:
    converted: str = _converter().convert(character)
    return converted if len(converted) == 1 else character


@cache
def _converter() -> Any:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """Simplified characters for traditional ones, one for one, so that offsets stay."""
    return text if text.isascii() else "".join([_fold_one(c) for c in text])


@cache
def _lexicon() -> _Lexicon:
    data = lexicon.load("repairs")
    terms = data["terms"]
    sounds, heard, protected = (ahocorasick.Automaton() for _ in range(3))
    for term in (*terms["toneless"], *terms["same_tones"], *terms["long"]):
        sounds.add_word(codes(term), term)
    for row in data["heard"]:
        cue = re.compile(row["cue"]) if "cue" in row else None
        for text in row["heard"]:
            if cue is not None:
                protected.add_word(text, text)  # a word itself: only its own cue may turn it
            heard.add_word(text, _Heard(text, row["term"], row["id"], cue))
    for word in data["protected"]:
        protected.add_word(word, word)
    for automaton in (sounds, heard, protected):
        automaton.make_automaton()
    cues = re.compile("|".join(w for w in re.split(r"[|\s]+", data["cues"]) if w))
    return _Lexicon(sounds, heard, protected, cues, data["reach"], frozenset(terms["toneless"]))

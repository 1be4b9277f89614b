"""Terms of all tag lexicons, found in one pass over the characters (speech-and-speed: 5 % are lost on jieba tokens).

A term entry in `lexicons/<tag>.yaml`, under `terms`: `id`, `value` (what it stands for), `words`, `example`, and
optionally `not_in`: longer strings in which the word is something else (滚雪球, 以防万一).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import ahocorasick

from huiyin.domain.errors import LexiconError
from huiyin.domain.tags import TAG_TYPES
from huiyin.lexicon import load
from huiyin.taggers.analysis import TermHit


@dataclass(frozen=True, slots=True)
class _Term:
    group: str
    entry: str
    value: str
    not_in: tuple[str, ...]


class TermMatcher:
    """Longest match first, one hit a place for each group; case-insensitive."""

    def __init__(self, lexicons: dict[str, Any]) -> None:
        by_word: dict[str, list[_Term]] = {}
        for group, lexicon in lexicons.items():
            for entry in lexicon.get("terms", ()):
                try:
                    term = _Term(group, entry["id"], str(entry["value"]), tuple(entry.get("not_in", ())))
                    words = entry["words"]
                except KeyError as error:
                    raise LexiconError(f"lexicons/{group}.yaml: a term entry has no {error}: {entry}") from None
                for word in words:
                    by_word.setdefault(str(word).lower(), []).append(term)
        self._automaton = ahocorasick.Automaton()
        for word, terms in by_word.items():
            self._automaton.add_word(word, (word, tuple(terms)))
        if by_word:
            self._automaton.make_automaton()

    def find(self, text: str) -> tuple[TermHit, ...]:
        """The hits in order of start; within a group a longer hit swallows the shorter ones that it covers."""
        if not len(self._automaton):
            return ()
        lowered = text.lower()
        if len(lowered) != len(text):  # a rare letter grows when lowered; offsets matter more than its case
            lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        hits: list[TermHit] = []
        for last, (word, terms) in self._automaton.iter(lowered):
            start, end = last - len(word) + 1, last + 1
            hits.extend(
                TermHit(term.group, term.entry, term.value, start, end, text[start:end])
                for term in terms
                if not _inside(lowered, start, end, term.not_in)
            )
        return _longest(hits)


def _inside(text: str, start: int, end: int, phrases: tuple[str, ...]) -> bool:
    for phrase in phrases:
        at = text.find(phrase.lower(), max(0, start - len(phrase)), end + len(phrase))
        while at != -1:
            if at <= start and end <= at + len(phrase):
                return True
            at = text.find(phrase.lower(), at + 1, end + len(phrase))
    return False


def _longest(hits: list[TermHit]) -> tuple[TermHit, ...]:
    kept: list[TermHit] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start, h.entry)):
        if not any(
            k.group == hit.group
            and k.start < hit.end
            and hit.start < k.end
            and (k.start, k.end, k.value) != (hit.start, hit.end, hit.value)
            and (k.start, k.end) != (hit.start, hit.end)
            for k in kept
        ):
            kept.append(hit)
    return tuple(sorted(set(kept), key=lambda h: (h.start, h.end, h.group, h.entry)))


@cache
def matcher() -> TermMatcher:
    """The matcher over the lexicons of all tag types."""
    return TermMatcher({key: load(key) for key in TAG_TYPES})

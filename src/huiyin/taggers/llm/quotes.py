"""Where a model's quote stands in a turn. The words must be there; blanks and punctuation may differ.

Models put punctuation into unpunctuated talk, however they are told not to; they may not put in a word.
"""

from __future__ import annotations

import unicodedata

from huiyin.domain.conversation import Turn
from huiyin.taggers.analysis import AnalysedTurn


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """[start, end) of the quote in the raw text; None where its words are not there one after the other."""
    if not quote.strip():
        return None
    at = text.find(quote)
    if at != -1:
        return at, at + len(quote)
    kept = [(c, i) for i, c in enumerate(text) if _is_word(c)]
    wanted = "".join(c for c in quote if _is_word(c))
    at = "".join(c for c, _ in kept).find(wanted) if wanted else -1
    return (kept[at][1], kept[at + len(wanted) - 1][1] + 1) if at != -1 else None


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNS"  # letters, numbers, signs such as % and ¥


def is_quoted(turn: Turn, start: int, end: int) -> bool:
    """Whether all of [start, end) is somebody else's words."""
    return any(a <= start and end <= b for a, b in turn.quoted)


def in_analysed(turn: AnalysedTurn, start: int, end: int) -> tuple[int, int] | None:
    """The characters of the analysed text behind [start, end) of the raw text; a repaired term counts as a whole."""
    inside = []
    for i in range(len(turn.text)):
        low, high = turn.to_raw(i, i + 1)
        if low < end and start < high:
            inside.append(i)
    return (inside[0], inside[-1] + 1) if inside else None

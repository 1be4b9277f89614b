"""Clauses of spoken Chinese, also where recognition left no punctuation.

A clause is the scope of a cue: "我不开两融，期权可以" negates the first thing alone. Borders are punctuation,
spaces between Chinese characters (recognisers and chat writers put them for a pause), turning words
(lexicons/context/borders.yaml), and a length limit.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from huiyin.lexicon import load

_PUNCTUATION = re.compile(r"[。！？!?；;，,、…\n：:~～]+|\s+|——+|—")
MAX_CLAUSE = 40
"""Characters after which an unpunctuated clause is cut at the next particle: breath groups are shorter."""
_PARTICLES = re.compile(r"[了啊呢吧嘛吗呀哦啦嗯的]")


@cache
def _turning_words() -> re.Pattern[str]:
    words = sorted((w for e in load("context/borders")["entries"] for w in e["words"]), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


def split_clauses(text: str) -> list[tuple[int, int]]:
    """The clauses of `text` as [start, end) offsets, without the borders' punctuation; empty for blank text."""
    pieces: list[tuple[int, int]] = []
    last = 0
    for border in _PUNCTUATION.finditer(text):
        pieces.append((last, border.start()))
        last = border.end()
    pieces.append((last, len(text)))
    out: list[tuple[int, int]] = []
    for start, end in pieces:
        if end > start:
            out.extend(_split_unpunctuated(text, start, end))
    return out


def _split_unpunctuated(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [m.start() for m in _turning_words().finditer(text, start, end) if m.start() > start]
    borders = [start, *cuts, end]
    out: list[tuple[int, int]] = []
    for low, high in pairwise(borders):
        while high - low > MAX_CLAUSE:
            particle = _PARTICLES.search(text, low + MAX_CLAUSE // 2, low + MAX_CLAUSE)
            cut = particle.end() if particle else low + MAX_CLAUSE
            out.append((low, cut))
            low = cut
        if high > low:
            out.append((low, high))
    return out

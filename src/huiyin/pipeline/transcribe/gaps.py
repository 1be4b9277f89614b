"""Speech that the recogniser passed over: found by comparing its words with where somebody speaks.

Shown a prompt, the decoder now and then writes the prompt instead of the speech, or begins a window in its middle (of
24 channels of a minute, 2 lost 20 seconds and more). What was passed over is decoded again without the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rapidfuzz.fuzz import partial_ratio

from huiyin.domain.conversation import Word
from huiyin.pipeline.transcribe.vad import Span

SLOWEST_CHARS_S = 1.2
"""Characters a second below which a stretch of speech was not heard: people speak 3 to 7."""
SHORTEST_S = 1.0
_JOIN_S = 1.5
"""Unheard utterances with no more than this between them are decoded together: context helps."""
_LONGEST_S = 28.0
_BESIDE_S = 2.0
_SAME_PERCENT = 65.0
_NO_TEXT = re.compile(r"[\W_]+")


def unheard(words: Sequence[Word], spans: Sequence[Span], *, join: bool = True) -> list[Span]:
    """Stretches of speech that have next to no words; with `join`, neighbours together up to one decoder window."""
    gaps: list[Span] = []
    for span in spans:
        length = span.end - span.start
        said = len(_plain(word for word in words if _is_within(word, span)))
        if length < SHORTEST_S or said >= SLOWEST_CHARS_S * length:
            continue
        if join and gaps and span.start - gaps[-1].end <= _JOIN_S and span.end - gaps[-1].start <= _LONGEST_S:
            gaps[-1] = Span(start=gaps[-1].start, end=span.end)
        else:
            gaps.append(span)
    return gaps


def with_heard(words: Sequence[Word], again: Sequence[Word], gap: Span) -> list[Word]:
    """`words` with those in `gap` replaced by what was heard `again`, if that is more and is not there already.

    Word times jitter: what seems to be missing in a short gap may stand just beside it.
    """
    before = [word for word in words if _is_within(word, gap)]
    around = Span(start=gap.start - _BESIDE_S, end=gap.end + _BESIDE_S)
    nearby = _plain(word for word in words if _is_within(word, around))
    anew = _plain(again)
    if len(anew) <= len(_plain(before)) or (nearby and partial_ratio(anew, nearby) > _SAME_PERCENT):
        return list(words)
    others = [word for word in words if not _is_within(word, gap)]
    return sorted([*others, *again], key=lambda word: (word.start + word.end) / 2)


def _plain(words: Iterable[Word]) -> str:
    return _NO_TEXT.sub("", "".join(word.text for word in words))


def _is_within(word: Word, span: Span) -> bool:
    return span.start <= (word.start + word.end) / 2 <= span.end

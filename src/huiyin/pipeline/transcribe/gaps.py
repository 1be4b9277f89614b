"""Speech that the recogniser passed over: found by comparing its words with where somebody speaks.

Shown a prompt, the decoder now and then writes the prompt instead of the speech, or begins a window in its middle (of
26 one-minute channels, 2 lost 20 seconds and more). What was passed over is decoded again without the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from huiyin.domain.conversation import Word
from huiyin.pipeline.transcribe.vad import Span

SLOWEST_CHARS_S = 1.2
"""Characters a second below which a stretch of speech was not heard: people speak 3 to 7."""
SHORTEST_S = 1.2
_JOIN_S = 1.5
"""Unheard utterances with no more than this between them are decoded together: context helps."""
_LONGEST_S = 28.0
_NO_TEXT = re.compile(r"[\W_]+")


def unheard(words: Sequence[Word], spans: Sequence[Span]) -> list[Span]:
    """Stretches of speech, joined to at most one decoder window, that have next to no words."""
    gaps: list[Span] = []
    for span in spans:
        length = span.end - span.start
        said = sum(len(_NO_TEXT.sub("", word.text)) for word in words if _is_within(word, span))
        if length < SHORTEST_S or said >= SLOWEST_CHARS_S * length:
            continue
        if gaps and span.start - gaps[-1].end <= _JOIN_S and span.end - gaps[-1].start <= _LONGEST_S:
            gaps[-1] = Span(start=gaps[-1].start, end=span.end)
        else:
            gaps.append(span)
    return gaps


def with_heard(words: Sequence[Word], again: Sequence[Word], gap: Span) -> list[Word]:
    """`words` with those in `gap` replaced by what was heard `again`, if that is more."""
    before = [word for word in words if _is_within(word, gap)]
    if sum(len(word.text) for word in again) <= sum(len(word.text) for word in before):
        return list(words)
    others = [word for word in words if not _is_within(word, gap)]
    return sorted([*others, *again], key=lambda word: (word.start + word.end) / 2)


def _is_within(word: Word, span: Span) -> bool:
    return span.start <= (word.start + word.end) / 2 <= span.end

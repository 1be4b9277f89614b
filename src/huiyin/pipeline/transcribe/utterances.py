"""Words into utterances: a recogniser's segments run over several turns, our own cuts do not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from huiyin.domain.conversation import Speaker, Turn, Word
from huiyin.pipeline.transcribe.vad import Span

_STRAY_S = 1.0
"""A word further than this from every span was heard where we heard no speech: it gets an utterance of its own."""


_STRADDLING = 2
_JITTER_S = 0.8
"""At most so many words, and so near to the border, are moved to the other side of it."""
_MARKS = frozenset("，。？！")


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """Words of one breath on one channel. `confidence` is the mean probability of its words."""

    start: float
    end: float
    words: tuple[Word, ...]
    channel: int | None = None

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)

    @property
    def confidence(self) -> float | None:
        known = [word.probability for word in self.words if word.probability is not None]
        return sum(known) / len(known) if known else None


def give_words_to_spans(words: Sequence[Word], spans: Sequence[Span], *, channel: int | None = None) -> list[Utterance]:
    """Every word in the span it lies in, or nearest to; in the order of `words`, none lost, none twice.

    `words` and `spans` come in order of time. A span without words gives no utterance.
    """
    starts = [span.start for span in spans]
    groups: list[tuple[int | None, list[Word]]] = []
    reached = 0
    for word in words:
        chosen = _span_of(word, spans, starts)
        if chosen is not None:
            reached = chosen = max(chosen, reached)  # word times jitter; the order of the words is sure
        if groups and groups[-1][0] == chosen and (chosen is not None or _is_near(groups[-1][1][-1], word)):
            groups[-1][1].append(word)
        else:
            groups.append((chosen, [word]))
    _move_to_marks(groups, spans)
    return [_utterance(group, spans[at] if at is not None else None, channel) for at, group in groups if group]


def _move_to_marks(groups: list[tuple[int | None, list[Word]]], spans: Sequence[Span]) -> None:
    """Let an utterance end where a sentence does, if the border is a word or two beside the punctuation mark.

    Windows are recognised without their pauses, so a word at a pause may be timed on its wrong side:
    "你讲。就 | 这样啊。"
    """
    for (before_at, before), (after_at, after) in pairwise(groups):
        if before_at is None or after_at is None or not before or not after or _ends(before[-1]):
            continue
        tail = next((size for size in range(1, _STRADDLING + 1) if len(before) > size and _ends(before[-1 - size])), 0)
        head = next((size for size in range(1, _STRADDLING + 1) if len(after) >= size and _ends(after[size - 1])), 0)
        if tail and before[-tail].start >= spans[before_at].end - _JITTER_S:
            moved = [_within(word, spans[after_at]) for word in before[-tail:]]
            del before[-tail:]
            after[:0] = moved
        elif head and len(after) > head and after[head - 1].end <= spans[after_at].start + _JITTER_S:
            before += [_within(word, spans[before_at]) for word in after[:head]]
            del after[:head]


def _ends(word: Word) -> bool:
    return word.text[-1:] in _MARKS


def _within(word: Word, span: Span) -> Word:
    """The word with its times moved into the span, at the end that they were nearer to."""
    start, end = (min(max(second, span.start), span.end) for second in (word.start, word.end))
    return word.model_copy(update={"start": start, "end": end})


def _span_of(word: Word, spans: Sequence[Span], starts: Sequence[float]) -> int | None:
    middle = (word.start + word.end) / 2
    after = bisect_right(starts, middle)
    candidates = [at for at in (after - 1, after) if 0 <= at < len(spans)]
    distance, nearest = min(
        ((max(spans[at].start - middle, middle - spans[at].end, 0.0), at) for at in candidates),
        default=(_STRAY_S + 1, 0),
    )
    return nearest if distance <= _STRAY_S else None


def _is_near(before: Word, word: Word) -> bool:
    return word.start - before.end <= _STRAY_S


def _utterance(words: Sequence[Word], span: Span | None, channel: int | None) -> Utterance:
    """The span's times: they are better than the words' own, which run on into the pauses."""
    first, last = words[0].start, max(word.end for word in words)
    start, end = (span.start, span.end) if span is not None else (first, max(first, last))
    head = words[0].model_copy(update={"text": words[0].text.lstrip()})
    return Utterance(start=start, end=end, words=(head, *words[1:]), channel=channel)


def interleave(channels: Iterable[Sequence[Utterance]]) -> list[Utterance]:
    """The utterances of all channels in order of their beginning; those of one channel keep their order."""
    return sorted((one for channel in channels for one in channel), key=lambda one: one.start)


@dataclass(frozen=True, kw_only=True)
class Attributed:
    """An utterance with its speaker. `certainty` is the probability that the speaker is right."""

    utterance: Utterance
    speaker: Speaker
    certainty: float = 1.0


def as_turns(attributed: Sequence[Attributed]) -> tuple[Turn, ...]:
    """Numbered turns whose text is exactly their words joined, so that an offset finds its second of audio.

    Confidence is the mean word probability times the certainty of the speaker.
    """
    turns: list[Turn] = []
    for one in attributed:
        heard = one.utterance
        if not heard.text.strip():
            continue
        confidence = heard.confidence
        turns.append(
            Turn(
                turn=len(turns),
                speaker=one.speaker,
                start=round(heard.start, 2),
                end=round(heard.end, 2),
                text=heard.text,
                channel=heard.channel,
                confidence=None if confidence is None else round(confidence * one.certainty, 3),
                words=heard.words,
                kind="speech",
            )
        )
    return tuple(turns)

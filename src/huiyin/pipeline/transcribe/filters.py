"""What a recogniser made up is taken out again (lexicons/asr.yaml holds the phrases and limits).

The batched decoder has no safeguards of its own (no temperature fallback, no thresholds), so they stand here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from huiyin import lexicon
from huiyin.domain.conversation import Word

_CLOSING = "，。、！？"
_NO_TEXT = re.compile(r"[\W_]+")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """What one decoder window gave. `avg_logprob` is the mean natural logarithm of its tokens' probabilities."""

    words: tuple[Word, ...]
    no_speech_prob: float = 0.0
    avg_logprob: float = 0.0


def prompt() -> str:
    """The sentence that the decoder is shown before each window."""
    return str(lexicon.load("asr")["prompt"]["text"])


def lexicon_digest() -> str:
    """Six hex digits that change with lexicons/asr.yaml: part of a recogniser's name."""
    content = json.dumps(lexicon.load("asr"), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:6]


def believable(segments: Sequence[Segment]) -> list[Word]:
    """The words of all segments less what was made up: no-speech windows, the prompt, subtitle credits, loops."""
    words: list[Word] = []
    for segment in segments:
        if _is_no_speech(segment):
            continue
        kept = _without(segment.words, _made_up("".join(word.text for word in segment.words)))
        if any(_NO_TEXT.sub("", word.text) for word in kept):
            words += kept
    return words


def _is_no_speech(segment: Segment) -> bool:
    limits = lexicon.load("asr")["reject"]
    if segment.no_speech_prob > limits["no_speech_prob"] and segment.avg_logprob < limits["avg_logprob"]:
        return True
    text = _NO_TEXT.sub("", "".join(word.text for word in segment.words))
    if not text:
        return True
    if _is_prompt_alone(text, segment):
        return True
    spoken_s = sum(max(word.end - word.start, 0.0) for word in segment.words)
    return len(text) > 20 and len(text) > limits["chars_per_second"] * spoken_s and segment.avg_logprob < -0.7


def _is_prompt_alone(text: str, segment: Segment) -> bool:
    """A window that gives nothing but a bit of the prompt, and does not believe it."""
    known = [word.probability for word in segment.words if word.probability is not None]
    believed = sum(known) / len(known) if known else 1.0
    return text in _plain_prompt()[0] and believed < float(lexicon.load("asr")["reject"]["prompt_probability"])


def _made_up(text: str) -> list[tuple[int, int]]:
    """Character ranges of `text` that nobody said."""
    return [(start, _past_marks(text, start, end)) for start, end in [*_phrases(text), *_read_back(text)]] + [
        *_loops(text)
    ]


def _past_marks(text: str, start: int, end: int) -> int:
    """Where a range ends if the punctuation that closed it goes too; it stays where it closes what came before."""
    if start and text[start - 1] not in _CLOSING:
        return end
    while end < len(text) and text[end] in _CLOSING:
        end += 1
    return end


def _phrases(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _patterns():
        yield from (match.span() for match in pattern.finditer(text))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(entry["pattern"]) for entry in lexicon.load("asr")["hallucinations"])


def _read_back(text: str) -> Iterator[tuple[int, int]]:
    """Runs of the prompt; punctuation does not count, as the model sets its own."""
    spoken = [(at, character) for at, character in enumerate(text) if not _NO_TEXT.fullmatch(character)]
    plain = "".join(character for _, character in spoken)
    source, least = _plain_prompt()
    start = 0
    while start + least <= len(plain):
        length = least
        if plain[start : start + length] not in source:
            start += 1
            continue
        while start + length < len(plain) and plain[start : start + length + 1] in source:
            length += 1
        yield spoken[start][0], spoken[start + length - 1][0] + 1
        start += length


@cache
def _plain_prompt() -> tuple[str, int]:
    entry: dict[str, Any] = lexicon.load("asr")["prompt"]
    return _NO_TEXT.sub("", entry["text"]), int(entry["read_back_chars"])


def _loops(text: str) -> Iterator[tuple[int, int]]:
    """All but the first of a unit said many times in a row."""
    for match in _loop_pattern().finditer(text):
        yield match.start() + len(match.group(1)), match.end()


@cache
def _loop_pattern() -> re.Pattern[str]:
    limits = lexicon.load("asr")["loops"]
    return re.compile(rf"(.{{1,{limits['longest_unit']}}}?)\1{{{limits['repeats'] - 1},}}")


def _without(words: Sequence[Word], ranges: Sequence[tuple[int, int]]) -> list[Word]:
    """The words less the characters in `ranges`; a word that loses only punctuation or a part keeps the rest."""
    if not ranges:
        return list(words)
    removed = {at for start, end in ranges for at in range(start, end)}
    kept, at = [], 0
    for word in words:
        rest = "".join(c for offset, c in enumerate(word.text, start=at) if offset not in removed)
        at += len(word.text)
        lost_all_but_marks = rest != word.text and not _NO_TEXT.sub("", rest)
        if not lost_all_but_marks:
            kept.append(word if rest == word.text else word.model_copy(update={"text": rest}))
    return kept

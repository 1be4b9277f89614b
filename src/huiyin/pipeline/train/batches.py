"""Examples as padded arrays of tokens with their targets."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.domain.conversation import Speaker
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.train.examples import Example, TurnExample
from huiyin.taggers.learned.encode import Marks, Pieces, windows
from huiyin.taggers.learned.labels import CHOICES, KINDS, TYPE_OF_CHOICE, TYPE_OF_KIND, TYPES

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """`ids` and `mask` [windows, tokens]. One row a turn: `tokens` places in the flattened ids (-1 = none),
    `kinds` 0/1, `counts` which of them are learned, `choices` shares that sum to 1 for each type that has one,
    `said` [turns, types, tokens] whether the token belongs to the words that decide."""

    ids: Ints
    mask: Ints
    tokens: Ints
    kinds: Floats
    counts: Floats
    choices: Floats
    said: Floats


_OF_ADVISOR = np.array([TAG_TYPES[key].speaker == "advisor" for key in TYPES])


def pieces_of(tokenizer: Any, text: str) -> Pieces:
    encoding = tokenizer.encode(text, add_special_tokens=False)
    return Pieces(tuple(encoding.ids), tuple(encoding.offsets))


def joined(examples: Sequence[Example], draw: random.Random, *, most: int = 4) -> Iterator[list[Example]]:
    """Examples of one channel one after the other, as a longer conversation passes from one thing to the next."""
    order = sorted(examples, key=lambda e: e.channel)  # stable: keeps the shuffled order within a channel
    at = 0
    while at < len(order):
        count = draw.randint(1, most)
        group = [e for e in order[at : at + count] if e.channel is order[at].channel]
        yield group
        at += len(group)


def batch_of(groups: Sequence[Sequence[Example]], tokenizer: Any, marks: Marks) -> Batch:
    """One padded batch; a group that does not fit one window is read in several."""
    rows: list[tuple[tuple[int, ...], list[tuple[int, int, TurnExample, Pieces]]]] = []
    for group in groups:
        turns = [t for e in group for t in e.turns]
        pieces = [pieces_of(tokenizer, t.text) for t in turns]
        read = [(i, t.speaker, p) for i, (t, p) in enumerate(zip(turns, pieces, strict=True))]
        for window in windows(read, channel=group[0].channel, marks=marks):
            judged = [
                (start, end, turns[i], pieces[i])
                for i, (start, end) in zip(window.turns, window.places, strict=True)
                if i in window.judged
            ]
            rows.append((window.ids, judged))
    longest = max(len(ids) for ids, _ in rows)
    ids = np.ones((len(rows), longest), dtype=np.int64)  # 1 is <pad>
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for number, (row, _) in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    judged_turns = [(n * longest + s, n * longest + e, t, p) for n, (_, js) in enumerate(rows) for s, e, t, p in js]
    return _targets(ids, mask, judged_turns)


def _targets(ids: Ints, mask: Ints, turns: Sequence[tuple[int, int, TurnExample, Pieces]]) -> Batch:
    width = max(e - s for s, e, _, _ in turns)
    tokens = np.full((len(turns), width), -1, dtype=np.int64)
    kinds = np.zeros((len(turns), len(KINDS)), dtype=np.float32)
    counts = np.zeros_like(kinds)
    choices = np.zeros((len(turns), len(CHOICES)), dtype=np.float32)
    said = np.zeros((len(turns), len(TYPES), width), dtype=np.float32)
    for row, (start, end, turn, pieces) in enumerate(turns):
        tokens[row, : end - start] = np.arange(start, end)
        speaks = _OF_ADVISOR if turn.speaker is Speaker.ADVISOR else ~_OF_ADVISOR
        positive = {TYPE_OF_KIND[t.kind] for t in turn.targets}
        for number, kind_type in enumerate(TYPE_OF_KIND):
            counts[row, number] = speaks[kind_type] and (kind_type in positive or kind_type not in turn.unsure)
        for target in turn.targets:
            kinds[row, target.kind] = 1
            counts[row, target.kind] = 1
            if target.choice is not None:
                choices[row, target.choice] += 1
            for at, (low, high) in enumerate(pieces.offsets[: end - start - 1], start=1):
                if low < target.end and target.start < high:
                    said[row, TYPE_OF_KIND[target.kind], at] = 1
        for kind_type in set(TYPE_OF_CHOICE):
            of_type = np.array(TYPE_OF_CHOICE) == kind_type
            if (total := choices[row, of_type].sum()) > 0:
                choices[row, of_type] /= total
    return Batch(ids, mask, tokens, kinds, counts, choices, said)

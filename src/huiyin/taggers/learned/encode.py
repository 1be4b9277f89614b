"""A conversation as the token windows that the encoder reads. Pure: no files, no model.

Each turn is its speaker's mark and the pieces of its analysed text, cut at `TURN_PIECES`. Turns fill a window of up
to `WINDOW_PIECES` pieces; the next window begins some turns earlier, so that every turn is read with turns on both
sides of it, and each turn is judged in the window in which it stands further from a border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huiyin.domain.conversation import Channel, Speaker

TURN_PIECES = 96
WINDOW_PIECES = 240
CONTEXT_TURNS = 2
"""Turns that a window repeats of the one before it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Ids of the marks in the vocabulary."""

    begin: int
    end: int
    advisor: int
    client: int
    phone: int
    wecom: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of one turn, with the characters [start, end) of its text that each stands for."""

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """`ids` go in; `places[i]` is [start, end) of the i-th of `turns` in them, its mark included.

    `judged` are those of `turns` whose probabilities are read from this window.
    """

    ids: tuple[int, ...]
    turns: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    judged: frozenset[int]


def windows(
    turns: Sequence[tuple[int, Speaker, Pieces]], *, channel: Channel, marks: Marks, limit: int = WINDOW_PIECES
) -> tuple[Window, ...]:
    """The windows of a conversation; `turns` are (index, speaker, pieces) of those that are evidence, in order."""
    spans = _spans([1 + min(len(p.ids), TURN_PIECES) for _, _, p in turns], room=limit - 3)
    out = []
    for number, (first, last) in enumerate(spans):
        low = first if number == 0 else (first + spans[number - 1][1]) // 2
        high = last if number + 1 == len(spans) else (spans[number + 1][0] + last) // 2
        out.append(_window(turns, first, last, judged=range(low, high), channel=channel, marks=marks))
    return tuple(out)


def _spans(sizes: Sequence[int], *, room: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    first = 0
    while first < len(sizes):
        last, used = first, 0
        while last < len(sizes) and (last == first or used + sizes[last] <= room):
            used += sizes[last]
            last += 1
        spans.append((first, last))
        if last == len(sizes):
            break
        # repeat at most half of what was read, so that every window moves on
        first = max(last - CONTEXT_TURNS, (first + last) // 2, first + 1)
    return spans


def _window(
    turns: Sequence[tuple[int, Speaker, Pieces]],
    first: int,
    last: int,
    *,
    judged: range,
    channel: Channel,
    marks: Marks,
) -> Window:
    ids = [marks.begin, marks.phone if channel is Channel.PHONE else marks.wecom]
    places = []
    for _, speaker, pieces in turns[first:last]:
        start = len(ids)
        ids.append(marks.advisor if speaker is Speaker.ADVISOR else marks.client)
        ids.extend(pieces.ids[:TURN_PIECES])
        places.append((start, len(ids)))
    ids.append(marks.end)
    return Window(
        ids=tuple(ids),
        turns=tuple(index for index, _, _ in turns[first:last]),
        places=tuple(places),
        judged=frozenset(turns[i][0] for i in judged),
    )

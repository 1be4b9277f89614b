"""Labelled conversations as what the network learns from: turns of text with the tags that each decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Channel, Speaker
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.labelled import Label, Labelled
from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.components import analyse
from huiyin.taggers.learned.labels import CHOICE_AT, KIND_AT, TYPES, choice_of


@dataclass(frozen=True)
class Target:
    """One tag that a turn decides: places in labels.py, and the characters [start, end) of the turn that say it."""

    kind: int
    choice: int | None
    start: int
    end: int


@dataclass(frozen=True)
class TurnExample:
    """`unsure` are tag types of which this turn is proof without being the deciding one: nothing is learned there."""

    speaker: Speaker
    text: str
    targets: tuple[Target, ...] = ()
    unsure: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Example:
    name: str
    channel: Channel
    turns: tuple[TurnExample, ...]


def examples(labelled: Iterable[Labelled], calendar: TradingCalendar) -> Iterator[Example]:
    """One example a labelled conversation, on its text as the taggers see it (repaired and folded)."""
    for one in labelled:
        yield example_of(analyse(one.conversation, calendar), one.labels)


def example_of(analysis: Analysis, labels: Iterable[Label]) -> Example:
    """What the conversation teaches: each tag at the turn that holds its quote."""
    targets: dict[int, list[Target]] = {}
    unsure: dict[int, set[int]] = {}
    for label in labels:
        kind = KIND_AT.get((label.tag, label.stance))
        if kind is None:
            continue
        found = _deciding(analysis, label)
        if found is None:
            continue
        turn, start, end = found
        value = choice_of(label.tag, label.value)
        choice = CHOICE_AT.get((label.tag, value)) if value is not None else None
        targets.setdefault(turn, []).append(Target(kind, choice, start, end))
        for other in label.turns:
            if other != turn:
                unsure.setdefault(other, set()).add(TYPES.index(label.tag))
    turns = tuple(
        TurnExample(
            speaker=t.speaker,
            text=t.text,
            targets=tuple(targets.get(t.index, ())),
            unsure=frozenset(unsure.get(t.index, ())),
        )
        for t in analysis.turns
    )
    return Example(analysis.conversation.conversation_id, analysis.conversation.channel, turns)


def _deciding(analysis: Analysis, label: Label) -> tuple[int, int, int] | None:
    counted = Speaker(TAG_TYPES[label.tag].speaker)
    quote = label.quote
    inside = [i for i in label.turns if quote and quote in analysis.turns[i].turn.text]
    # a quote may be the question; what decides is then the counted speaker's answer
    own = [i for i in inside if analysis.turns[i].speaker is counted]
    answers = [i for i in label.turns if analysis.turns[i].speaker is counted]
    if own:
        turn = analysis.turns[own[-1]]
        at = turn.turn.text.index(quote)
        return (turn.index, *_analysed(turn, at, at + len(quote)))
    if answers:
        turn = analysis.turns[answers[-1]]
        return (turn.index, 0, len(turn.text))
    return None


def _analysed(turn: AnalysedTurn, start: int, end: int) -> tuple[int, int]:
    """The analysed characters whose raw places touch raw [start, end)."""
    inside = [i for i in range(len(turn.text)) if _touches(turn.to_raw(i, i + 1), start, end)]
    return (inside[0], inside[-1] + 1) if inside else (0, len(turn.text))


def _touches(place: tuple[int, int], start: int, end: int) -> bool:
    return place[0] < end and start < place[1]

"""Labelled conversations as what the network learns from: turns of text with the tags that each decides."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Channel, Conversation, Speaker
from huiyin.domain.errors import FormatError
from huiyin.domain.tag import Stance
from huiyin.domain.tags import TAG_TYPES
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


def read_labelled(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """The labelled conversations of JSONL files, in order. Raises FormatError that names file and line."""
    out = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError as error:
                    raise FormatError(f"{path.name}, line {number}: no JSON ({error})") from error
                if not isinstance(row, dict) or "turns" not in row:
                    raise FormatError(f"{path.name}, line {number}: no conversation")
                out.append(row)
    return out


def conversation_of(row: dict[str, Any]) -> Conversation:
    """The conversation of a labelled row, without its labels."""
    return Conversation.model_validate({k: v for k, v in row.items() if k != "tags"})


def examples(rows: Sequence[dict[str, Any]], calendar: TradingCalendar) -> Iterator[Example]:
    """One example a labelled conversation, on its text as the taggers see it (repaired and folded)."""
    for row in rows:
        yield example_of(analyse(conversation_of(row), calendar), row.get("tags", ()))


def example_of(analysis: Analysis, tags: Iterable[dict[str, Any]]) -> Example:
    """What the conversation teaches: each tag at the turn that holds its quote."""
    targets: dict[int, list[Target]] = {}
    unsure: dict[int, set[int]] = {}
    for tag in tags:
        kind = KIND_AT.get((tag["tag"], Stance(tag["stance"])))
        if kind is None:
            continue
        found = _deciding(analysis, tag)
        if found is None:
            continue
        turn, start, end = found
        value = choice_of(tag["tag"], tag.get("value") or {})
        choice = CHOICE_AT.get((tag["tag"], value)) if value is not None else None
        targets.setdefault(turn, []).append(Target(kind, choice, start, end))
        for other in tag["turns"]:
            if other != turn:
                unsure.setdefault(other, set()).add(TYPES.index(tag["tag"]))
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


def _deciding(analysis: Analysis, tag: dict[str, Any]) -> tuple[int, int, int] | None:
    counted = Speaker(TAG_TYPES[tag["tag"]].speaker)
    quote = tag.get("quote") or ""
    inside = [i for i in tag["turns"] if quote and quote in analysis.turns[i].turn.text]
    # a quote may be the question; what decides is then the counted speaker's answer
    own = [i for i in inside if analysis.turns[i].speaker is counted]
    answers = [i for i in tag["turns"] if analysis.turns[i].speaker is counted]
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

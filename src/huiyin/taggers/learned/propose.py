"""Candidates from the model's readings; sums, days, windows and institutions are read by the value readers.

The model says that a turn decides a tag, and of which kind; it reads no number and no date. What it cannot be
completed with (a kind of place, but no name) stays null, as the specification has it for what was not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huiyin.domain.tag import Stance
from huiyin.domain.tags import TAG_TYPES
from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.appointments import settle
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.learned.labels import CHOICES, KINDS
from huiyin.taggers.learned.model import Readings, TurnReading
from huiyin.taggers.money import day_near, money_near
from huiyin.taggers.values.institutions import InstitutionSpan
from huiyin.taggers.values.times import resolve_habit, resolve_window

REACH = 2
"""Turns on each side in which a sum, a day or a name may stand that belongs to what the turn decides."""

_FIELD = {key: kind.discriminator for key, kind in TAG_TYPES.items()}


def propose(analysis: Analysis, readings: Readings, *, least: Mapping[str, float]) -> Iterator[Candidate]:
    """What the model says with at least `least[tag]`; the score is that probability. A turn of the speaker whose
    word does not count for a type says nothing of it."""
    for index in sorted(readings):
        turn = analysis.turns[index]
        for tag, stance in KINDS:
            if tag not in least or turn.speaker.value != TAG_TYPES[tag].speaker:
                continue
            yield from _of_kind(analysis, turn, readings[index], tag, stance, least[tag])


def _of_kind(
    analysis: Analysis, turn: AnalysedTurn, reading: TurnReading, tag: str, stance: Stance, least: float
) -> Iterator[Candidate]:
    kind = reading.kind((tag, stance))
    if kind < least:
        return
    values: list[str | None] = [value for key, value in CHOICES if key == tag]
    for choice in values or [None]:
        score = kind * reading.choice(tag, choice)
        if score < least:
            continue
        start, end = reading.place(tag)
        value, support = value_of(analysis, turn, tag, stance, choice, start)
        yield Candidate(
            tag=tag, stance=stance, value=value, quote=Span(turn.index, start, max(end, start + 1)), support=support,
            rule="learned", score=round(score, 4), source="model",
        )  # fmt: skip


def value_of(
    analysis: Analysis, turn: AnalysedTurn, tag: str, stance: Stance, choice: str | None, at: int
) -> tuple[dict[str, Any], tuple[Span, ...]]:
    """The value of a tag of this kind decided by `turn` at character `at`, with the places it was read from."""
    if tag == "idle_funds":
        return _idle_funds(analysis, turn, stance, at)
    if tag == "external_assets":
        return _external_assets(analysis, turn, stance, str(choice), at)
    if tag == "contact_time":
        return _contact_time(analysis, turn, str(choice))
    if tag == "advisor_commitment":
        return _commitment(analysis, turn, str(choice))
    field = _FIELD[tag]
    return ({field: choice} if field else {}), ()


def _elsewhere(turn: AnalysedTurn, *spans: Span | None) -> tuple[Span, ...]:
    return tuple(s for s in spans if s is not None and s.turn != turn.index)


def _idle_funds(
    analysis: Analysis, turn: AnalysedTurn, stance: Stance, at: int
) -> tuple[dict[str, Any], tuple[Span, ...]]:
    value: dict[str, Any] = {"amount": None, "available_from": None}
    if stance is Stance.NEGATED:
        return value, ()
    money = money_near(analysis, turn, at, reach=REACH)
    day = day_near(analysis, turn, reach=REACH)
    if money:
        value["amount"] = money.amount
        if money.span.currency:
            value["currency"] = money.span.currency
    if day:
        value["available_from"] = day[0]
    place = Span(money.turn, money.span.start, money.span.end) if money else None
    return value, _elsewhere(turn, place, day[1] if day else None)


def _external_assets(
    analysis: Analysis, turn: AnalysedTurn, stance: Stance, kind: str, at: int
) -> tuple[dict[str, Any], tuple[Span, ...]]:
    found = _institution(analysis, turn, kind, at)
    value: dict[str, Any] = {
        "institution": found[1].institution if found else None, "institution_type": kind, "product": None,
        "amount": None, "matures_on": None,
    }  # fmt: skip
    place = Span(found[0], found[1].start, found[1].end) if found else None
    if stance is Stance.NEGATED:
        return value, _elsewhere(turn, place)
    money = money_near(analysis, turn, at, reach=1)
    if money:
        value["amount"] = money.amount
        if money.span.currency:
            value["currency"] = money.span.currency
    return value, _elsewhere(turn, place, Span(money.turn, money.span.start, money.span.end) if money else None)


def _institution(analysis: Analysis, turn: AnalysedTurn, kind: str, at: int) -> tuple[int, InstitutionSpan] | None:
    """The named institution of that kind nearest to the place: in the turn, else in the turns before and after."""
    here = [i for i in turn.institutions if i.type == kind]
    if here:
        return turn.index, min(here, key=lambda i: abs(i.start - at))
    for step in range(1, REACH + 1):
        for index in (turn.index - step, turn.index + step):
            if 0 <= index < len(analysis.turns):
                for found in analysis.turns[index].institutions:
                    if found.type == kind and found.institution:
                        return index, found
    return None


def _contact_time(analysis: Analysis, turn: AnalysedTurn, kind: str) -> tuple[dict[str, Any], tuple[Span, ...]]:
    if kind == "callback":
        agreed = settle(analysis).agreed
        if agreed is not None and abs(agreed.quote.turn - turn.index) <= REACH:
            return {"kind": kind, "window": agreed.window}, agreed.support
        for index in (turn.index, turn.index - 1, turn.index + 1):
            if 0 <= index < len(analysis.turns):
                other = analysis.turns[index]
                times = [t for t in other.times if not t.past]
                window = resolve_window(times, anchor=other.moment) if times else None
                if window:
                    return {"kind": kind, "window": window}, _elsewhere(turn, Span(index, 0, len(other.text)))
        return {"kind": kind, "window": (None, None)}, ()
    for index in (turn.index, turn.index - 1):
        if index >= 0 and (habit := resolve_habit(analysis.turns[index].times)):
            support = _elsewhere(turn, Span(index, 0, len(analysis.turns[index].text)))
            return {"kind": kind, "days": habit.days, "from": habit.from_, "to": habit.to}, support
    return {"kind": kind, "days": ("any",), "from": None, "to": None}, ()


def _commitment(analysis: Analysis, turn: AnalysedTurn, action: str) -> tuple[dict[str, Any], tuple[Span, ...]]:
    times = [t for t in turn.times if not t.past]
    window = resolve_window(times, anchor=turn.moment) if times else None
    if window is None and action in ("call_back", "arrange_meeting"):
        agreed = settle(analysis).agreed
        if agreed is not None and abs(agreed.quote.turn - turn.index) <= REACH:
            window = agreed.window
    return {"action": action, "due": window if window and any(window) else None}, ()

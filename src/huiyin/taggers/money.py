"""Sums and days around a place of the talk: in the turn, else in the nearest turns of the same exchange."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.candidate import Span
from huiyin.taggers.values.amounts import AmountSpan
from huiyin.taggers.values.times import resolve_dates

_CORRECTION = re.compile(r"不对|不是|错了|说错|应该是|哦不|噢不|记错|是说|还是")
_MONEY_TALK = re.compile(
    r"钱|款|存|资金|余额|账|卡|奖|到期|到手|税|转|买|投|放|搁|借|还|市值|资产|理财|基金|股|票|户头|户"
)


@dataclass(frozen=True, slots=True)
class Money:
    """A sum and the turn it stands in."""

    turn: int
    span: AmountSpan

    @property
    def amount(self) -> tuple[float, float]:
        return self.span.amount


def dialogue_turns(analysis: Analysis, index: int, *, reach: int) -> Iterator[int]:
    """The turns around `index`, nearest first, later before earlier, up to `reach` client turns each way."""
    for step in range(1, 2 * reach + 1):
        for other in (index + step, index - step):
            if 0 <= other < len(analysis.turns):
                yield other


LEAST_SUM = 1000.0
"""Yuan below which a sum is a fee, a price or a day's interest, and no money that somebody has to place."""


LARGEST_SUM = 1e9
"""Yuan above which a sum is the market's ("两融余额两万亿") and no client's."""


def usable(turn: AnalysedTurn) -> list[AmountSpan]:
    """The sums of a turn; those that are money only in talk of money count where it is such talk."""
    talk = bool(_MONEY_TALK.search(turn.text))
    return [a for a in turn.amounts if LEAST_SUM <= a.high <= LARGEST_SUM and (talk or not a.needs_context)]


def money_in(turn: AnalysedTurn, start: int = 0, end: int | None = None) -> Money | None:
    """The sum said in [start, end) of a turn: after a self-correction the later one, else the largest certain one."""
    spans = [a for a in usable(turn) if start <= a.start and (end is None or a.end <= end)]
    if not spans:
        return None
    for earlier, later in zip(spans[-2::-1], spans[:0:-1], strict=False):
        if _CORRECTION.search(turn.text[earlier.end : later.start]):
            return Money(turn.index, later)
    certain = [a for a in spans if not a.needs_context] or spans
    return Money(turn.index, max(certain, key=lambda a: (a.high, a.start)))


def money_near(analysis: Analysis, turn: AnalysedTurn, at: int, *, reach: int) -> Money | None:
    """The sum that belongs to the words at `at`: nearest in the turn, else of the turns around."""
    spans = usable(turn)
    if spans:
        corrected = money_in(turn)
        if corrected and len(spans) > 1 and _corrected(turn, spans):
            return corrected
        certain = [a for a in spans if not a.needs_context] or spans
        return Money(turn.index, min(certain, key=lambda a: min(abs(a.start - at), abs(a.end - at))))
    for index in dialogue_turns(analysis, turn.index, reach=reach):
        other = analysis.turns[index]
        if other.is_client and (found := money_in(other)):
            return found
    previous = turn.index - 1
    if previous >= 0 and analysis.turns[previous].is_advisor:
        return money_in(analysis.turns[previous])
    return None


def _corrected(turn: AnalysedTurn, spans: list[AmountSpan]) -> bool:
    return any(_CORRECTION.search(turn.text[a.end : b.start]) for a, b in pairwise(spans))


def day_in(turn: AnalysedTurn, start: int = 0, end: int | None = None) -> tuple[tuple[str, str], Span] | None:
    """The days said in [start, end) of a turn, as ISO dates, with their place."""
    spans = [t for t in turn.times if start <= t.start and (end is None or t.end <= end) and t.day is not None]
    if not spans:
        return None
    found = resolve_dates(spans, anchor=turn.moment)
    if found is None:
        return None
    return (found[0].isoformat(), found[1].isoformat()), Span(turn.index, spans[0].start, spans[-1].end)


def day_near(analysis: Analysis, turn: AnalysedTurn, *, reach: int) -> tuple[tuple[str, str], Span] | None:
    """The days of the turn, else of the client's turns around; never past ones."""
    for index in (turn.index, *dialogue_turns(analysis, turn.index, reach=reach)):
        other = analysis.turns[index]
        if other.is_client and (found := day_in(other)) and found[0][1] >= turn.moment.date().isoformat():
            return found
    return None

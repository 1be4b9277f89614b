"""Times where they stand in a text: the words of days and hours joined into spans (`find_times`).

What the spans of one or several turns mean together is told by times.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from huiyin.domain.record import in_shanghai
from huiyin.taggers.values import clocks, days
from huiyin.taggers.values.clocks import Hour, Lapse, Now, Part, Vague, clock_of
from huiyin.taggers.values.day_readers import read_day
from huiyin.taggers.values.days import DateRange, Day
from huiyin.taggers.values.time_words import pattern, words

BoundSide = Literal["at", "after", "before"]


class Calendar(Protocol):
    """What is needed of domain.calendar.TradingCalendar."""

    def is_trading_day(self, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time said in text[start:end]: days, a part of the day, an hour, a lapse from now, or several of them.

    `day`: the days meant, `weekdays` their names where weekdays were said, `every` for 每周三 and 每天. `part` and
    `hour` are minutes since midnight. `bound` is "after" for 以后, "before" for 之前. `vague`: 一会儿, 回头.
    """

    start: int
    end: int
    text: str
    day: DateRange | None = None
    weekdays: tuple[str, ...] = ()
    weak_day: bool = False
    feast: bool = False
    every: bool = False
    past: bool = False
    part: Part | None = None
    hour: Hour | None = None
    lapse: Lapse | None = None
    now: bool = False
    bound: BoundSide = "at"
    vague: bool = False

    @property
    def kind(self) -> Literal["date", "moment", "habit", "vague"]:
        """date: days alone; moment: an hour or part of a day; habit: a day of every week or every day."""
        if self.every:
            return "habit"
        if self.hour or self.part or self.lapse or self.now:
            return "moment"
        return "date" if self.day else "vague"

    @property
    def clock(self) -> tuple[str | None, str | None] | None:
        """[from, to] as HH:MM on whichever day, None where no hour or part of the day was said."""
        return clock_of(self.hour, self.part, self.bound)


_AHEAD = ("最晚", "最迟", "不晚于", "赶在", "别超", "不超", "别晚", "不能超", "不要超", "不能晚", "不要晚")
"""Words for 之前 that stand before their time."""


def find_times(text: str, *, anchor: datetime, calendar: Calendar | None = None) -> list[TimeSpan]:
    """All times in `text`, in order, none overlapping. `anchor` is the moment of the turn.

    With a `calendar`, days on which 盘中 or 收盘后 falls are moved to the next trading day where no day was said.
    """
    today = in_shanghai(anchor).date()
    out: list[TimeSpan] = []
    for found in pattern().finditer(text):
        atom: Day | clocks.Clock | None = read_day(found, today) or clocks.read_clock(found)
        if atom is None:
            continue
        span = _span(found, atom)
        if span is None:
            continue
        joined = _join(text, out[-1], span) if out else None
        if joined:
            out[-1] = joined
        elif not (isinstance(atom, clocks.Bound) and not text.startswith(_AHEAD, span.start)):
            out.append(span)
    if calendar is not None:
        out = [_on_trading_day(s, today, calendar) for s in out]
    return out


def _span(found: re.Match[str], atom: Day | clocks.Clock) -> TimeSpan | None:
    base = TimeSpan(found.start(), found.end(), found.group())
    match atom:
        case Day():
            return replace(base, day=atom.days, weekdays=atom.weekdays, weak_day=atom.weak, feast=atom.feast,
                           every=atom.every, past=atom.past)  # fmt: skip
        case Part():
            return replace(base, part=atom)
        case Hour():
            return replace(base, hour=atom)
        case Lapse():
            return replace(base, lapse=atom)
        case Now():
            return replace(base, now=True)
        case Vague():
            return replace(base, vague=True)
        case _:
            return replace(base, bound="after" if atom.side == "after" else "before")


def _join(text: str, a: TimeSpan, b: TimeSpan) -> TimeSpan | None:
    """`a` and `b` as one span where they stand together and complete each other; None where they do not."""
    gap = text[a.end : b.start]
    if len(gap) > 5 or not words("gap").fullmatch(gap) or a.vague or b.vague or a.lapse or b.lapse:
        return None
    if b.bound != "at" and b.kind == "vague":  # 以后, 之前
        if gap.strip("的 ") or a.bound != "at" or b.text.startswith(_AHEAD):
            return None
        return replace(a, end=b.end, text=text[a.start : b.end], bound=b.bound)
    if a.kind == "vague" and a.bound == "before":  # 最晚 before its time
        return replace(b, start=a.start, text=text[a.start : b.end], bound="before")
    if a.bound != "at":
        return None
    if b.day and a.day:
        return _join_days(text, a, b)
    if b.day and (a.hour or a.part) and "，" in gap:
        return None
    if (b.hour and a.hour) or (b.part and (a.hour or (a.part and not _nests(a.part, b.part)))):
        return None
    if "，" in gap and (a.hour or b.day):
        return None
    return replace(
        a, end=b.end, text=text[a.start : b.end], day=a.day or b.day, weekdays=a.weekdays or b.weekdays,
        weak_day=a.weak_day if a.day else b.weak_day, feast=a.feast or b.feast, every=a.every or b.every,
        past=a.past or b.past, part=_narrow(a.part, b.part), hour=a.hour or b.hour, now=a.now or b.now, bound=b.bound,
    )  # fmt: skip


def _join_days(text: str, a: TimeSpan, b: TimeSpan) -> TimeSpan | None:
    """后天周五, 二十号礼拜一, 礼拜六礼拜天, 每天…工作日; None for two different days."""
    if a.hour or a.part or b.day is None or a.day is None:
        return None
    whole = text[a.start : b.end]
    if a.weekdays and b.weekdays and a.weak_day and b.weak_day and a.weekdays != b.weekdays:
        if "any" in a.weekdays + b.weekdays:
            names = b.weekdays if "any" in a.weekdays else a.weekdays
        else:
            names = tuple(d for d in days.WEEK if d in a.weekdays + b.weekdays)
        every = a.every or b.every or len(names) > 1
        low, high = min(a.day[0], b.day[0]), max(a.day[1], b.day[1])
        return replace(a, end=b.end, text=whole, weekdays=names, day=(low, high), every=every)
    if a.day[0] <= b.day[0] <= b.day[1] <= a.day[1] or (b.weak_day and not b.every):
        strong, weak = (b, a) if not b.weak_day else (a, b)
        if strong.weak_day or (
            weak.weekdays and strong.day and days.WEEK[strong.day[0].weekday()] not in weak.weekdays
        ):
            return (
                None
                if strong.weak_day != weak.weak_day or a.weekdays != b.weekdays
                else replace(a, end=b.end, text=whole)
            )
        return replace(strong, start=a.start, end=b.end, text=whole, bound=b.bound, every=a.every or b.every)
    return None


def _nests(a: Part, b: Part) -> bool:
    """下午收盘后: the second part narrows the first."""
    return b.low is not None and a.low is not None and a.high is not None and a.low <= b.low <= a.high


def _narrow(a: Part | None, b: Part | None) -> Part | None:
    if a is None or b is None:
        return a or b
    return Part(b.low, b.high if b.high is not None else a.high, b.trading)


def _on_trading_day(span: TimeSpan, today: date, calendar: Calendar) -> TimeSpan:
    if span.day is None and span.part and (span.part.trading or span.part.low == clocks.CLOSE):
        day = today
        while not calendar.is_trading_day(day) and day < today + timedelta(days=15):
            day += timedelta(days=1)
        return replace(span, day=(day, day), weak_day=True) if day != today else span
    return span

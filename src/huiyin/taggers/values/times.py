"""Spoken times, resolved in Asia/Shanghai against the moment of the turn (spec/tags.md, "Dates", `contact_time`).

`find_times` says what stands where; `resolve_window`, `resolve_dates` and `resolve_habit` say what the times of one
or several turns mean together. The later word wins where two speak of the same thing ("后天吧，不对，星期四").

    >>> spans = find_times("下周三下午三点以后打给我", anchor=datetime(2026, 3, 12, 10, 5))
    >>> resolve_window(spans, anchor=datetime(2026, 3, 12, 10, 5))
    ('2026-03-18T15:00', '2026-03-18T18:00')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple, Protocol

from huiyin.domain.record import in_shanghai
from huiyin.taggers.values import clocks, days
from huiyin.taggers.values.clocks import Hour, Lapse, Now, Part, Vague
from huiyin.taggers.values.days import DateRange, Day
from huiyin.taggers.values.time_words import pattern, words

Window = tuple[str | None, str | None]
BoundSide = Literal["at", "after", "before"]


class Calendar(Protocol):
    """What is needed of domain.calendar.TradingCalendar."""

    def is_trading_day(self, day: date) -> bool: ...


class Habit(NamedTuple):
    """A standing time (spec, `contact_time` preferred/avoid): days of mon…sun, trading_day or any; HH:MM or None."""

    days: tuple[str, ...]
    from_: str | None
    to: str | None


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
        return _clock_of(self.hour, self.part, self.bound)


def find_times(text: str, *, anchor: datetime, calendar: Calendar | None = None) -> list[TimeSpan]:
    """All times in `text`, in order, none overlapping. `anchor` is the moment of the turn.

    With a `calendar`, days on which 盘中 or 收盘后 falls are moved to the next trading day where no day was said.
    """
    today = in_shanghai(anchor).date()
    out: list[TimeSpan] = []
    for found in pattern().finditer(text):
        atom: Day | clocks.Clock | None = days.read_day(found, today) or clocks.read_clock(found)
        if atom is None:
            continue
        span = _span(found, atom)
        if span is None:
            continue
        joined = _join(text, out[-1], span) if out else None
        if joined:
            out[-1] = joined
        elif not (isinstance(atom, clocks.Bound) and not text.startswith(("最晚", "最迟", "不晚于"), span.start)):
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
        if gap.strip("的 ") or a.bound != "at":
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


def _shift(hour: Hour, part: Part | None) -> Hour:
    """三点 in the afternoon is 15:00, 八点 in the evening 20:00, 六点半 in the morning 06:30."""
    if part is None or not hour.loose or part.low is None:
        return hour
    low, high = part.low, part.high if part.high is not None else 24 * 60
    for offset in (0, 12 * 60, -12 * 60):
        at = hour.low + offset
        slack = 120 if offset == 0 or low >= clocks.NOON else 180
        if 0 <= at <= 24 * 60 and low - slack <= at <= high + 180 and not (offset == 0 and _wrong_half(at, part)):
            return replace(hour, low=at, high=min(hour.high + offset, 24 * 60), loose=False)
    return hour


def _wrong_half(at: int, part: Part) -> bool:
    """八点 is no evening hour until 12 hours are added, 五点 no morning one until they are taken off."""
    if part.low is None:
        return False
    if part.low >= 17 * 60:
        return at < 16 * 60 + 30
    if part.high is not None and part.high <= clocks.NOON:
        return at > 12 * 60 + 30
    return False


def _text(minutes: int | None) -> str | None:
    if minutes is None:
        return None
    minutes = min(minutes, 24 * 60 - 1)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _clock_of(hour: Hour | None, part: Part | None, bound: str) -> tuple[str | None, str | None] | None:
    if hour is not None:
        hour = _shift(hour, part)
        if bound == "before":
            return None, _text(hour.low)
        if bound == "after":
            inside = part is not None and part.high is not None and part.low is not None and hour.low < part.high
            return _text(hour.low), _text(part.high) if inside and part else None
        return _text(hour.low), _text(hour.high)
    if part is None:
        return None
    if bound == "after":
        return _text(part.low), None
    if bound == "before":
        return None, _text(part.high if part.low is None else part.low if part.low != 11 * 60 + 30 else clocks.NOON)
    return _text(part.low), _text(part.high)


@dataclass(frozen=True, slots=True)
class _Together:
    """What several spans say together, the later word winning."""

    day: TimeSpan | None = None
    part: Part | None = None
    hour: Hour | None = None
    lapse: Lapse | None = None
    now: bool = False
    bound: str = "at"
    vague: bool = False


def _gather(spans: Sequence[TimeSpan]) -> _Together:
    out = _Together()
    for span in spans:
        if span.past or (span.every and not span.weekdays):
            continue
        if span.day:
            out = replace(out, day=_later_day(out.day, span))
        if span.lapse:
            out = replace(out, lapse=span.lapse)
        if span.part and span.hour is None and out.hour and not _fits(out.hour, span.part):
            out = replace(out, hour=None, bound="at")
        if span.hour:
            part = span.part or (out.part if out.part and span.hour.loose else None)
            out = replace(out, hour=span.hour, part=part, bound=span.bound, lapse=None)
        elif span.part:
            out = replace(out, part=span.part, bound=span.bound if out.hour is None else out.bound)
        elif span.bound != "at" and out.hour is None:
            out = replace(out, bound=span.bound)
        out = replace(out, now=out.now or span.now, vague=out.vague or span.vague)
    return out


def _fits(hour: Hour, part: Part) -> bool:
    at = _shift(hour, part).low
    return (part.low is None or at >= part.low - 60) and (part.high is None or at <= part.high + 60)


def _later_day(old: TimeSpan | None, new: TimeSpan) -> TimeSpan:
    """A weekday alone, or 今天 of a habit, does not undo an explicit date that falls on it."""
    if old is None or old.day is None or not new.weak_day:
        return new
    if "any" in new.weekdays:
        return old
    same = any(days.WEEK[(old.day[0] + timedelta(days=k)).weekday()] in new.weekdays
               for k in range(min((old.day[1] - old.day[0]).days, 6) + 1))  # fmt: skip
    if same and not old.weak_day:
        one = old.day[0] == old.day[1]
        if one or not new.weekdays:
            return old
        for k in range((old.day[1] - old.day[0]).days + 1):  # 下周 … 周三: the Wednesday of that week
            day = old.day[0] + timedelta(days=k)
            if days.WEEK[day.weekday()] in new.weekdays:
                return replace(new, day=(day, day))
    return new


def resolve_window(spans: Sequence[TimeSpan], *, anchor: datetime) -> Window | None:
    """[start, end] as YYYY-MM-DDTHH:MM from times said together; None where they name no time at all.

    Both ends are None for 一会儿. A time without a day is today's, or tomorrow's once it has passed. Source:
    spec/tags.md, "Exact and open times".
    """
    anchor = in_shanghai(anchor)
    said = _gather(spans)
    if said.lapse:
        at = anchor + timedelta(minutes=said.lapse.minutes)
        return (None, _moment(at)) if said.lapse.within else (_moment(at), _moment(at))
    if said.day is None and said.hour is None and said.part is None:
        return (None, None) if said.vague else None
    if said.now and said.day and said.day.day:
        at = datetime.combine(said.day.day[0], anchor.time())
        return _moment(at), _moment(at)
    clock = _clock_of(said.hour, said.part, said.bound)
    if said.day is None or said.day.day is None:
        day = _day_for(clock, anchor)
        return _on(day, day, clock)
    low, high = said.day.day
    if clock is None:
        bound = said.day.bound if said.day.bound != "at" else said.bound
        if bound == "after":
            return _moment(datetime.combine(high + timedelta(days=1) if said.day.feast else low, time())), None
        if bound == "before":
            last = low - timedelta(days=1) if said.day.feast else high
            return None, _moment(datetime.combine(last, time(23, 59)))
        return _moment(datetime.combine(low, time())), _moment(datetime.combine(high, time(23, 59)))
    return _on(low, high, clock)


def _day_for(clock: tuple[str | None, str | None] | None, anchor: datetime) -> date:
    last = (clock[1] or clock[0]) if clock else None
    passed = last is not None and last < f"{anchor:%H:%M}"
    if clock and clock[0] and clock[1] is None:
        passed = False  # 三点以后, said at four, is today still
    return anchor.date() + timedelta(days=1) if passed else anchor.date()


def _on(low: date, high: date, clock: tuple[str | None, str | None] | None) -> Window:
    start, end = clock or ("00:00", "23:59")
    return f"{low}T{start}" if start else None, f"{high}T{end}" if end else None


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")


def resolve_dates(spans: Sequence[TimeSpan], *, anchor: datetime) -> DateRange | None:
    """The days named, [from, to], the last word counting; None where no day is named or only past ones."""
    said = _gather(spans).day
    if said is None or said.day is None or "any" in said.weekdays:
        return None
    low, high = said.day
    if said.feast and said.bound == "after":
        return high + timedelta(days=1), high + timedelta(days=10)
    if said.feast and said.bound == "before":
        today = in_shanghai(anchor).date()
        return min(today, low), low
    return low, high


def resolve_habit(spans: Sequence[TimeSpan]) -> Habit | None:
    """A standing time from times said together: 周一到周四晚上九点以后. No day named is ["any"]; None without a time."""
    names: tuple[str, ...] = ()
    part: Part | None = None
    hour: Hour | None = None
    bound = "at"
    for span in spans:
        if span.weekdays and span.weekdays != ("any",):
            names = tuple(d for d in days.WEEK if d in names + span.weekdays)
        if span.part:
            part = span.part
        if span.hour:
            hour, bound = span.hour, span.bound
            part = span.part or part
        elif span.part and span.bound != "at":
            bound = span.bound
    if not names and part is None and hour is None and not any(s.weekdays for s in spans):
        return None
    if part and part.trading and hour is None:
        return Habit(names or ("trading_day",), _text(part.low), _text(part.high))
    clock = _clock_of(hour, part, bound) or (None, None)
    if bound == "after":
        clock = (clock[0], None)
    return Habit(names or ("any",), *clock)

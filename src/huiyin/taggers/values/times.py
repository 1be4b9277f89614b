"""Spoken times, resolved in Asia/Shanghai against the moment of the turn (spec/tags.md, "Dates", `contact_time`).

`find_times` says what stands where; `resolve_window`, `resolve_dates` and `resolve_habit` say what the times of one
or several turns mean together. The later word wins where two speak of the same thing ("后天吧，不对，星期四").

    >>> spans = find_times("下周三下午三点以后打给我", anchor=datetime(2026, 3, 12, 10, 5))
    >>> resolve_window(spans, anchor=datetime(2026, 3, 12, 10, 5))
    ('2026-03-18T15:00', '2026-03-18T18:00')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from huiyin.domain.record import in_shanghai
from huiyin.taggers.values import days
from huiyin.taggers.values.clocks import Hour, Lapse, Part, clock_of, clock_text, shift
from huiyin.taggers.values.days import DateRange
from huiyin.taggers.values.time_spans import Calendar, TimeSpan, find_times

__all__ = ["Calendar", "Habit", "TimeSpan", "Window", "find_times", "resolve_dates", "resolve_habit", "resolve_window"]

Window = tuple[str | None, str | None]


class Habit(NamedTuple):
    """A standing time (spec, `contact_time` preferred/avoid): days of mon…sun, trading_day or any; HH:MM or None."""

    days: tuple[str, ...]
    from_: str | None
    to: str | None


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
    at = shift(hour, part).low
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
    clock = clock_of(said.hour, said.part, said.bound)
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
        eve = low - timedelta(days=1)
        return min(in_shanghai(anchor).date(), eve), eve
    return low, high


def resolve_habit(spans: Sequence[TimeSpan]) -> Habit | None:
    """A standing time from times said together: 周一到周四晚上九点以后. No day named is ["any"]; None without a time.

    The end is open for 以后 even in the evening: "晚上八点半往后" is from 20:30 with no end.
    """
    names: tuple[str, ...] = ()
    part: Part | None = None
    hour: Hour | None = None
    bound = "at"
    for span in spans:
        if span.weekdays and span.weekdays != ("any",):
            names = tuple(d for d in (*days.WEEK, "trading_day") if d in names + span.weekdays)
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
        return Habit(names or ("trading_day",), clock_text(part.low), clock_text(part.high))
    clock = clock_of(hour, part, bound) or (None, None)
    if bound == "after":
        clock = (clock[0], None)
    return Habit(names or ("any",), *clock)

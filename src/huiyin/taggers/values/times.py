"""Spoken times, resolved in Asia/Shanghai against the moment of the turn (spec/tags.md, "Dates", `contact_time`).

First version of the public names; the grammar follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

DateRange = tuple[date, date]
Window = tuple[str | None, str | None]


class Calendar(Protocol):
    """What is needed of domain.calendar.TradingCalendar."""

    def is_trading_day(self, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class Habit:
    """A standing time: `days` of mon…sun, trading_day or any; `from_`/`to` as HH:MM."""

    days: tuple[str, ...]
    from_: str | None
    to: str | None


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time said in text[start:end]: a day or days, a part of the day or an hour, or both.

    `clock` is [from, to] as HH:MM, `exact` where an hour was named; `bound` is "after" for 以后, "before" for 之前.
    """

    start: int
    end: int
    text: str
    day: DateRange | None = None
    clock: tuple[str | None, str | None] | None = None
    exact: bool = False
    bound: Literal["at", "after", "before"] = "at"
    days: tuple[str, ...] = ()
    moment: datetime | None = None


def find_times(text: str, *, anchor: datetime, calendar: Calendar | None = None) -> list[TimeSpan]:
    """All times in `text`, in order, none overlapping."""
    return []


def resolve_window(spans: Sequence[TimeSpan], *, anchor: datetime) -> Window | None:
    """One window from times said together; None where they name no time."""
    return None


def resolve_dates(spans: Sequence[TimeSpan], *, anchor: datetime) -> DateRange | None:
    """The days named, the last word counting; None where no day is named."""
    return None


def resolve_habit(spans: Sequence[TimeSpan]) -> Habit | None:
    """A standing time from times said together; days default to any."""
    return None

"""Days and stretches of days: what a word for them stands for, and the arithmetic (spec/tags.md, "Dates are")."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from huiyin.taggers.values.numerals import read_number

DateRange = tuple[date, date]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST, _SECOND, _LAST = (1, 10), (11, 20), (21, 31)
_THIRDS = {
    "初": _FIRST, "头": _FIRST, "上旬": _FIRST, "中": _SECOND, "中旬": _SECOND,
    "底": _LAST, "末": _LAST, "下旬": _LAST, "尾": _LAST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """Days said.

    `weak`: a weekday alone, which an explicit date beside it outweighs. `feast`: its 之后 begins the day after.
    """

    days: DateRange
    weekdays: tuple[str, ...] = ()
    weak: bool = False
    feast: bool = False
    every: bool = False  # 每周三, 每天: a habit
    past: bool = False


def month_range(year: int, month: int, third: str | None = None) -> DateRange:
    """A month, or its 初 (1–10), 中 (11–20), 底 (21–last)."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    last = calendar.monthrange(year, month)[1]
    low, high = _THIRDS[third] if third else (1, last)
    return date(year, month, low), date(year, month, min(high, last))


def add_months(day: date, months: int) -> date:
    first, last = month_range(day.year, day.month + months)
    return first.replace(day=min(day.day, last.day))


def coming(number: int, today: date) -> date:
    """The next day of a month with this number, today included. Raises ValueError for 0 and 32."""
    for offset in range(13):
        first, last = month_range(today.year, today.month + offset)
        if number <= last.day and first.replace(day=number) >= today:
            return first.replace(day=number)
    raise ValueError(number)


def distance(count: str, unit: str, today: date) -> DateRange | None:
    """两个月 from `today`, as [from, to]; 过两天 is the 2nd to the 3rd day. None for what is no number or too far."""
    number = read_number(count, 0)
    low, high = (int(number.low), int(number.high)) if number else (0, 0)
    unit = unit.lstrip("个")
    if unit == "天" and number:
        low, high = {"几": (3, 7), "两": (2, 3), "俩": (2, 3)}.get(count, (low, high))
        if high > 3000:
            return None
        return today + timedelta(days=low), today + timedelta(days=high)
    if count == "半":
        day = today + timedelta(days=15) if unit == "月" else add_months(today, 6)
        return (day, day)
    if high == 0 or high > 600:
        return None
    if unit in ("周", "星期", "礼拜"):
        return today + timedelta(weeks=low), today + timedelta(weeks=high)
    months = 12 if unit == "年" else 1
    return add_months(today, low * months), add_months(today, high * months)

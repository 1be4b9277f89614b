"""Words for hours and parts of the day: 三点半, 差五分三点, 四五点钟, 下午, 收盘后, 晚饭后, 半小时后.

Source of the parts: spec/tags.md, `contact_time` and "Exact and open times".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from huiyin import lexicon
from huiyin.taggers.values.numerals import read_number, whole
from huiyin.taggers.values.time_words import words

Minutes = int
"""Minutes since midnight."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day; either end may be open. `trading`: it only exists on trading days."""

    low: Minutes | None
    high: Minutes | None
    trading: bool = False


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour said. `loose`: no part of the day with it in the same word, so 12 hours more may be meant."""

    low: Minutes
    high: Minutes
    loose: bool = True


@dataclass(frozen=True, slots=True)
class Lapse:
    """A stretch of time from now: 半小时后, 十分钟内."""

    minutes: int
    within: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    side: str  # "after" or "before"


@dataclass(frozen=True, slots=True)
class Now:
    """明天这个点: the hour of the talk."""


@dataclass(frozen=True, slots=True)
class Vague:
    """一会儿, 回头: a time that cannot be resolved."""


Clock = Part | Hour | Lapse | Bound | Now | Vague

NOON, OPEN, CLOSE = 12 * 60, 9 * 60 + 30, 15 * 60


@cache
def _parts() -> dict[str, Part]:
    return {
        row["id"]: Part(_from_text(row["from"]), _from_text(row["to"]), row.get("trading", False))
        for row in lexicon.load("times")["parts"]
    }


def _from_text(clock: str | None) -> Minutes | None:
    return int(clock[:2]) * 60 + int(clock[3:]) if clock else None


def read_clock(found: re.Match[str]) -> Clock | None:
    """What a match of time_words.pattern() says; None where it is no hour after all."""
    kind, _, entry = (found.lastgroup or "").partition("_")
    if kind == "parts":
        return None if words("greeting").match(found.string, found.end()) else _parts()[entry]
    return _READERS[entry](found) if kind == "hours" else None


def _number(word: str) -> int:
    return {"俩": 2}.get(word) or whole(word) or 0


def _minutes(minute: str | None, quarter: str | None, colon: str | None = None) -> int:
    if quarter:
        return {"半": 30, "一刻": 15, "三刻": 45}[quarter]
    word = minute or colon
    return whole(word.lstrip("零")) or 0 if word else 0


def _office(hour: int) -> int:
    """An hour without a part of the day: 三点 is 15:00 in talk at work, eight to eleven are the morning."""
    return hour + 12 if 1 <= hour <= 7 else hour


def _to_hour(found: re.Match[str]) -> Clock:
    less = 15 if found.group("less") == "一刻" else _number(found.group("less"))
    at = _office(_number(found.group("toh"))) * 60 - less
    return Hour(at, at)


def _span(found: re.Match[str]) -> Clock | None:
    first, last = _number(found.group("h1")), _number(found.group("h2"))
    if not (first <= 24 and last <= 24):
        return None
    low_minutes = _minutes(found.group("m1"), found.group("q1"), found.group("c1"))
    high_minutes = _minutes(found.group("m2"), found.group("q2"), found.group("c2"))
    low, high = _office(first) * 60 + low_minutes, _office(last) * 60 + high_minutes
    if high < low and high + 12 * 60 <= 24 * 60:
        high += 12 * 60  # 十一点到一点 is settled by _office; 八点到九点 in the evening by the part
    if high < low:
        return None
    return Hour(low, high)


def _hours(found: re.Match[str]) -> Clock | None:
    first, last = _number(found.group("ha")), _number(found.group("hb"))
    if last - first != 1:
        return None
    low = _office(first) * 60
    return Hour(low, low + 60)


def _colon(found: re.Match[str]) -> Clock:
    hour, minute = int(found.group("ch")), int(found.group("cm"))
    return Hour(hour * 60 + minute, hour * 60 + minute, loose=hour < 8)


def _hour(found: re.Match[str]) -> Clock | None:
    hour, text = _number(found.group("h")), found.string
    if hour > 24 or words("bare_hour", "rate_before").search(text[max(0, found.start() - 8) : found.start()]):
        return None
    minutes = _minutes(found.group("min"), found.group("q"))
    sure = minutes or words("bare_hour", "sure").search(found.group())
    if not sure and not _stands_alone(text, found.start(), found.end(), hour):
        return None
    at = _office(hour) * 60 + minutes
    return Hour(at, at, loose=hour <= 12) if at <= 24 * 60 else None


def _stands_alone(text: str, start: int, end: int, hour: int) -> bool:
    """Whether a bare 三点 is an hour: beside a day or part of one, or before what one does at an hour.

    一点 and 两点 are "a bit" and "two points" more often than hours, so they need more.
    """
    before = text[max(0, start - 4) : start]
    if words("bare_hour", "none_before").search(before):
        return False
    if words("bare_hour", "frame_before").search(before):
        return hour != 1 or before[-1] not in "一二三四五六"
    return bool(words("bare_hour", "done_at" if hour <= 2 else "follows").match(text, end))


def _lapse(found: re.Match[str]) -> Clock | None:
    lead, tail = found.group("wait"), found.group("tail")
    if not (tail or (lead and lead != "大概")):
        return None
    count, unit = found.group("n"), found.group("u")
    number = read_number(count, 0)
    amount = 0.5 if count.startswith("半") else (number.low if number else 0)
    if "半" in unit:
        amount += 0.5
    scale = 60 if "时" in unit or "头" in unit or unit.endswith("个钟") or unit == "钟" else 15 if "刻" in unit else 1
    if count == "几":
        amount = 5
    minutes = round(amount * scale)
    return Lapse(minutes, within=bool(tail and tail[-1] in "内里")) if 0 < minutes <= 24 * 60 else None


_READERS: dict[str, Callable[[re.Match[str]], Clock | None]] = {
    "to_hour": _to_hour, "span": _span, "hours": _hours, "colon": _colon, "hour": _hour, "lapse": _lapse,
    "now": lambda _: Now(), "vague": lambda _: Vague(), "after": lambda _: Bound("after"),
    "before": lambda _: Bound("before"),
}  # fmt: skip


def shift(hour: Hour, part: Part | None) -> Hour:
    """三点 in the afternoon is 15:00, 八点 in the evening 20:00, 六点半 in the morning 06:30."""
    if part is None or not hour.loose or part.low is None:
        return hour
    low, high = part.low, part.high if part.high is not None else 24 * 60
    for offset in (0, 12 * 60, -12 * 60):
        at = hour.low + offset
        slack = 120 if offset == 0 or low >= NOON else 180
        if 0 <= at <= 24 * 60 and low - slack <= at <= high + 180 and not (offset == 0 and _wrong_half(at, part)):
            return replace(hour, low=at, high=min(hour.high + offset, 24 * 60), loose=False)
    return hour


def _wrong_half(at: int, part: Part) -> bool:
    """八点 is no evening hour until 12 hours are added, 五点 no morning one until they are taken off."""
    if part.low is None:
        return False
    if part.low >= 17 * 60:
        return at < 16 * 60 + 30
    if part.high is not None and part.high <= NOON:
        return at > 12 * 60 + 30
    return False


def clock_text(minutes: int | None) -> str | None:
    """HH:MM; midnight at the end of a day is 23:59."""
    if minutes is None:
        return None
    minutes = min(minutes, 24 * 60 - 1)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def clock_of(hour: Hour | None, part: Part | None, bound: str) -> tuple[str | None, str | None] | None:
    """[from, to] as HH:MM of an hour, a part of the day or both, and whether 以后 or 之前 was said."""
    if hour is not None:
        hour = shift(hour, part)
        if bound == "before":
            return None, clock_text(hour.low)
        if bound == "after":
            inside = part is not None and part.high is not None and part.low is not None and hour.low < part.high
            return clock_text(hour.low), clock_text(part.high) if inside and part else None
        return clock_text(hour.low), clock_text(hour.high)
    if part is None:
        return None
    if bound == "after":
        return clock_text(part.low), None
    if bound == "before":
        return None, clock_text(part.high if part.low is None else part.low if part.low != 11 * 60 + 30 else NOON)
    return clock_text(part.low), clock_text(part.high)

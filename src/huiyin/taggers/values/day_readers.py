"""Words for days, resolved against a day: 下周三, 月底, 明年三月份, 正月初八, 节后.

Which words there are is data (lexicons/times.yaml, `days`); each entry has its reader here, by its id.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from huiyin import lexicon
from huiyin.taggers.values.days import WEEK, DateRange, Day, coming, distance, month_range
from huiyin.taggers.values.numerals import read_number, whole
from huiyin.taggers.values.time_words import feasts

_WEEKDAY = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5,
            "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6}  # fmt: skip
_RELATIVE = {"大后": 3, "今": 0, "明": 1, "后": 2, "昨": -1, "前": -2, "大前": -3, "赶明": 1, "明后": 1, "今明": 0}
_D = re.compile("[一二三四五六日天]")
_WEEK_WORD = re.compile("周|星期|礼拜")


def read_day(found: re.Match[str], today: date) -> Day | None:
    """The days that a match of time_words.pattern() names, seen from `today`; None where no such day exists."""
    kind, _, entry = (found.lastgroup or "").partition("_")
    if kind != "days":
        return None
    try:
        return _READERS[entry](found, today)
    except (ValueError, OverflowError):
        return None  # 二月三十号


def _relative(found: re.Match[str], today: date) -> Day:
    offset = _RELATIVE[found.group("rel") or found.group("relp")]
    day = today + timedelta(days=offset)
    later = day + timedelta(days=1) if found.group("rel") in ("明后", "今明") else day
    return Day((day, later), past=offset < 0)


def _every_day(found: re.Match[str], today: date) -> Day:
    if found.group() in ("工作日", "平日", "上班时间"):
        return Day((today, today), WEEK[:5], weak=True, every=True)
    names = ("trading_day",) if found.group() == "交易日" else ("any",)
    return Day((today, today), names, weak=True, every=True)


def _next(today: date, weekday: int) -> date:
    """A weekday said alone means the next one, never today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _weekdays(found: re.Match[str], today: date) -> Day:
    first, last = _WEEKDAY[found.group("w1")], _WEEKDAY[found.group("w2")]
    names = WEEK[first : last + 1] if first <= last else WEEK[first:] + WEEK[: last + 1]
    start = _next(today, first)
    return Day((start, start + timedelta(days=len(names) - 1)), names, weak=True, every=True)


def _weeklist(found: re.Match[str], today: date) -> Day | None:
    days = [_WEEKDAY[c] for c in _D.findall(_WEEK_WORD.sub("", found.group("list")))]
    days = list(dict.fromkeys(days))  # 星期四星期四 is said twice, not two days
    if len(days) == 1:
        day = _next(today, days[0])
        return Day((day, day), (WEEK[days[0]],), weak=True)
    starts = sorted(_next(today, d) for d in days)
    return Day(
        (starts[0], starts[-1]), tuple(WEEK[d] for d in sorted(days)), weak=True, every=found.group("llead") is not None
    )


def _monday(today: date, lead: str | None) -> date:
    weeks = 2 * (lead or "").count("下下") or (lead or "").count("下") or -(lead or "").count("上")
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _weekday(found: re.Match[str], today: date) -> Day:
    lead, said = found.group("lead"), found.group("day")
    weekday = _WEEKDAY[said]
    names = WEEK[5:] if said == "末" else (WEEK[weekday],)
    extra = timedelta(days=1 if said == "末" else 0)
    every = bool(lead) and lead[0] in "每逢"
    if lead and not every:
        day = _monday(today, lead) + timedelta(days=weekday)
        if lead[0] in "这本" and day < today and said not in "末":
            day += timedelta(weeks=1)
        return Day((day, day + extra), names, past=lead[0] == "上")
    day = today if said == "末" and today.weekday() == 5 else _next(today, weekday)
    return Day((day, day + extra), names, weak=True, every=every)


def _week(found: re.Match[str], today: date) -> Day:
    monday = _monday(today, found.group("weeklead"))
    return Day((max(monday, today), monday + timedelta(days=6)))


def _lunar(found: re.Match[str], today: date) -> Day | None:
    number = whole(found.group("lday") or found.group("lday2")) or 1
    for first in lexicon.load("festivals")["lunar_new_year"].values():
        day: date = first + timedelta(days=number - 1)
        if day >= today:
            return Day((day, day)) if (day - today).days < 120 else None
    return None


def _feast(found: re.Match[str], today: date) -> Day | None:
    for days in sorted(feasts()[found.group("fname")].values()):
        if days[1] >= today:
            return _after(days) if found.group("over") else Day(days, feast=True)
    return None


def _next_of(names: tuple[str, ...], today: date) -> DateRange | None:
    rows = [days for name in names for days in feasts()[name].values() if days[1] >= today]
    return min(rows) if rows else None


def _after(days: DateRange | None) -> Day | None:
    return Day((days[1] + timedelta(days=1), days[1] + timedelta(days=10))) if days else None


def _after_new_year(found: re.Match[str], today: date) -> Day | None:
    return _after(_next_of(("春节",), today))


def _before_new_year(found: re.Match[str], today: date) -> Day | None:
    spring = _next_of(("春节",), today)
    return Day((today, max(today, spring[0] - timedelta(days=1)))) if spring else None


def _feast_any(found: re.Match[str], today: date) -> Day | None:
    return _after(_next_of(("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆"), today))


def _year(word: str | None, today: date) -> int | None:
    if not word:
        return None
    relative = {"今年": 0, "明年": 1, "来年": 1, "后年": 2, "去年": -1}
    if word in relative:
        return today.year + relative[word]
    number = whole(word.rstrip("年"))
    return None if number is None else number + (2000 if number < 100 else 0)


def _month_number(word: str) -> int:
    return 1 if word == "元" else whole(word) or 1


def _month_day(found: re.Match[str], today: date) -> Day:
    year, month, number = (
        _year(found.group("year1"), today),
        _month_number(found.group("m")),
        whole(found.group("d")) or 0,
    )
    day = date(year or today.year, month, number)
    if year is None and day < today:
        day = date(today.year + 1, month, number)
    return Day((day, day), past=day < today)


def _in_month(month: int, year: int | None, third: str | None, today: date) -> Day:
    days = month_range(year or today.year, month, third)
    if year is None and days[1] < today:
        days = month_range(today.year + 1, month, third)
    return Day(days, past=days[1] < today)


def _third_of(word: str) -> str:
    return word[0] if word.startswith("头") else word


def _month_third(found: re.Match[str], today: date) -> Day:
    year = _year(found.group("year2"), today)
    return _in_month(_month_number(found.group("mt")), year, _third_of(found.group("t")), today)


def _month(found: re.Match[str], today: date) -> Day:
    year = _year(found.group("year3"), today)
    return _in_month(_month_number(found.group("mo").rstrip("月")), year, None, today)


def _rel_month(found: re.Match[str], today: date) -> Day:
    lead = found.group("ml")
    offset = 2 if lead.startswith("下下") else 1 if lead.startswith("下") else 0
    first, last = month_range(today.year, today.month + offset)
    if found.group("rd"):
        day = first.replace(day=whole(found.group("rd")) or 0)
        return Day((day, day), past=day < today)
    if found.group("rt"):
        return Day(month_range(first.year, first.month, _third_of(found.group("rt"))))
    return Day((first if offset else max(first, today), last))


def _third(found: re.Match[str], today: date) -> Day:
    days = month_range(today.year, today.month, found.group("th"))
    if days[1] < today:
        days = month_range(today.year, today.month + 1, found.group("th"))
    return Day(days)


def _year_part(found: re.Match[str], today: date) -> Day:
    year, part = _year(found.group("yl"), today), found.group("yp")
    month = {"底": 12, "末": 12, "初": 1, "中": 6}[part]
    return _in_month(month, year, None, today)


def _season(found: re.Match[str], today: date) -> Day:
    first, last = {"开春": (2, 4), "立春": (2, 2), "入夏": (5, 6), "入秋": (8, 9), "入冬": (11, 11),
                   "上半年": (1, 6), "下半年": (7, 12)}[found.group("sn")]  # fmt: skip
    year = _year(found.group("sy"), today) or today.year
    if found.group("sy") is None and month_range(year, last)[1] < today:
        year += 1
    return Day((month_range(year, first)[0], month_range(year, last)[1]))


def _whole_year(found: re.Match[str], today: date) -> Day:
    year = _year(found.group("yr"), today) or today.year
    return Day((date(year, 1, 1), date(year, 12, 31)))


def _two_days(found: re.Match[str], today: date) -> Day | None:
    tens = found.group("tens") or ""
    first, last = whole(tens + found.group("da")), whole(tens + found.group("db"))
    if first is None or last is None or last != first + 1:
        return None
    start = coming(first, today)
    return Day((start, start + timedelta(days=1)))


def _quarter(found: re.Match[str], today: date) -> Day:
    """三季度, 季度末 (of the current quarter, its last month from the 21st on)."""
    said, part = found.group("qn") or found.group("qn2"), found.group("qt")
    number = _WEEKDAY[said] + 1 if said else (today.month + 2) // 3
    year = _year(found.group("qy") or found.group("qy2"), today) or today.year
    month = {"末": 3, "底": 3, "初": 1}.get(part or "", 0)
    if month:
        days = month_range(year, number * 3 - 3 + month, part)
    else:
        days = month_range(year, number * 3 - 2)[0], month_range(year, number * 3)[1]
    if days[1] < today and said and not (found.group("qy") or found.group("qy2")):
        days = days[0].replace(year=year + 1), days[1].replace(year=year + 1)
    return Day(days)


def _weekend(found: re.Match[str], today: date) -> Day:
    saturday = today if today.weekday() == 5 else _next(today, 5)
    return Day((saturday, saturday + timedelta(days=1)), WEEK[5:], weak=True)


def _within_days(found: re.Match[str], today: date) -> Day | None:
    """三天内, 三个工作日内 (Monday to Friday): from today to the last of them."""
    unit = found.group("u3").lstrip("个")
    if unit not in ("工作日", "交易日"):
        days = distance(found.group("n3"), unit, today)
        return Day((today, days[1])) if days else None
    number = read_number(found.group("n3"), 0)
    if number is None or number.high > 60:
        return None
    day, left = today, int(number.high)
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return Day((today, day))


def _day(found: re.Match[str], today: date) -> Day:
    day = coming(whole(found.group("dd")) or 0, today)
    return Day((day, day))


def _day_range(found: re.Match[str], today: date) -> Day:
    first = coming(whole(found.group("dr1")) or 0, today)
    last = coming(whole(found.group("dr2")) or 0, first)
    return Day((first, last))


def _in_days(found: re.Match[str], today: date) -> Day | None:
    days = distance(found.group("n1"), found.group("u1"), today)
    return Day(days) if days else None


def _after_days(found: re.Match[str], today: date) -> Day | None:
    days = distance(found.group("n2"), found.group("u2"), today)
    return Day(days) if days else None


def _these_days(found: re.Match[str], today: date) -> Day:
    return Day((today, today + timedelta(days=2)))


_READERS: dict[str, Callable[[re.Match[str], date], Day | None]] = {
    "every_day": _every_day, "relative": _relative, "relative_part": _relative, "weekdays": _weekdays,
    "weeklist": _weeklist, "weekday": _weekday, "week": _week, "lunar": _lunar, "feast": _feast,
    "after_new_year": _after_new_year, "before_new_year": _before_new_year, "feast_any": _feast_any,
    "month_day": _month_day, "month_third": _month_third, "month": _month, "rel_month": _rel_month, "third": _third,
    "year_part": _year_part, "season": _season, "year": _whole_year, "quarter": _quarter,
    "weekend": _weekend, "day_range": _day_range, "two_days": _two_days, "within_days": _within_days, "day": _day,
    "in_days": _in_days, "after_days": _after_days, "these_days": _these_days,
}  # fmt: skip

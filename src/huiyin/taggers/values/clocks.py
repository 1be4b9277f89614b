"""Words for hours and parts of the day: 三点半, 差五分三点, 四五点钟, 下午, 收盘后, 晚饭后, 半小时后.

Source of the parts: spec/tags.md, `contact_time` and "Exact and open times".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from huiyin.taggers.values.numerals import read_number, whole

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
_PARTS: tuple[tuple[str, Part], ...] = (
    (r"收盘(?:以?后|之后|了)|收了盘|盘后|收市(?:以?后|之后|了)|收了市|闭市后|[三3]点收(?:了|盘后?|市后?)", Part(CLOSE, None)),
    (r"开[盘市](?:以?前|之前)|盘前|没开[盘市]", Part(None, OPEN)),
    (r"收[盘市](?:以?前|之前)|闭市前", Part(None, CLOSE)),
    (r"盘中|开[盘市]时间|开着[盘市]|开[盘市]的?(?:时候|时)|交易时间|盘里头?|盯盘的?时候|看盘的?时候|交易时段", Part(OPEN, CLOSE, True)),
    (r"开[盘市](?:以?后|之后|了)|开了[盘市]", Part(OPEN, CLOSE, True)),
    (r"早盘", Part(OPEN, 11 * 60 + 30, True)),
    (r"尾盘", Part(14 * 60 + 30, CLOSE, True)),
    (r"下[午半]盘", Part(13 * 60, CLOSE, True)),
    (r"(?:下班|晚饭|吃晚饭|天黑)(?:以?前|之前)", Part(None, 18 * 60)),
    (r"(?:午休|午饭|吃午饭|吃中饭|中饭)(?:以?前|之前)", Part(None, 11 * 60 + 30)),
    (r"下了?班(?:以?后|之后|了)?(?!高峰|前)", Part(18 * 60, None)),
    (r"(?:吃[完了过]|吃好)晚饭|晚饭(?:以?后|之后|过后|吃完)|饭后百步", Part(19 * 60, 21 * 60)),
    (r"(?:吃[完了过]|吃好)(?:午饭|中饭|中午饭)|(?:午饭|中饭)(?:以?后|之后|过后)|午休(?:以?后|之后|完|过后)|午觉(?:以?后|起来|睡醒)|晌午过了", Part(13 * 60, None)),
    (r"上午|头晌|上半晌|前晌|午前", Part(9 * 60, NOON)),
    (r"一大早|大清早|清早|清晨|早晨|早上|早起|一早|赶早|(?<=[今明后昨])早|(?<=[今明后]儿)早", Part(8 * 60, NOON)),
    (r"中午头儿?|中午端|中午|晌午头?端?|午休(?:时间|的时候)?|午间|饭点", Part(11 * 60 + 30, 13 * 60)),
    (r"下午|下半[晌天]|后半?晌|下晌|下昼|晏昼|过晌|午后", Part(13 * 60, 18 * 60)),
    (r"傍晚|傍黑|擦黑|黄昏", Part(17 * 60, 19 * 60)),
    (r"晚上|晚自习|晚间|夜里头?|夜间|夜头|晚黑|黑[喽了]|(?<=[今明后昨前])晚|(?<=[今明后]儿)晚|(?<=[今明后]儿个)晚", Part(18 * 60, 21 * 60)),
    (r"大?白天", Part(9 * 60, 18 * 60)),
    (r"后半夜|大半夜|半夜|凌晨", Part(0, 6 * 60)),
)  # fmt: skip
_H = r"(?:2[0-4]|1\d|0?\d|二十[一二三四]?|十[一二三四五六七八九]?|[一二两俩三四五六七八九])"
_M = r"(?:[0-5]\d|[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九五])"
_TAIL = r"(?:钟|整)?(?:来钟|左右|多钟?|过点?|上下)?"
_DOT = r"点(?![\d.个意建儿]|[一二三四五六七八九](?![十刻点])|几(?!分)|的?(?:利|收益|佣|费|息|好处|原因|要求)|位|子|头|评|名|赞|单|击)"
_SPEC: tuple[tuple[str, str], ...] = (
    ("to_hour", rf"差(?P<less>{_M}|[五十]|一刻)分?(?:钟)?(?:到)?(?P<toh>{_H})点"),
    ("span", rf"(?P<h1>{_H})(?:点(?:钟)?(?:(?P<m1>{_M})分?|(?P<q1>半|一刻|三刻))?|[:：](?P<c1>[0-5]\d))?(?:来?钟)?(?:到|至|-|~|—)(?P<h2>{_H})(?:点(?:钟)?(?:(?P<m2>{_M})分?|(?P<q2>半|一刻|三刻))?(?!位|意|建)|[:：](?P<c2>[0-5]\d))(?:之?间)?"),
    ("hours", rf"(?P<ha>[一二两三四五六七八九])(?P<hb>[二三四五六七八九十])点{_TAIL}(?:那?会儿)?"),
    ("colon", r"(?<![\d.])(?P<ch>[01]?\d|2[0-3])[:：](?P<cm>[0-5]\d)(?!\d)"),
    ("hour", rf"(?<![\d.零个百千万第])(?P<h>{_H})(?:点(?:钟|整)?(?:(?P<min>{_M})分?(?![之万亿个块%％])|(?P<q>半|一刻|三刻))|{_DOT}{_TAIL})"),
    ("lapse", r"(?P<wait>再?过|再?等|给我|隔|大概)?个?(?P<n>半个?(?=[小钟])|\d+|[一二两三四五六七八九十几]+|一)(?:多|来)?(?P<u>个?半?小时|个?半?钟头?|分钟|刻钟)(?P<tail>以?后|之后|过后|以?内|之内|里)?"),
    ("now", r"(?:还是)?这个?(?:点儿?|时候|时间|会儿)(?=$|[吧打给再行，。,.\s嘛呗])"),
    ("vague", r"一会儿?|待会儿?|等会儿?|等一下|回头|过会儿?|晚点儿?|晚些时候|稍后|等一?等|改天|改日|有空再|等我(?:信号|信儿|消息|回你|出来|忙完|联系你)|到时候"),
    ("after", r"(?:以后|之后|往后|过后|后(?!天|年|来|面|边|期|头)|开外|过了|起(?=正常|[，。,\s]|$|打|都)|开始|完了?(?=再))"),
    ("before", r"以前|之前|前(?!天|年|面|边|台|期|后)|最晚|最迟|不晚于|赶在"),
)  # fmt: skip


@cache
def pattern() -> str:
    """The alternation of all words for hours and parts of the day."""
    parts = "|".join(f"(?P<part{i}>{text})" for i, (text, _) in enumerate(_PARTS))
    return parts + "|" + "|".join(f"(?P<c_{key}>{text})" for key, text in _SPEC)


_GREETING = re.compile(r"好(?!吗|不|吧|了|打|接|找)|安(?!排)")  # 早上好


def read_clock(found: re.Match[str]) -> Clock | None:
    """What a match of `pattern()` says; None where it is no time after all."""
    for i, (_, part) in enumerate(_PARTS):
        if found.group(f"part{i}") is not None:
            return None if _GREETING.match(found.string, found.end()) else part
    for key, reader in _READERS.items():
        if found.group("c_" + key) is not None:
            return reader(found)
    return None


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


_RATE_BEFORE = re.compile(
    r"(?:[百千万]分之|利率|年[化华]|收益|佣金|费率|利息|业绩|涨了?|跌了?|降到?)(?:了|是|有|到|大概|差不多|也就|就|都|\s){0,2}$"
)
_NO_HOUR_BEFORE = re.compile(r"(?:[说讲提这那有差几涨跌的加万千降就]|[0-9]个|强调)$")
_FRAME = re.compile(r"[午晚上晌昼天号早日到一二三四五六]$")
_SURE_TAIL = re.compile(r"[钟整半刻分来左多过]|零")
_DONE_AT_HOUR = re.compile(r"\s*(?:以后|之后|往后|过后|之前|以前|前|后|打|来|见|到|准时|再)")
_HOUR_FOLLOWS = re.compile(
    r"\s*(?:打|来|以|之|往|过|前|后|钟|吧|左|行|见|给|我|你|再|开|到|起|在|准|可|的时候|那|要|等)|(?![\u4e00-\u9fff])"
)


def _hour(found: re.Match[str]) -> Clock | None:
    hour, text = _number(found.group("h")), found.string
    if hour > 24 or _RATE_BEFORE.search(text[max(0, found.start() - 8) : found.start()]):
        return None
    minutes = _minutes(found.group("min"), found.group("q"))
    sure = minutes or _SURE_TAIL.search(found.group())
    if not sure and not _stands_alone(text, found.start(), found.end(), hour):
        return None
    at = _office(hour) * 60 + minutes
    return Hour(at, at, loose=hour <= 12) if at <= 24 * 60 else None


def _stands_alone(text: str, start: int, end: int, hour: int) -> bool:
    """Whether a bare 三点 is an hour: beside a day or part of one, or before what one does at an hour.

    一点 and 两点 are "a bit" and "two points" more often than hours, so they need more.
    """
    before = text[max(0, start - 4) : start]
    if _NO_HOUR_BEFORE.search(before):
        return False
    if _FRAME.search(before):
        return hour != 1 or before[-1] not in "一二三四五六"
    return bool((_DONE_AT_HOUR if hour <= 2 else _HOUR_FOLLOWS).match(text, end))


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

"""The forms a sum takes in speech: number, 来/多, 个, 万/亿, the rest, 块; ranges; idioms (百十来万, 万把块, 半个亿).

Pure grammar: whether a reading stands as money in its place is decided in amounts.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from huiyin.taggers.values.numerals import DIGITS, Number, read_number

WAN = 10_000.0
_BIG = {"万": WAN, "萬": WAN, "w": WAN, "W": WAN, "亿": 1e8, "億": 1e8}
_FUZZ = re.compile(r"(?:来|多|余|把|好几|出头)儿?(?!年|天|月|岁|钟|就|到|着)|[來餘]")
_YUAN = re.compile(r"块钱|块(?![儿地板屏表业肉砖])|元(?!旦|宵|月|老)|圆(?!满)|人民币|RMB|rmb|大洋")


@dataclass(frozen=True, slots=True)
class Reading:
    low: float
    high: float
    end: int
    kind: Literal["unit", "ge", "bare"]
    first: Number | None


def read_plain(text: str, start: int) -> Reading | None:
    """Number, 来/多, 个, 万/亿, the rest, 块: one sum without a range."""
    number = read_number(text, start)
    if number is None:
        return None
    number, i = _decimal(text, number)
    low_high = (number.low, number.high)
    fuzzy = _FUZZ.match(text, i)
    i = fuzzy.end() if fuzzy else i
    if number.arabic and text[i : i + 2].lower() == "kw":
        return Reading(low_high[0] * 1e7, low_high[1] * 1e7, i + 2, "unit", number)
    ge = False
    half = 0.0
    if text.startswith("个", i) and not (i + 1 < len(text) and text[i + 1] in DIGITS):
        ge, i = True, i + 1
        if text.startswith("半", i) and i + 1 < len(text) and text[i + 1] in _BIG:
            half, i = 0.5, i + 1
        if again := _FUZZ.match(text, i):
            fuzzy, i = again, again.end()
    low, high = number.low + half, number.high + half
    unit = _BIG.get(text[i]) if i < len(text) else None
    if unit and text[i] in "wW" and i + 1 < len(text) and text[i + 1].isascii() and text[i + 1].isalpha():
        unit = None
    if unit is None:
        return _without_unit(text, number, i, fuzzy=bool(fuzzy), ge=ge)
    i += 1
    if unit == WAN and i < len(text) and text[i] in "亿億":
        unit, i = unit * 1e8, i + 1
    low, high, step = low * unit, high * unit, number.step * unit
    if not fuzzy:
        rest_low, rest_high, rest_step, i = _rest(text, i, unit)
        low, high, step = low + rest_low, high + rest_high, rest_step or step
        if rest_step and unit == WAN and i < len(text) and text[i] in "亿億":  # 二万四千亿
            low, high, step, i = low * 1e8, high * 1e8, step * 1e8, i + 1
        if later := _FUZZ.match(text, i):
            fuzzy, i = later, later.end()
    if fuzzy:
        high = max(high, low + step)
    yuan = _YUAN.match(text, i)
    return Reading(low, high, yuan.end() if yuan else i, "unit", number)


def _without_unit(text: str, number: Number, i: int, *, fuzzy: bool, ge: bool) -> Reading | None:
    low, high = number.low, number.high
    if fuzzy:
        high = max(high, low + number.step)
    if ge:
        return Reading(low * WAN, high * WAN, i, "ge", number)
    if yuan := _YUAN.match(text, i):
        if high <= 1 and yuan.group() == "块":
            return None  # 一块: together
        tail = _FUZZ.match(text, yuan.end())
        tenth = text[yuan.end() : yuan.end() + 1]
        if tenth in DIGITS and tenth not in "零两" and not _starts_with_measure(text, yuan.end() + 1):
            return Reading(low + DIGITS[tenth] / 10, high + DIGITS[tenth] / 10, yuan.end() + 1, "unit", number)
        return Reading(low, max(high, low + 1) if tail else high, tail.end() if tail else yuan.end(), "unit", number)
    if number.arabic and i < len(text) and text[i] in "kK" and not text[i + 1 : i + 2].isalpha():
        return Reading(low * 1000, high * 1000, i + 1, "unit", number)
    if number.arabic and "," in text[: number.end][-8:] and low >= 1000:
        return Reading(low, high, i, "unit", number)
    scale = WAN if number.high < 1000 else 1.0
    return Reading(low * scale, high * scale, i, "bare", number)


def _decimal(text: str, number: Number) -> tuple[Number, int]:
    """三点五 before 万 or 亿; anything else with 点 is a clock or a rate and stays a bare number before 点."""
    i = number.end
    if number.arabic or number.several or not text.startswith("点", i):
        return number, i
    j = i + 1
    while j < len(text) and text[j] in DIGITS:
        j += 1
    places = j - i - 1
    after = text[j : j + 2]
    if places == 0 or not (after[:1] in _BIG or (after[:1] == "个" and after[1:] in _BIG) or after[:1] in "多来"):
        return number, i
    value = number.low + sum(DIGITS[c] / 10 ** (k + 1) for k, c in enumerate(text[i + 1 : j]))
    return replace(number, low=value, high=value, step=10.0**-places, end=j), j


_NO_ELISION = (
    "年月日号天个只支次份张笔家点成分十百千万亿块元季周套间口人期手股位倍种样条件直下些起路旦定般共边面来多几."
)


def _starts_with_measure(text: str, at: int) -> bool:
    return at < len(text) and text[at] in _NO_ELISION


def _rest(text: str, i: int, unit: float) -> tuple[float, float, float, int]:
    """What follows 万 or 亿 within the number: 三万二, 三十五万八千, 一亿两千万."""
    number = read_number(text, i + (text[i : i + 1] in ("零", "〇")))
    if number is None:
        return 0.0, 0.0, 0.0, i
    j = number.end
    if unit >= 1e8 and text[j : j + 1] in ("万", "萬", "w", "W"):
        return number.low * WAN, number.high * WAN, number.step * WAN, j + 1
    if number.high < 10 and (not number.arabic or j == i + 1):
        following = text[j : j + 1]
        lonely = following == "" or not ("\u4e00" <= following <= "\u9fff") or following in "吧的左多块元呢嘛"
        if text[i] in "两俩几数" or _starts_with_measure(text, j) or (text[i] in "一1" and not lonely):
            return 0.0, 0.0, 0.0, i
        tenth = unit / 10
        return number.low * tenth, number.high * tenth, tenth, j
    spoken = number.named and not number.arabic and 10 <= number.high < WAN
    if spoken and text[j : j + 1] not in ("个", "万", "号", "年", "天"):
        fits = number.step >= 100 or text[j : j + 1] in ("块", "元") or text[i] in "零〇"
        return (number.low, number.high, number.step, j) if fits else (0.0, 0.0, 0.0, i)
    return 0.0, 0.0, 0.0, i


_TO = re.compile(r"[到至~～\-—－]{1,2}")


def join_range(text: str, first: Reading | None) -> Reading | None:
    """三十到五十万, 20-30w: the first number takes the unit of the second."""
    if first is None or not (link := _TO.match(text, first.end)):
        return first
    second = read_plain(text, link.end())
    if second is None or second.first is None or first.first is None:
        return first
    if second.kind == first.kind and second.high > first.low:
        return Reading(first.low, second.high, second.end, second.kind, second.first)
    if first.kind == "bare" and second.kind != "bare" and second.first.low > first.first.low:
        scale = second.low / second.first.low if second.first.low else WAN
        return Reading(first.first.low * scale, second.high, second.end, second.kind, second.first)
    return first


_IDIOMS: tuple[tuple[re.Pattern[str], float, float], ...] = (
    (re.compile(r"百(?=[万亿])"), 100, 100),
    (re.compile(r"千(?=[万亿])"), 1000, 1000),
    (re.compile(r"百儿?八十"), 80, 100),
    (re.compile(r"千儿?八百"), 800, 1000),
    (re.compile(r"万儿?八千"), 8000, 10000),
    (re.compile(r"百十[来多]?"), 100, 120),
    (re.compile(r"百[来把多](?:十)?"), 100, 200),
    (re.compile(r"千[来把](?:百)?"), 1000, 2000),
    (re.compile(r"万[来把](?=块|元)"), 10000, 20000),
    (re.compile(r"个把(?=[亿万])"), 1, 2),
    (re.compile(r"半个(?=[亿億])"), 0.5, 0.5),
)


def read_idiom(text: str, start: int, special: str) -> Reading | None:
    if special.endswith("位数"):
        digits = DIGITS.get(text[start]) or int(text[start])
        return Reading(10.0 ** (digits - 1), 10.0**digits - 1, start + 3, "unit", None)
    if special == "亿":
        return Reading(1e8, 2e8, start + 1, "unit", None)
    if special == "一个小目标":
        return Reading(1e8, 1e8, start + 5, "unit", None)
    for pattern, low, high in _IDIOMS:
        if found := pattern.match(text, start):
            number = Number(low, high, high - low, found.end(), several=True, named=True)
            i = found.end()
            ge = text.startswith("个", i)
            i += ge
            unit = _BIG.get(text[i]) if i < len(text) else None
            if unit:
                yuan = _YUAN.match(text, i + 1)
                return Reading(low * unit, high * unit, yuan.end() if yuan else i + 1, "unit", number)
            return _without_unit(text, number, i, fuzzy=False, ge=ge)
    return None

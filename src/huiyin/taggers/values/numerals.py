"""Spoken and written numbers: 三十, 二十三四, 一百五, 十几, 4万 … as [low, high] with the step of their last unit.

Source of the ranges: spec/tags.md, "Amounts are yuan as [min, max]".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS: dict[str, int] = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "幺": 1, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
UNITS: dict[str, int] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SCORES: dict[str, int] = {"廿": 2, "卅": 3}
_ARABIC = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SEVERAL = re.compile(r"大几|好几|几|数(?=[十百千])")


@dataclass(frozen=True, slots=True)
class Number:
    """A number below 10,000 in words, or any in digits. `step` is the worth of one more in its last place."""

    low: float
    high: float
    step: float
    end: int
    several: bool = False  # holds 几 or two neighbouring digits: a range already
    arabic: bool = False
    named: bool = False  # holds 十, 百 or 千 (or is written in digits): more than a lone digit
    elided: bool = False  # the last unit was left out: 一百五 = 150


def read_number(text: str, at: int) -> Number | None:
    """The longest number that starts at `at`, without 万/亿 and without 来/多; None where there is none."""
    if at >= len(text):
        return None
    if text[at].isascii():
        return _read_arabic(text, at)
    return _read_spoken(text, at)


def _read_arabic(text: str, at: int) -> Number | None:
    found = _ARABIC.match(text, at)
    if not found:
        return None
    digits = found.group().replace(",", "")
    value, end = float(digits), found.end()
    if "." in digits:
        step = 10.0 ** -len(digits.split(".")[1])
    else:
        step = 10.0 ** min(len(digits) - len(digits.rstrip("0")), 3) if value else 1.0
    if end < len(text) and text[end] in UNITS:  # 5千, 3百
        unit = UNITS[text[end]]
        value, step, end = value * unit, step * unit, end + 1
    if end < len(text) and text[end] == "几":
        return Number(value, value + step, step, end + 1, several=True, arabic=True, named=True)
    return Number(value, value, step, end, arabic=True, named=True)


def _group(text: str, at: int) -> tuple[int, int, int, bool] | None:
    """One digit, two neighbours (两三), or 几: low, high, end, whether it is a range."""
    several = _SEVERAL.match(text, at)
    if several:
        return (5 if several.group() == "大几" else 2), 9, several.end(), True
    if at >= len(text) or text[at] not in DIGITS or text[at] in "零〇":
        return None
    first = DIGITS[text[at]]
    following = at + 1
    if following < len(text) and text[following] == "、" and following + 1 < len(text):
        following += 1
    if following < len(text) and text[following] in DIGITS and 1 <= DIGITS[text[following]] - first <= 2:
        return first, DIGITS[text[following]], following + 1, True
    return first, first, at + 1, False


def _read_spoken(text: str, at: int) -> Number | None:
    low = high = 0.0
    last, step, i = 10_000, 1.0, at
    several = named = elided = False
    while i < len(text):
        zero = text[i] in "零〇" and i > at
        if zero:
            i += 1
        if i < len(text) and text[i] in _SCORES and last > 10:
            low, high = low + 10 * _SCORES[text[i]], high + 10 * _SCORES[text[i]]
            last, step, i, named = 10, 10.0, i + 1, True
            continue
        group = _group(text, i)
        if group is None:
            if i < len(text) and text[i] in "十拾" and last > 10:
                low, high, last, step, i, named = low + 10, high + 10, 10, 10.0, i + 1, True
                continue
            i -= zero
            break
        a, b, after, ranged = group
        unit = UNITS.get(text[after]) if after < len(text) else None
        if unit and unit < last:
            low, high, last, step = low + a * unit, high + b * unit, unit, float(unit)
            i, several, named = after + 1, several or ranged, True
            continue
        if last == 1:
            return None
        worth = last // 10 if last in (100, 1000) and not zero else 1
        if ranged and text[after - 1] == "几" and last < 10_000:
            low, high = low, high + last
        else:
            low, high = low + a * worth, high + b * worth
        step, i, several, elided = float(worth), after, several or ranged, worth > 1
        last = 1
        if i < len(text) and (text[i] in DIGITS or text[i] in UNITS):
            return None  # a string of digits: a year, a telephone number
        break
    if i == at or high == 0:
        return None
    return Number(low, high, step, i, several=several, named=named, elided=elided)


def whole(text: str) -> int | None:
    """The exact whole number that `text` is, else None: 十五 = 15, 二十 = 20, "08" = 8, 二零二六 = 2026."""
    if text.isascii() and text.isdigit():
        return int(text)
    if len(text) > 1 and all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    if text in ("零", "〇"):
        return 0
    number = read_number(text, 0)
    if number is None or number.end != len(text) or number.low != number.high:
        return None
    return int(number.low)

"""Sums of money as people say them: 三十来万, 两三百万, 五十个, 20个w, 半个亿, 一百五 (spec/tags.md, "Amounts").

>>> [(a.low, a.high, a.text) for a in find_amounts("手上有三十来万闲钱")]
[(300000.0, 400000.0, '三十来万')]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from huiyin.taggers.values.amount_forms import WAN, Reading, join_range, read_idiom, read_plain
from huiyin.taggers.values.numerals import read_number

Currency = Literal["USD", "HKD"]


@dataclass(frozen=True, slots=True)
class AmountSpan:
    """A sum said in text[start:end], in yuan or in `currency`.

    `kind`: "unit" (万, 亿, w, 块 or a currency was said), "ge" (五十个, 个 stands for 万) or "bare" (一百五, taken as
    万 below 1,000 and as yuan above). The last two are money only where the talk is about money: `needs_context`.
    """

    start: int
    end: int
    low: float
    high: float
    text: str
    kind: Literal["unit", "ge", "bare"] = "unit"
    currency: Currency | None = None
    needs_context: bool = False

    @property
    def amount(self) -> tuple[float, float]:
        return self.low, self.high


_FOREIGN: tuple[tuple[str, Currency], ...] = (
    (r"美金|美元|美刀|美子|刀(?!片|具|郎)|USD|usd|US\$|\$", "USD"),
    (r"港币|港幣|港元|港纸|港紙|港刀|HKD|hkd|HK\$", "HKD"),
)
_SUFFIX = [(re.compile(r"的?(?:" + pattern + ")"), code) for pattern, code in _FOREIGN]
_PREFIX = [
    (
        re.compile(
            "(?:"
            + pattern.replace("|刀(?!片|具|郎)", "").replace(r"|\$", r"|(?<!HK)\$")
            + r")(?:存款|定存|定期|理财)?(?:也?就?是?大?概?有?个?)?$"
        ),
        code,
    )
    for pattern, code in _FOREIGN
]
_OTHER_MONEY = re.compile(
    r"的?(?:欧元|英镑|日元|日币|澳元|澳币|加元|加币|新币|新元|韩元|韩币|泰铢|卢布|台币|瑞郎|欧(?!洲)|镑|比特币)"
)
_START = re.compile(
    r"(?P<special>个把亿|个把万|[百千万](?=[来把多十八儿])|(?<=上)[百千](?=[万亿])|(?<=上)亿|半个(?=[亿億])|一个小目标|(?<!\d)[四五六七八九4-9]位数)"
    r"|[一二两兩俩三仨四五六七八九十廿卅几数好大壹贰叁肆伍陆柒捌玖拾\d]"
)
_LESS = re.compile(r"(?:不到|将近|接近|差不多快|小|近|快)$")
_UPWARD = re.compile(r"(?<![手账卡身户早晚以月星路头面折市本桌板线网晚])上$")
# what is counted is no money: 三万股, 五十万份, 一万人; 两百来克
_COUNTED = (
    r"股|手(?!上|里|头)|份(?!钱)|人(?!民币)|户(?!头)|名|位|口|亩|步|字|公里|里地|公斤|米|平|次|粉|吨|斤|克|台|辆|册|家|倍|票|分(?!红)"
    r"|小时|点|岁|年|月|日|号|天|期|周|季|届|级|代|页|层|楼|栋|度|档|成(?!本)|折|只|支|张|本(?!金)|条|件|遍|趟|秒|钟|刻|路|多岁|来岁"
    r"|来?多?[股手份人户名位亩斤克年天岁次平张只家]|个(?![亿億wW万])|工作日|交易日|[%％‰:：/]|\.\d"
)
_NOT_MONEY = re.compile(_COUNTED)
_NEVER_AFTER = re.compile(
    r"(?:百分之|千分之|万分之|第|周|星期|礼拜|初|尾号|编号|代码|沪深|中证|上证|深证|科创|[A-Za-z.:：\d零]|\d-|[\d零一二三四五六七八九]{2}年)$"
)
_NO_BARE_AFTER = re.compile(r"[月年点]$")
_AFTER_GE = re.compile(
    r"$|[\s，。,.！!？?、；;…~～（(\[]|吧|呢|嘛|啊|呀|的(?!人|话|客)|了|就|在|放|搁|撂|躺|趴|闲|过来|我|你|先|都|也|还|没|是|那(?!个)|这(?!个)|吗|不(?!同)"
    r"|给|进|转|存|到|左右|上下|样子|钱|打底|压箱底|以[上内]|呗|咯|啦|哈|嗦|哦|拿|买|够|刚|一直|往|闲"
)
_AFTER_BARE = re.compile(
    r"$|[\s，。,.！!？?、；;…~～（(\[]|吧|呢|嘛|啊|呀|左右|上下|样子|吗|呗|咯|啦|哈|哦|的样子|的吧|在|放|搁|躺|趴|闲着|现成|都|是我"
)
_HOLIDAYS = {"十一", "五一", "六一", "三八", "八一", "一二", "二五"}
_HAS_MONEY_VERB = re.compile(r"(?:有|剩|放|存|拿|挪|凑|留|欠|搁|进|给|出|借|转|亏|赚)(?:了|着|个|出|过)?$")


def find_amounts(text: str, *, default_unit: Literal["wan"] | None = None) -> list[AmountSpan]:
    """All sums of money in `text`, in order, none overlapping.

    With `default_unit="wan"` the caller says that the talk is about money: 五十个 and bare numbers then carry
    `needs_context=False`.
    """
    out: list[AmountSpan] = []
    at = 0
    while found := _START.search(text, at):
        start = found.start()
        span = _read_amount(text, start, found.group("special"))
        if span is None:
            number = read_number(text, start)
            at = max(start + 1, number.end if number else 0)
            continue
        if span.start < at:
            span = replace(span, start=at, text=text[at : span.end])
        if default_unit == "wan":
            span = replace(span, needs_context=False)
        out.append(span)
        at = span.end
    return out


def _read_amount(text: str, start: int, special: str | None) -> AmountSpan | None:
    before = text[:start]
    reading = read_idiom(text, start, special) if special else None
    if reading is None:
        reading = join_range(text, read_plain(text, start))
    if reading is None or _NEVER_AFTER.search(before[-4:]) or _OTHER_MONEY.match(text, reading.end):
        return None
    low, high, end, kind = reading.low, reading.high, reading.end, reading.kind
    currency, start, end = _currency(text, start, end)
    if currency is None and _is_rate(text, end):
        return None
    if currency and kind == "bare":
        low, high, kind = _unscaled(low, high, reading), _unscaled(high, high, reading), "unit"
    if currency is None and (_NOT_MONEY.match(text, end) or not _stands(text, start, end, kind, reading)):
        return None
    low, high, start = _hedge(text, start, low, high)
    return AmountSpan(start, end, low, high, text[start:end], kind, currency, kind != "unit")


def _is_rate(text: str, end: int) -> bool:
    """Whether the number belongs to a rate or a clock: 三十%, 3.5个点."""
    return text.startswith(("个点", "%", "％", "个基点", "个bp", "BP", "bp"), end)


def _unscaled(value: float, high: float, reading: Reading) -> float:
    return value / WAN if reading.first is not None and reading.first.high < 1000 else value


def _stands(text: str, start: int, end: int, kind: str, reading: Reading) -> bool:
    """Whether a sum without a unit stands as a sum: what follows, and whether it is large enough to be one."""
    number = reading.first
    if kind == "unit" or number is None:
        return True
    if _NO_BARE_AFTER.search(text[:start]):
        return False
    if kind == "ge":
        if number.high < 3 or not _AFTER_GE.match(text, end):
            return False
        return number.low >= 10 or bool(_HAS_MONEY_VERB.search(text[:start][-3:]))
    if (
        not number.named
        or number.high < 10
        or end - start < 2
        or text[start] == "0"
        or text[start:end] in _HOLIDAYS
        or not _AFTER_BARE.match(text, end)
    ):
        return False
    if number.arabic:
        digits = text[start : number.end]
        return "." not in digits and (len(digits) <= 4 or (digits.endswith("000") and len(digits) <= 8))
    return True


def _hedge(text: str, start: int, low: float, high: float) -> tuple[float, float, int]:
    """小两百 and 不到三十万 fall a little short; 上百万 is that and up to twice as much."""
    before = text[max(0, start - 5) : start]
    if before.endswith("小") and text[start] in "几数":
        return low, low * 2.5, start - 1
    if found := _LESS.search(before):
        return low * 0.9, high, start - len(found.group())
    if _UPWARD.search(before) and text[start] in "百千万亿":
        return low, max(high, low * 2), start - 1
    return low, high, start


def _currency(text: str, start: int, end: int) -> tuple[Currency | None, int, int]:
    for pattern, code in _SUFFIX:
        if found := pattern.match(text, end):
            return code, start, found.end()
    before = text[max(0, start - 8) : start]
    for pattern, code in reversed(_PREFIX):
        if found := pattern.search(before):
            return code, start - (len(before) - found.start()), end
    return None, start, end


_CORRECTION = re.compile(r"不对|不是(?!很)|错了|说错|记错|更正|准确[说讲]|应该是|哦不|哎不|我是说|改成|还是.{0,12}来着")


def drop_corrected(text: str, spans: Sequence[AmountSpan]) -> list[AmountSpan]:
    """`spans` without those that a correction takes back: of "三十万，不对，四十万" only 四十万 is left."""
    kept: list[AmountSpan] = []
    for i, span in enumerate(spans):
        later = spans[i + 1] if i + 1 < len(spans) else None
        if later is not None and _CORRECTION.search(text, span.end, later.start + (later.kind == "unit") * 0):
            continue
        kept.append(span)
    return kept


def last_amount_with_correction(text: str, *, default_unit: Literal["wan"] | None = None) -> AmountSpan | None:
    """The sum that the speaker ends on, corrections heeded; None where no sum is said."""
    kept = drop_corrected(text, find_amounts(text, default_unit=default_unit))
    return kept[-1] if kept else None

"""Values as people read them, in Chinese: sums, days, windows, and what a tag is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from huiyin.domain.tags import DAYS, INSTITUTION_TYPES, TAG_TYPES

CURRENCIES = {"USD": "美元", "HKD": "港元"}
CHANNELS = {"phone": "电话", "wecom": "企业微信"}
SPEAKERS = {"client": "客户", "advisor": "顾问", "other": "他人"}
_WEEKDAYS = "一二三四五六日"


def money(amount: Sequence[float] | None, currency: str | None = None) -> str:
    """[300000, 400000] → 30–40万元."""
    if not amount:
        return ""
    low, high = _short(amount[0]), _short(amount[1])
    unit = CURRENCIES.get(currency or "", "元")
    if low == high:
        return f"{low}{unit}"
    if low[-1:] == high[-1:] and low[-1:] in "万亿":
        low = low[:-1]
    return f"{low}–{high}{unit}"


def _short(value: float) -> str:
    for size, name in ((1e8, "亿"), (1e4, "万")):
        if abs(value) >= size:
            return f"{value / size:.2f}".rstrip("0").rstrip(".") + name
    return f"{value:.0f}"


def days(span: Sequence[str] | None) -> str:
    """["2026-03-01", "2026-03-10"] → 2026-03-01 至 03-10."""
    if not span:
        return ""
    first, last = str(span[0]), str(span[1])
    if first == last:
        return first
    return f"{first} 至 {last[5:] if first[:4] == last[:4] else last}"


def window(span: Sequence[str | None] | None) -> str:
    """["2026-03-18T15:00", null] → 3月18日 周三 15:00 以后."""
    if not span:
        return "时间未定"
    start, end = span[0], span[1]
    if start is None and end is None:
        return "时间未定"
    if start is None:
        return f"{_moment(end)} 之前"
    if end is None:
        return f"{_moment(start)} 以后"
    if start == end:
        return _moment(start)
    if start[:10] == end[:10]:
        if start[11:] == "00:00" and end[11:] == "23:59":
            return _moment(start).rsplit(" ", 1)[0]
        return f"{_moment(start)}–{end[11:]}"
    return f"{_moment(start)} 至 {_moment(end)}"


def _moment(text: str | None) -> str:
    when = datetime.fromisoformat(str(text))
    return f"{when.month}月{when.day}日 周{_WEEKDAYS[when.weekday()]} {when:%H:%M}"


def value_label(tag: str, value: Mapping[str, Any]) -> str:
    """What a tag of this type and value says, in a few words."""
    kind = TAG_TYPES[tag]
    if tag == "idle_funds":
        ready = days(value.get("available_from"))
        return "，".join(p for p in (money(value.get("amount"), value.get("currency")), ready and f"{ready} 可用") if p)
    if tag == "external_assets":
        return _elsewhere(value)
    if tag == "contact_time":
        return _contact_time(value)
    choices = kind.choices or {}
    found = kind.discriminate(value)
    label = choices.get(found, found) if found else ""
    if tag == "advisor_commitment" and value.get("due"):
        return f"{label}，{window(value['due'])}"
    return label


def _elsewhere(value: Mapping[str, Any]) -> str:
    where = value.get("institution") or INSTITUTION_TYPES.get(value.get("institution_type") or "", "")
    due = days(value.get("matures_on"))
    parts = (where, value.get("product"), money(value.get("amount"), value.get("currency")), due and f"{due} 到期")
    return "，".join(str(p) for p in parts if p)


def _contact_time(value: Mapping[str, Any]) -> str:
    if value.get("kind") == "callback":
        return window(value.get("window"))
    named = "、".join(DAYS.get(d, d) for d in value.get("days") or ())
    start, end = value.get("from"), value.get("to")
    hours = f"{start or ''}–{end or ''}" if start or end else "全天"
    return f"{'不便' if value.get('kind') == 'avoid' else '方便'}：{named} {hours}"


def when(moment: datetime | None) -> str:
    """A moment as 2026-03-18 周三 15:00."""
    return f"{moment:%Y-%m-%d} 周{_WEEKDAYS[moment.weekday()]} {moment:%H:%M}" if moment else ""


def minutes(value: float | None) -> str:
    """Minutes as people say them: 35 分钟, 4.5 小时, 2.1 天."""
    if value is None:
        return "–"
    if value < 90:
        return f"{value:.0f} 分钟"
    if value < 48 * 60:
        return f"{value / 60:.1f} 小时"
    return f"{value / 1440:.1f} 天"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def clock(seconds: float | None) -> str:
    """Seconds into a recording as 1:07."""
    if seconds is None:
        return ""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"

"""When a lead is due (spec/audit.md, "Due")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.policy import Policy
from huiyin.domain.record import SHANGHAI, in_shanghai

_MIDNIGHT = time(0, 0)
_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    provisional: bool
    """Trading days were counted in a year whose holidays are not known."""
    rule: str
    """Why then: a Chinese phrase for people."""


@dataclass(frozen=True, slots=True)
class Span:
    """A window as moments; None is open. `exact` means that one point in time was named."""

    start: datetime | None
    end: datetime | None

    @property
    def exact(self) -> bool:
        return self.start is not None and self.start == self.end and self.start.time() != _MIDNIGHT

    @property
    def stated(self) -> bool:
        return self.start is not None or self.end is not None

    def text(self) -> tuple[str | None, str | None]:
        """As a tag's window writes it."""
        start, end = (m.strftime("%Y-%m-%dT%H:%M") if m else None for m in (self.start, self.end))
        return start, end

    def holds(self, moment: datetime, *, grace: timedelta) -> bool:
        """Whether the moment lies inside, both ends included; a point in time lasts for its grace."""
        if self.start is not None and moment < self.start:
            return False
        end = self.end
        if end is not None and self.start == end:
            end = end + grace if self.exact else datetime.combine(end.date(), _LAST_MINUTE, SHANGHAI)
        return end is None or moment <= end


def parse_window(window: object) -> Span:
    """A tag's window ([start, end] as "YYYY-MM-DDTHH:MM", None, or absent). What is no time counts as not said."""
    if not isinstance(window, (list, tuple)):
        return Span(None, None)
    ends = [_moment(part) for part in window[:2]]
    ends += [None] * (2 - len(ends))
    return Span(ends[0], ends[1])


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return in_shanghai(datetime.fromisoformat(text))
    except ValueError:
        return None


def earliest(spans: Iterable[Span]) -> Span | None:
    """The span that begins first among those with a start; None where none has one."""
    found = [s for s in spans if s.start is not None]
    return min(found, key=lambda s: (s.start, s.end or s.start), default=None)


class DueRules:
    """The due rules under one policy and calendar."""

    def __init__(self, policy: Policy, calendar: TradingCalendar) -> None:
        self._policy = policy
        self._calendar = calendar

    def due(self, tag: str, value: Mapping[str, Any], opened_at: datetime, appointment: Span | None) -> Due:
        """When a lead that opens now is due; `appointment` is the earliest callback with a start in its conversation.

        The client's appointment rules over every lead opened there, save a promise that has a due of its own.
        """
        own = parse_window(value.get("due") if tag == "advisor_commitment" else value.get("window"))
        if tag == "advisor_commitment" and own.stated:
            return self.window_due(own, opened_at, "承诺的时间")
        if appointment is not None:
            return self.window_due(appointment, opened_at, "客户约定的时间")
        if tag in ("contact_time", "advisor_commitment"):
            return self.window_due(own, opened_at, "客户约定的时间" if tag == "contact_time" else "承诺的时间", tag=tag)
        if tag == "external_assets":
            return self._external(value, opened_at)
        return self._days_after(tag, opened_at)

    def window_due(self, span: Span, said_at: datetime, what: str, *, tag: str = "contact_time") -> Due:
        """The end of a window, or what the policy puts in its place where it has none.

        Without any day it is due as many trading days after `said_at` as the policy gives to `tag` (1).
        """
        policy, start, end = self._policy, span.start, span.end
        if start is None and end is None:
            return self._days_after(tag, said_at, why="未约定日期")
        if start is not None and start.time() == _MIDNIGHT:
            return self._day_without_hour(start, end, what)
        if start is not None and start == end:
            grace = timedelta(minutes=policy.appointment_grace_minutes)
            return Due(start + grace, False, f"{what}（宽限{policy.appointment_grace_minutes}分钟）")
        if end is not None:
            return Due(end, False, f"{what}截止")
        assert start is not None
        evening = start.time() >= policy.due_time
        close = policy.evening_due_time if evening else policy.due_time
        return Due(max(start, _at(start.date(), close)), False, f"{what}当天{close:%H:%M}")

    def _day_without_hour(self, start: datetime, end: datetime | None, what: str) -> Due:
        last = end.date() if end is not None and end.date() > start.date() else start.date()
        if last > start.date() and end is not None and end.time() not in (_MIDNIGHT, _LAST_MINUTE):
            return Due(end, False, f"{what}截止")  # several days, and an hour on the last
        return Due(_at(last, self._policy.due_time), False, f"{what}当天{self._policy.due_time:%H:%M}")

    def _days_after(self, tag: str, opened_at: datetime, *, why: str = "") -> Due:
        days = self._policy.due_trading_days[tag]
        day = self._calendar.add_trading_days(opened_at.date(), days)
        rule = f"{why + '，' if why else ''}{days}个交易日内"
        return Due(_at(day, self._policy.due_time), self._unknown(opened_at.date(), day), rule)

    def _external(self, value: Mapping[str, Any], opened_at: datetime) -> Due:
        due = self._days_after("external_assets", opened_at)
        first = _first_day(value.get("matures_on"))
        if first is None or first <= due.at.date():
            return due
        days = self._policy.maturity_lead_trading_days
        day = self._calendar.add_trading_days(first, -days)
        if day <= due.at.date():
            return Due(due.at, due.provisional, due.rule)
        return Due(_at(day, self._policy.due_time), self._unknown(day, first), f"到期前{days}个交易日")

    def _unknown(self, first: date, last: date) -> bool:
        return self._calendar.is_provisional(first) or self._calendar.is_provisional(last)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)


def _first_day(dates: object) -> date | None:
    if not isinstance(dates, (list, tuple)) or not dates or not isinstance(dates[0], str):
        return None
    try:
        return date.fromisoformat(dates[0][:10])
    except ValueError:
        return None

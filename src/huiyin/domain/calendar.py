"""Trading days of the Shanghai Stock Exchange (XSHG).

A trading day is a weekday that is neither a statutory holiday nor closed by the exchange. Statutory days come from
`chinese_calendar`, whose data end some time; exchange-only closures and years it does not know yet are passed in
(`lexicons/calendar.yaml`, policy `holidays`). Past the last year known, weekdays count and are provisional
(spec/audit.md, "Due").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar.constants import holidays as _STATUTORY

from huiyin.domain.record import Record

_DAY = timedelta(days=1)
_SATURDAY = 5


class Closure(Record):
    """A day on which the exchange is closed though `chinese_calendar` does not know it."""

    id: str
    day: date
    reason: str
    source: str
    example: str | None = None


class CalendarData(Record):
    """What `lexicons/calendar.yaml` holds."""

    closures: tuple[Closure, ...] = ()
    complete_year_min_closures: int = 10
    """A year past the statutory data counts as known once so many of its weekdays were given as closed: every
    year since 2008 has had at least 15, and a single extra day must not make a year look announced."""


@dataclass(frozen=True)
class TradingCalendar:
    closed: frozenset[date]
    first_known_year: int
    last_known_year: int

    @classmethod
    def build(cls, data: CalendarData | None = None, *, holidays: Iterable[date] = ()) -> TradingCalendar:
        """The calendar of the statutory days, the closures of `data`, and the operator's own `holidays`."""
        data = data or CalendarData()
        given = {c.day for c in data.closures} | set(holidays)
        last = max(day.year for day in _STATUTORY)
        counts = Counter(day.year for day in given if day.weekday() < _SATURDAY)
        while counts[last + 1] >= data.complete_year_min_closures:
            last += 1
        return cls(
            closed=frozenset(_STATUTORY) | given,
            first_known_year=min(day.year for day in _STATUTORY),
            last_known_year=last,
        )

    def is_trading_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in self.closed

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that year are not known (yet), so that any weekday counts."""
        return not self.first_known_year <= day.year <= self.last_known_year

    def add_trading_days(self, day: date, n: int) -> date:
        """The n-th trading day strictly after `day`; for a negative n, strictly before it.

        Raises ValueError for 0: `day` itself need not be a trading day.
        """
        if n == 0:
            raise ValueError("n is 0: a day is counted from, never counted")
        step, left = (_DAY, n) if n > 0 else (-_DAY, -n)
        while left:
            day += step
            left -= self.is_trading_day(day)
        return day

    def next_trading_day(self, day: date) -> date:
        return self.add_trading_days(day, 1)

    def previous_trading_day(self, day: date) -> date:
        return self.add_trading_days(day, -1)

"""The XSHG calendar against exchange_calendars, and what it says past the years it knows."""

from __future__ import annotations

from datetime import date, timedelta

import exchange_calendars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.calendar import CalendarData, Closure, TradingCalendar
from huiyin.pipeline.reference import load_calendar, load_calendar_data

CALENDAR = load_calendar()


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def test_agrees_with_exchange_calendars_from_2010_to_2026() -> None:
    first, last = date(2010, 1, 1), date(2026, 12, 31)
    sessions = exchange_calendars.get_calendar("XSHG", start="2009-12-31").sessions
    theirs = {s.date() for s in sessions}
    ours = {d for d in days(first, last) if CALENDAR.is_trading_day(d)}
    assert ours == {d for d in theirs if first <= d <= last}


@pytest.mark.parametrize(
    ("day", "trades"),
    [
        ("2024-02-09", False),  # closed by the exchange alone
        ("2026-02-14", False),  # a working Saturday
        ("2026-10-10", False),
        ("2026-10-08", True),
        ("2026-03-07", False),
        ("2027-02-08", True),  # not announced: a weekday counts
        ("2035-01-06", False),
    ],
)
def test_single_days(day: str, trades: bool) -> None:
    assert CALENDAR.is_trading_day(date.fromisoformat(day)) is trades


def test_provisional_past_the_last_known_year() -> None:
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))


def test_a_year_is_known_once_its_closures_are_given_and_one_day_does_not_make_it_known() -> None:
    data = load_calendar_data()
    one = TradingCalendar.build(data, holidays=[date(2027, 1, 1)])
    assert one.is_provisional(date(2027, 3, 1))
    assert not one.is_trading_day(date(2027, 1, 1))
    closed = days(date(2027, 2, 8), date(2027, 2, 12)) + days(date(2027, 10, 1), date(2027, 10, 7))
    closed += [date(2027, 1, 1), date(2027, 5, 3), date(2027, 5, 4)]
    year = TradingCalendar.build(data, holidays=closed)
    assert not year.is_provisional(date(2027, 3, 1))
    assert year.is_provisional(date(2028, 1, 3))


def test_closures_come_from_the_data() -> None:
    closure = Closure(id="x", day=date(2026, 3, 5), reason="台风", source="公告")
    calendar = TradingCalendar.build(CalendarData(closures=(closure,)))
    assert not calendar.is_trading_day(date(2026, 3, 5))
    assert calendar.is_trading_day(date(2024, 2, 9))


@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(-30, 30).filter(bool))
def test_the_nth_day_has_n_minus_one_trading_days_before_it(day: date, n: int) -> None:
    found = CALENDAR.add_trading_days(day, n)
    between = days(min(day, found), max(day, found))
    assert CALENDAR.is_trading_day(found)
    assert sum(CALENDAR.is_trading_day(d) for d in between if d != day) == abs(n)


def test_next_and_previous() -> None:
    assert CALENDAR.next_trading_day(date(2026, 2, 13)) == date(2026, 2, 24)
    assert CALENDAR.previous_trading_day(date(2026, 2, 24)) == date(2026, 2, 13)
    with pytest.raises(ValueError, match="n is 0"):
        CALENDAR.add_trading_days(date(2026, 3, 2), 0)

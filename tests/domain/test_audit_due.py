"""spec/audit.md, "Due": trading days, appointments, promises, maturities."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from audit_world import MARGIN, World, at, callback, promise
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.due import DueRules, Span, parse_window
from huiyin.domain.record import SHANGHAI
from huiyin.pipeline.reference import load_calendar, load_default_policy, load_policy

RULES = DueRules(load_default_policy(), load_calendar())
CALENDAR = load_calendar()


def due(tag: str, value: dict[str, Any], opened: str, appointment: tuple[str | None, str | None] | None = None) -> str:
    span = parse_window([s and f"2026-{s}" for s in appointment]) if appointment else None
    found = RULES.due(tag, value, at(opened), span)
    return found.at.strftime("%m-%d %H:%M") + ("?" if found.provisional else "")


@pytest.mark.parametrize(
    ("tag", "value", "opened", "expected"),
    [
        ("permission_intent", MARGIN, "03-02 10:00", "03-04 18:00"),
        ("permission_intent", MARGIN, "03-06 20:00", "03-10 18:00"),
        ("permission_intent", MARGIN, "03-07 10:00", "03-10 18:00"),
        ("idle_funds", {}, "03-02 23:59", "03-04 18:00"),
        ("external_assets", {}, "03-02 10:00", "03-05 18:00"),
        ("product_preference", {"product": "gold"}, "03-02 10:00", "03-09 18:00"),
        ("churn_risk", {"kind": "comparing"}, "03-02 10:00", "03-03 18:00"),
        ("complaint", {"topic": "app"}, "03-06 10:00", "03-09 18:00"),
        ("experience_level", {"level": "novice"}, "03-02 10:00", "03-16 18:00"),
        # the Spring Festival of 2026 closes 16 to 23 February; the working Saturdays around it are no trading days
        ("complaint", {"topic": "app"}, "02-13 10:00", "02-24 18:00"),
        ("permission_intent", MARGIN, "02-13 10:00", "02-25 18:00"),
        ("complaint", {"topic": "app"}, "09-30 10:00", "10-08 18:00"),
        # past the last year that is known weekdays count, and it says so
        ("complaint", {"topic": "app"}, "12-30 10:00", "12-31 18:00"),
        ("complaint", {"topic": "app"}, "12-31 10:00", "01-01 18:00?"),
        ("permission_intent", MARGIN, "12-30 10:00", "01-01 18:00?"),
    ],
)
def test_on_the_nth_trading_day(tag: str, value: dict[str, Any], opened: str, expected: str) -> None:
    assert due(tag, value, opened) == expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-04-01", "03-25 18:00"),
        ("2026-03-31", "03-24 18:00"),
        ("2026-03-13", "03-06 18:00"),
        ("2026-03-12", "03-05 18:00"),  # five days before would be the 5th
        ("2026-03-10", "03-05 18:00"),  # never earlier than the third trading day
        ("2026-03-05", "03-05 18:00"),
        ("2026-03-03", "03-05 18:00"),
        ("2026-10-09", "09-24 18:00"),  # 8 October, 30, 29, 28, 24 September: two holidays lie between
        ("2027-03-01", "02-22 18:00?"),
        (None, "03-05 18:00"),
    ],
)
def test_external_assets_before_they_mature(first: str | None, expected: str) -> None:
    matures = [first, "2027-12-31"] if first else None
    assert due("external_assets", {"matures_on": matures}, "03-02 10:00") == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (("03-18T15:00", "03-18T18:00"), "03-18 18:00"),
        (("03-18T15:00", "03-18T16:30"), "03-18 16:30"),
        (("03-18T15:00", "03-18T15:00"), "03-18 15:15"),
        (("03-18T15:00", None), "03-18 18:00"),
        (("03-18T17:59", None), "03-18 18:00"),
        (("03-18T18:00", None), "03-18 21:00"),
        (("03-18T19:30", None), "03-18 21:00"),
        (("03-18T00:00", "03-18T23:59"), "03-18 18:00"),
        (("03-18T00:00", None), "03-18 18:00"),
        (("03-18T00:00", "03-18T00:00"), "03-18 18:00"),
        ((None, "03-18T12:00"), "03-18 12:00"),
        ((None, "03-18T23:59"), "03-18 23:59"),
        ((None, None), "03-03 18:00"),
        (("03-21T10:00", "03-21T12:00"), "03-21 12:00"),  # a Saturday: the client's word, not the calendar
        (("03-16T00:00", "03-20T23:59"), "03-20 18:00"),  # "next week" is not over on Monday
    ],
)
def test_callbacks_and_promises_are_due_at_the_end_of_their_window(
    window: tuple[str | None, str | None], expected: str
) -> None:
    assert due("contact_time", callback(*window), "03-02 10:00") == expected
    assert due("advisor_commitment", promise("call_back", *window), "03-02 10:00") == expected


def test_no_day_at_all_is_the_next_trading_day() -> None:
    assert due("contact_time", callback(None, None), "03-06 10:00") == "03-09 18:00"
    assert due("advisor_commitment", {"action": "send_material", "due": None}, "03-06 10:00") == "03-09 18:00"
    assert due("contact_time", callback(None, None), "12-31 10:00") == "01-01 18:00?"


def test_a_window_past_the_known_years_is_not_provisional() -> None:
    found = RULES.due("contact_time", {"window": ["2027-03-18T15:00", "2027-03-18T18:00"]}, at("12-31 10:00"), None)
    assert (found.provisional, found.at.year) == (False, 2027)


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        ("permission_intent", MARGIN, "03-18 15:15"),
        ("external_assets", {"matures_on": ["2026-06-01", "2026-06-01"]}, "03-18 15:15"),
        ("churn_risk", {"kind": "comparing"}, "03-18 15:15"),
        ("experience_level", {"level": "novice"}, "03-18 15:15"),
        ("advisor_commitment", promise("send_material"), "03-18 15:15"),
        ("advisor_commitment", promise("send_material", None, "03-04T12:00"), "03-04 12:00"),
    ],
)
def test_the_clients_appointment_rules_save_a_promise_with_a_due_of_its_own(
    tag: str, value: dict[str, Any], expected: str
) -> None:
    world = World().call("a", "03-02 10:00", "A 好的", "C 嗯", "C 18号三点打给我")
    world.tag("a", tag, value, turns=(0,) if tag == "advisor_commitment" else (1,))
    world.tag("a", "contact_time", callback("03-18T15:00", "03-18T15:00"), turns=(2,))
    assert world.lead("03-02 12:00", tag=tag).due_at == at(expected)


@pytest.mark.parametrize("window", [(None, None), (None, "03-18T12:00")])
def test_an_appointment_without_a_start_rules_over_no_other_lead(window: tuple[str | None, str | None]) -> None:
    world = World().call("a", "03-02 10:00", "A 好的", "C 我想开两融", "C 回头打给我")
    world.tag("a", "permission_intent", MARGIN).tag("a", "contact_time", callback(*window), turns=(2,))
    assert world.lead("03-02 12:00", tag="permission_intent").due_at == at("03-04 18:00")


def test_an_appointment_of_another_conversation_rules_over_nothing_here() -> None:
    world = World().chat("b", "03-02 09:00", "C 18号打给我")
    world.tag("b", "contact_time", callback("03-18T15:00", "03-18T15:00"), turns=(0,))
    world.call("a", "03-02 10:00", "A 您好", "C 我想开两融").tag("a", "permission_intent", MARGIN)
    assert world.lead("03-02 12:00", tag="permission_intent").due_at == at("03-04 18:00")


def test_the_policy_moves_what_it_names() -> None:
    policy = load_policy(
        {
            "due_trading_days": {"permission_intent": 4},
            "due_time": "17:00",
            "evening_due_time": "20:30",
            "appointment_grace_minutes": 30,
            "maturity_lead_trading_days": 3,
            "holidays": ["2026-03-05"],
        }
    )
    rules = DueRules(policy, load_calendar(policy))
    moment = at("03-02 10:00")
    assert rules.due("permission_intent", MARGIN, moment, None).at == at("03-09 17:00")
    assert rules.due("contact_time", callback("03-18T15:00", "03-18T15:00"), moment, None).at == at("03-18 15:30")
    assert rules.due("contact_time", callback("03-18T17:00", None), moment, None).at == at("03-18 20:30")
    external = {"matures_on": ["2026-03-31", "2026-03-31"]}
    assert rules.due("external_assets", external, moment, None).at == at("03-26 17:00")


# --- against a counter that knows nothing but days -------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2026, 11, 30)).map(lambda m: m.replace(tzinfo=SHANGHAI))  # noqa: DTZ001
DATES = st.dates(date(2010, 1, 1), date(2027, 6, 30))


def count(day: date, n: int, step: int) -> date:
    while n:
        day += timedelta(days=step)
        n -= CALENDAR.is_trading_day(day)
    return day


@given(MOMENTS, st.sampled_from(["permission_intent", "complaint", "experience_level", "product_preference"]))
def test_days_after_agree_with_the_counter(opened: datetime, tag: str) -> None:
    n = load_default_policy().due_trading_days[tag]
    found = RULES.due(tag, {}, opened, None)
    assert found.at == datetime.combine(count(opened.date(), n, 1), time(18), SHANGHAI)
    assert found.at > opened


@given(MOMENTS, DATES)
def test_maturities_agree_with_the_counter(opened: datetime, first: date) -> None:
    found = RULES.due("external_assets", {"matures_on": [first.isoformat(), first.isoformat()]}, opened, None)
    third = count(opened.date(), 3, 1)
    expected = max(third, count(first, 5, -1)) if first > third else third
    assert found.at == datetime.combine(expected, time(18), SHANGHAI)


@given(MOMENTS, st.integers(0, 600), st.integers(0, 600))
def test_a_window_is_due_at_its_end_or_with_its_grace(opened: datetime, ahead: int, length: int) -> None:
    start = opened.replace(second=0, microsecond=0) + timedelta(minutes=ahead)
    end = start + timedelta(minutes=length)
    found = RULES.window_due(Span(start, end), opened, "")
    if start.time() == time(0):
        assert found.at >= datetime.combine(start.date(), time(18), SHANGHAI) or found.at == end
    else:
        assert found.at == (end + timedelta(minutes=15) if start == end else end)


@pytest.mark.parametrize("window", [None, [], ["bald", "morgen"], "2026-03-18", [1, 2], ["2026-03-18T15:00"]])
def test_what_is_no_window_counts_as_not_said(window: object) -> None:
    span = parse_window(window)
    assert span.end is None
    assert (span.start is not None) is (window == ["2026-03-18T15:00"])

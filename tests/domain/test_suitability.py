"""spec/audit.md, suitability: the table, what is met, not met and missing, and what is never said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.crm import Client
from huiyin.domain.suitability import check_permission, months_between, yuan
from huiyin.pipeline.reference import load_suitability

RULES = load_suitability()


def record(**fields: Any) -> Client:
    return Client.model_validate({"client_id": "K1", "advisor_id": "A1", **fields})


DAY = date(2026, 3, 2)
TABLE: list[tuple[str, int | None, int | None, bool]] = [
    ("margin", 6, 500_000, True),
    ("star_market", 24, 500_000, False),
    ("bse", 24, 500_000, False),
    ("chinext", 24, 100_000, False),
    ("hk_connect", None, 500_000, False),
    ("options", 6, 500_000, True),
    ("convertible_bond", 24, 100_000, False),
]


@pytest.mark.parametrize(("permission", "months", "assets", "level"), TABLE)
def test_the_table_is_that_of_the_spec(permission: str, months: int | None, assets: int, level: bool) -> None:
    rule = check_permission(permission, None, RULES, as_of=DAY).rule
    assert rule is not None
    assert (rule.experience_months, rule.avg_assets_20d) == (months, assets)
    assert rule.risk_levels == (("C4", "C5") if level else None)
    assert rule.source
    assert rule.effective_from < rule.checked_on


@pytest.mark.parametrize(
    ("fields", "states"),
    [
        ({"first_traded_on": "2025-09-02", "avg_assets_20d": 500_000, "risk_level": "C4"}, ["met", "met", "met"]),
        ({"first_traded_on": "2025-09-03", "avg_assets_20d": 499_999.99, "risk_level": "C3"}, ["not_met"] * 3),
        ({}, ["missing"] * 3),
        ({"total_assets": 900_000}, ["missing"] * 3),  # total assets are not the 20-day average
        ({"first_traded_on": "2020-01-01", "risk_level": "C5"}, ["met", "missing", "met"]),
    ],
)
def test_what_is_met_not_met_and_missing(fields: dict[str, Any], states: list[str]) -> None:
    found = check_permission("margin", record(**fields), RULES, as_of=DAY)
    assert [r.state for r in found.requirements] == states
    assert [r.known is None for r in found.requirements] == [s == "missing" for s in states]


@pytest.mark.parametrize("permission", [row[0] for row in TABLE] + ["neeq", "private_fund", "fund_advisory"])
@pytest.mark.parametrize("fields", [{}, {"first_traded_on": "2000-01-01", "avg_assets_20d": 1e8, "risk_level": "C5"}])
def test_it_never_says_that_the_client_is_eligible(permission: str, fields: dict[str, Any]) -> None:
    summary = check_permission(permission, record(**fields), RULES, as_of=DAY).summary
    assert "核验" in summary or "核实" in summary
    assert not any(word in summary for word in ("符合条件", "可以开通", "满足开通", "有资格", "可开通"))


def test_a_rule_is_asked_as_of_the_day() -> None:
    assert check_permission("bse", record(), RULES, as_of=date(2021, 11, 14)).rule is None
    assert check_permission("bse", record(), RULES, as_of=date(2021, 11, 15)).rule is not None


@pytest.mark.parametrize(
    ("first", "day", "months"),
    [
        ("2025-09-02", "2026-03-02", 6),
        ("2025-09-02", "2026-03-01", 5),
        ("2025-08-31", "2026-02-28", 6),
        ("2024-02-29", "2026-02-28", 24),
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-03", "2026-03-02", -1),
    ],
)
def test_months(first: str, day: str, months: int) -> None:
    assert months_between(date.fromisoformat(first), date.fromisoformat(day)) == months


@given(st.dates(date(2000, 1, 1), date(2026, 12, 31)), st.integers(0, 3000))
def test_months_never_fall_as_days_pass(first: date, days: int) -> None:
    day = first + timedelta(days=days)
    assert 0 <= months_between(first, day) <= months_between(first, day + timedelta(days=1))


@pytest.mark.parametrize(("amount", "text"), [(500_000, "50万元"), (32_500, "3.25万元"), (800, "800元"), (0, "0元")])
def test_sums_for_people(amount: float, text: str) -> None:
    assert yuan(amount) == text

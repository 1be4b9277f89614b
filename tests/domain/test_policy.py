"""policy.yaml: every key of the spec, overrides, and errors that name the key."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from huiyin.domain.errors import PolicyError
from huiyin.domain.policy import Policy
from huiyin.domain.tags import TAG_TYPES
from huiyin.lexicon import load
from huiyin.pipeline.reference import load_default_policy, load_policy


def test_the_defaults_are_those_of_the_spec() -> None:
    policy = load_default_policy()
    days = policy.due_trading_days
    assert [days[k] for k in ("permission_intent", "idle_funds", "external_assets", "product_preference")] == [
        2,
        2,
        3,
        5,
    ]
    assert [days[k] for k in ("churn_risk", "complaint", "experience_level")] == [1, 1, 10]
    assert (policy.due_time, policy.evening_due_time) == (time(18), time(21))
    assert (policy.appointment_grace_minutes, policy.maturity_lead_trading_days) == (15, 5)
    assert (policy.conversion_days, policy.conversion_share, policy.holidays) == (90, 0.1, ())
    assert set(policy.half_life_days) == set(TAG_TYPES)


def test_the_keys_are_those_of_the_spec() -> None:
    assert list(Policy.model_fields) == [
        "due_trading_days", "due_time", "evening_due_time", "appointment_grace_minutes",
        "maturity_lead_trading_days", "half_life_days", "confidence_floor", "conversion_days", "conversion_share",
        "holidays",
    ]  # fmt: skip
    assert set(load("policy")) == set(Policy.model_fields)


def test_overrides_merge_into_the_tables() -> None:
    policy = load_policy({"due_trading_days": {"complaint": 3, "novice": 7}, "half_life_days": {"family": 10}})
    assert (policy.due_trading_days["complaint"], policy.due_trading_days["experience_level"]) == (3, 7)
    assert policy.due_trading_days["permission_intent"] == 2
    assert (policy.half_life("family"), policy.half_life("complaint")) == (10, TAG_TYPES["complaint"].half_life_days)


@pytest.mark.parametrize(
    ("overrides", "field", "expected"),
    [
        ({"due_time": 1080}, "due_time", time(18)),  # YAML 1.1 reads an unquoted 18:00 so
        ({"due_time": "09:30"}, "due_time", time(9, 30)),
        ({"holidays": ["2027-02-08", date(2027, 2, 9)]}, "holidays", (date(2027, 2, 8), date(2027, 2, 9))),
        ({"holidays": None}, "holidays", ()),
        ({"confidence_floor": 0}, "confidence_floor", 0.0),
        (None, "conversion_days", 90),
        ({}, "conversion_days", 90),
    ],
)
def test_values_are_read(overrides: dict[str, Any] | None, field: str, expected: object) -> None:
    assert getattr(load_policy(overrides), field) == expected


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"due_day": 3}, "due_day"),
        ({"due_trading_days": {"complaints": 1}}, "complaints"),
        ({"due_trading_days": {"risk_preference": 1}}, "risk_preference"),
        ({"due_trading_days": {"complaint": 0}}, "due_trading_days.complaint"),
        ({"due_trading_days": {"complaint": "two"}}, "due_trading_days.complaint"),
        ({"due_trading_days": {"complaint": True}}, "due_trading_days.complaint"),
        ({"due_trading_days": {"complaint": 1.5}}, "due_trading_days.complaint"),
        ({"due_trading_days": 3}, "due_trading_days"),
        ({"half_life_days": {"margin": 30}}, "margin"),
        ({"half_life_days": {"family": 0}}, "half_life_days.family"),
        ({"due_time": "25:00"}, "due_time"),
        ({"due_time": "six"}, "due_time"),
        ({"due_time": None}, "due_time"),
        ({"appointment_grace_minutes": -1}, "appointment_grace_minutes"),
        ({"confidence_floor": 1.5}, "confidence_floor"),
        ({"conversion_share": "a tenth"}, "conversion_share"),
        ({"holidays": "2027-02-08"}, "holidays"),
        ({"holidays": ["new year"]}, "holidays"),
        (["due_time"], "no keys"),
    ],
)
def test_errors_name_the_key(overrides: Any, named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        load_policy(overrides)

"""The reference data that the domain is given: policy, calendar, suitability table, topic words, from `lexicons/`.

`domain` reads no files; whoever runs a stage takes its data here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from huiyin.domain.calendar import CalendarData, TradingCalendar
from huiyin.domain.policy import Policy
from huiyin.domain.suitability import SuitabilityRule
from huiyin.domain.topics import TopicBook, TopicData
from huiyin.lexicon import load


def load_policy(overrides: Mapping[str, Any] | None = None) -> Policy:
    """The default policy with an operator's overrides (the parsed policy.yaml). Raises PolicyError naming the key."""
    return Policy.from_mapping(load("policy"), overrides)


@cache
def load_default_policy() -> Policy:
    return load_policy()


@cache
def load_calendar_data() -> CalendarData:
    return CalendarData.model_validate(load("calendar"))


def load_calendar(policy: Policy | None = None) -> TradingCalendar:
    """The XSHG calendar with the policy's extra closed days."""
    return TradingCalendar.build(load_calendar_data(), holidays=policy.holidays if policy else ())


@cache
def load_suitability() -> tuple[SuitabilityRule, ...]:
    return tuple(SuitabilityRule.model_validate(row) for row in load("suitability")["rules"])


@cache
def load_topic_data() -> TopicData:
    return TopicData.model_validate(load("topics"))


@cache
def load_topics() -> TopicBook:
    """The topic words, with the names that each institution goes by."""
    names: dict[str, list[str]] = {}
    for entry in load("institutions")["entries"]:
        names.setdefault(entry["name"], []).extend([*entry.get("sure", ()), *entry.get("short", ())])
    return TopicBook(load_topic_data(), names)

"""Figures for managers; every figure names the leads behind it (spec/audit.md, "For managers")."""

from __future__ import annotations

from enum import StrEnum

from huiyin.domain.record import Record


class GroupBy(StrEnum):
    ADVISOR = "advisor"
    TEAM = "team"
    BRANCH = "branch"
    TAG = "tag"
    WEEK = "week"
    """ISO week of `opened_at`, Asia/Shanghai, as "2026-W12"."""


class Figure(Record):
    """A number and the leads that it was counted from. `value` is None where there is nothing to divide by."""

    value: float | None
    lead_ids: tuple[str, ...]


class GroupFigures(Record):
    """The figures of one group; `key` None gathers leads whose advisor has no team or branch on record."""

    by: GroupBy | None  # None: all leads
    key: str | None
    label: str
    leads: Figure
    follow_up_rate: Figure  # leads of the denominator
    followed_up: Figure
    late: Figure
    missed: Figure
    unreached: Figure
    off_topic: Figure
    unverified: Figure
    pending: Figure
    suppressed: Figure
    median_response_minutes: Figure
    conversion_rate: Figure  # leads that can convert: opportunity and deep dig
    converted: Figure
    amount_named_min: Figure  # yuan; money in other currencies is left out
    amount_named_max: Figure


class Summary(Record):
    total: GroupFigures
    groups: dict[GroupBy, tuple[GroupFigures, ...]]


class AttributionModel(StrEnum):
    FIRST_TOUCH = "first_touch"
    LAST_TOUCH = "last_touch"
    LINEAR = "linear"
    TIME_DECAY = "time_decay"
    POSITION = "position"


class Credit(Record):
    """A contact's share of one conversion; the shares of a lead under a model add up to 1."""

    model: AttributionModel
    lead_id: str
    contact_id: str
    advisor_id: str | None
    weight: float

"""What became of a lead besides being followed up (spec/audit.md, `outcome`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from huiyin.domain.crm import Event, EventType
from huiyin.domain.policy import Policy


def conversion(
    tag: str,
    key: str | None,
    value: Mapping[str, Any],
    opened_at: datetime,
    events: Iterable[Event],
    policy: Policy,
) -> Event | None:
    """The first event that converts a lead. `events` come after `opened_at`, by time.

    Permission and product never cross: a convertible-bond permission is no purchase of convertible bonds.
    """
    return next((e for e in events if _converts(tag, key, value, opened_at, e, policy)), None)


def _converts(
    tag: str, key: str | None, value: Mapping[str, Any], opened_at: datetime, event: Event, policy: Policy
) -> bool:
    match tag, event.type:
        case "permission_intent", EventType.PERMISSION_OPENED:
            return event.permission == key
        case "product_preference", EventType.PRODUCT_PURCHASED:
            return event.product == key
        case "idle_funds", EventType.PRODUCT_PURCHASED:
            return True
        case (("idle_funds" | "external_assets"), EventType.ASSET_INFLOW):
            days = (event.at.date() - opened_at.date()).days
            return days <= policy.conversion_days and _enough(value, event.amount, policy.conversion_share)
    return False


def _enough(value: Mapping[str, Any], came: float | None, share: float) -> bool:
    """At least the share of the smallest sum that was named; no sum named: any inflow.

    A sum in another currency is compared as the number that it is, which asks for less than its worth in yuan: no
    rate of exchange is known here.
    """
    amount = value.get("amount")
    if not amount:
        return True
    # two decimals: a tenth of a sum must not fail by the last binary digit
    return came is not None and round(came, 2) >= round(float(amount[0]) * share, 2)


def account_closed(events: Iterable[Event]) -> Event | None:
    return next((e for e in events if e.type is EventType.ACCOUNT_CLOSED), None)

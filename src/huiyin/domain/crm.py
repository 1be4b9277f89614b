"""What the CRM and the telephone system know: clients, advisors, call detail records, events (spec/formats.md)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from huiyin.domain.record import Moment, Record


class Client(Record):
    """The static profile. Money in yuan."""

    client_id: str
    advisor_id: str
    name: str | None = None
    phone: str | None = None
    gender: Literal["F", "M"] | None = None
    birth_year: int | None = Field(default=None, ge=1900, le=2100)
    region: str | None = None
    occupation: str | None = None
    branch: str | None = None
    opened_on: date | None = None
    first_traded_on: date | None = None
    risk_level: Literal["C1", "C2", "C3", "C4", "C5"] | None = None
    risk_assessed_on: date | None = None
    total_assets: float | None = None
    avg_assets_20d: float | None = None
    permissions: tuple[str, ...] | None = None  # None: the CRM did not say; (): it holds none
    wecom_userid: str | None = None


class Advisor(Record):
    advisor_id: str
    name: str | None = None
    team: str | None = None
    branch: str | None = None
    manager_id: str | None = None
    wecom_userid: str | None = None


class Call(Record):
    """A call detail record. `recording` is relative to the folder of calls.csv."""

    call_id: str
    client_id: str
    advisor_id: str
    started_at: Moment
    answered: bool
    direction: Literal["outbound", "inbound"] | None = None
    duration_s: float | None = Field(default=None, ge=0)
    recording: str | None = None
    advisor_channel: int | None = Field(default=None, ge=0, le=1)


class EventType(StrEnum):
    PERMISSION_OPENED = "permission_opened"
    ASSET_INFLOW = "asset_inflow"
    ASSET_OUTFLOW = "asset_outflow"
    PRODUCT_PURCHASED = "product_purchased"
    ACCOUNT_CLOSED = "account_closed"
    RISK_ASSESSED = "risk_assessed"
    ACTIVITY = "activity"
    EDUCATION_SENT = "education_sent"


class Event(Record):
    """What happened to a client after; `product` is a key of product_preference, `amount` yuan."""

    event_id: str
    client_id: str
    type: EventType
    at: Moment
    permission: str | None = None
    product: str | None = None
    amount: float | None = None
    advisor_id: str | None = None
    note: str | None = None

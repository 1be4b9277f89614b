"""The base of every record: frozen, strict about unknown fields, JSON in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

SHANGHAI = ZoneInfo("Asia/Shanghai")


def in_shanghai(moment: datetime) -> datetime:
    """The moment as Asia/Shanghai wall-clock time; one without a zone is taken as Shanghai (spec/formats.md)."""
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


Moment = Annotated[datetime, AfterValidator(in_shanghai)]
"""A point in time, always carried with the Asia/Shanghai zone."""


class Record(BaseModel):
    """A frozen value. Collections inside are tuples, so that a record can be shared without copying."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

"""Column types: moments that keep their zone, and JSON that knows the version of its schema."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from huiyin.domain.errors import StoreError
from huiyin.domain.record import SHANGHAI

JSON_SCHEMA_VERSION = 1
"""Raised when the shape of any stored JSON changes; a migration then rewrites what is stored."""


class UtcDateTime(TypeDecorator[datetime]):
    """Stores UTC, returns Asia/Shanghai; refuses a datetime without a zone (it would be guessed)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value  # SQLite keeps no zone
        return aware.astimezone(SHANGHAI)


class VersionedJson(TypeDecorator[Any]):
    """JSON as `{"schema_version": 1, "data": …}`. Python's None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any | None:
        return None if value is None else {"schema_version": JSON_SCHEMA_VERSION, "data": value}

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        if value is None:
            return None
        found = value.get("schema_version")
        if found != JSON_SCHEMA_VERSION:
            raise StoreError(
                f"the database holds JSON of schema version {found}, this Huiyin reads {JSON_SCHEMA_VERSION}: "
                "upgrade Huiyin, or the database (`huiyin db upgrade`)"
            )
        return value["data"]

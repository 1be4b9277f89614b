"""The follow-up policy: what is due when, what fades, what counts as a conversion (spec/audit.md, "Policy file")."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationError

from huiyin.domain.errors import PolicyError
from huiyin.domain.record import Record
from huiyin.domain.tags import TAG_TYPES

_ALIASES = {"due_trading_days": {"novice": "experience_level"}}  # the spec names the lead by its level


def _clock(value: object) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)  # YAML 1.1 reads an unquoted 18:00 as the number 1080
    if isinstance(value, str):
        try:
            return datetime.strptime(value.strip(), "%H:%M").time()  # noqa: DTZ007 - a time of day
        except ValueError:
            pass
    raise ValueError('is no time of day; write it as "18:00"')


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise ValueError("is no date; write it as 2027-02-08")


def _number(value: object) -> object:
    if isinstance(value, (bool, str)):
        raise ValueError("is not a number")
    return value


Clock = Annotated[time, BeforeValidator(_clock), PlainSerializer(lambda t: t.strftime("%H:%M"))]
Day = Annotated[date, BeforeValidator(_day)]
TradingDays = Annotated[int, BeforeValidator(_number), Field(ge=1, le=250)]
Days = Annotated[int, BeforeValidator(_number), Field(ge=1)]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)]


class Policy(Record):
    due_trading_days: dict[str, TradingDays]
    due_time: Clock
    evening_due_time: Clock
    appointment_grace_minutes: Annotated[int, BeforeValidator(_number), Field(ge=0, le=24 * 60)]
    maturity_lead_trading_days: TradingDays
    half_life_days: dict[str, Days]
    confidence_floor: Share
    conversion_days: Days
    conversion_share: Share
    holidays: tuple[Day, ...]

    @classmethod
    def from_mapping(cls, defaults: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> Policy:
        """The defaults with the overrides put in; tables (`due_trading_days`, `half_life_days`) merge by tag type.

        Raises PolicyError that names the key: an unknown one, an unknown tag type, a bad value.
        """
        merged: dict[str, Any] = {"half_life_days": {key: t.half_life_days for key, t in TAG_TYPES.items()}}
        for layer in (defaults, overrides or {}):
            _merge(merged, layer)
        try:
            return cls.model_validate(merged)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(p) for p in first["loc"])
            raise PolicyError(f"policy: {where}: {_message(first)}") from error

    def half_life(self, tag: str) -> int:
        """Days until a tag of the type has lost half of its confidence."""
        return self.half_life_days[tag]


def _message(error: Mapping[str, Any]) -> str:
    what = str(error["msg"]).removeprefix("Value error, ")
    return what if error["type"] == "missing" else f"{error['input']!r}: {what}"


def _merge(into: dict[str, Any], layer: Mapping[str, Any]) -> None:
    if not isinstance(layer, Mapping):
        raise PolicyError("policy: the file holds no keys; write `key: value` lines (see docs, policy file)")
    for key, value in layer.items():
        if key not in Policy.model_fields:
            raise PolicyError(f"policy: unknown key {key!r}; the keys are {', '.join(Policy.model_fields)}")
        if key in ("due_trading_days", "half_life_days"):
            into[key] = {**into.get(key, {}), **_by_tag(key, value)}
        elif key == "holidays":
            if not isinstance(value, (list, tuple, type(None))):
                raise PolicyError(f"policy: holidays: {value!r}: is no list of dates; write `holidays: [2027-02-08]`")
            into[key] = tuple(value or ())
        else:
            into[key] = value


def _by_tag(key: str, table: object) -> dict[str, Any]:
    if table is None:
        return {}
    if not isinstance(table, Mapping):
        raise PolicyError(f"policy: {key}: {table!r}: is no table of tag types; write `{key}: {{complaint: 1}}`")
    allowed = [t.key for t in TAG_TYPES.values() if key == "half_life_days" or t.lead is not None]
    out: dict[str, Any] = {}
    for name, value in table.items():
        known = _ALIASES.get(key, {}).get(str(name), name)
        if known not in allowed:
            raise PolicyError(f"policy: {key}: unknown tag type {name!r}; the types are {', '.join(allowed)}")
        out[str(known)] = value
    return out

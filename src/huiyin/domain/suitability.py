"""Suitability (适当性): what the record says to each rule of a permission, as of a day.

The product says what is known and what is missing. Whether a client is eligible is decided at the counter, and
never said here (spec/audit.md, "Profile").
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from huiyin.domain.record import Record

RequirementName = Literal["experience_months", "avg_assets_20d", "risk_level"]


class RequirementState(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    MISSING = "missing"


class SuitabilityRule(Record):
    """A row of the table: what a permission asks for, from when, by which source. Money in yuan."""

    id: str
    permission: str
    experience_months: int | None = None  # since the first trade
    avg_assets_20d: float | None = None
    risk_levels: tuple[str, ...] | None = None
    source: str
    effective_from: date
    effective_to: date | None = None
    checked_on: date
    example: str | None = None


class RequirementCheck(Record):
    name: RequirementName
    needed: str  # Chinese, for people
    known: str | None  # what the record says; None: nothing
    state: RequirementState


class PermissionCheck(Record):
    """What is known of a permission that the client wants. `rule` is None where the table has no row."""

    permission: str
    label: str
    as_of: date
    held: bool | None  # None: the CRM does not say
    rule: SuitabilityRule | None
    requirements: tuple[RequirementCheck, ...]
    summary: str  # Chinese; never says that the client is eligible

    @property
    def not_met(self) -> tuple[RequirementCheck, ...]:
        return tuple(r for r in self.requirements if r.state is RequirementState.NOT_MET)

    @property
    def missing(self) -> tuple[RequirementCheck, ...]:
        return tuple(r for r in self.requirements if r.state is RequirementState.MISSING)

"""Suitability (适当性): what the record says to each rule of a permission, as of a day.

The product says what is known and what is missing. Whether a client is eligible is decided at the counter, and
never said here (spec/audit.md, "Profile").
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from huiyin.domain.crm import Client
from huiyin.domain.record import Record
from huiyin.domain.tags import PERMISSIONS

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


def check_permission(
    permission: str, client: Client | None, rules: Iterable[SuitabilityRule], *, as_of: date, held: bool | None = None
) -> PermissionCheck:
    """What the record says to each condition of a permission on a day."""
    rule = rule_on(permission, rules, as_of)
    found = _requirements(rule, client, as_of) if rule is not None else ()
    return PermissionCheck(
        permission=permission,
        label=PERMISSIONS.get(permission, permission),
        as_of=as_of,
        held=held,
        rule=rule,
        requirements=found,
        summary=_summary(rule, found, held),
    )


def rule_on(permission: str, rules: Iterable[SuitabilityRule], day: date) -> SuitabilityRule | None:
    """The row in force on a day, the newest where several are; None where the table has none."""
    found = [
        r
        for r in rules
        if r.permission == permission and r.effective_from <= day and (r.effective_to is None or day <= r.effective_to)
    ]
    return max(found, key=lambda r: (r.effective_from, r.id), default=None)


def months_between(first: date, day: date) -> int:
    """Whole months from one day to another; a month is over on the same day of the next (or on its last day)."""
    months = (day.year - first.year) * 12 + day.month - first.month
    last_of_month = day.month != (day + timedelta(days=1)).month
    return months if day.day >= first.day or last_of_month else months - 1


def _requirements(rule: SuitabilityRule, client: Client | None, day: date) -> tuple[RequirementCheck, ...]:
    out = []
    if rule.experience_months is not None:
        traded = client.first_traded_on if client else None
        months = months_between(traded, day) if traded is not None else None
        out.append(
            RequirementCheck(
                name="experience_months",
                needed=f"首次交易满{rule.experience_months}个月",
                known=None if traded is None else f"首次交易{traded.isoformat()}，至今{max(months or 0, 0)}个月",
                state=_state(None if months is None else months >= rule.experience_months),
            )
        )
    if rule.avg_assets_20d is not None:
        assets = client.avg_assets_20d if client else None
        out.append(
            RequirementCheck(
                name="avg_assets_20d",
                needed=f"前20个交易日日均资产不低于{yuan(rule.avg_assets_20d)}",
                known=None if assets is None else f"20日日均资产{yuan(assets)}",
                state=_state(None if assets is None else assets >= rule.avg_assets_20d),
            )
        )
    if rule.risk_levels is not None:
        level = client.risk_level if client else None
        out.append(
            RequirementCheck(
                name="risk_level",
                needed=f"风险等级{'或'.join(rule.risk_levels)}",
                known=None if level is None else f"风险等级{level}",
                state=_state(None if level is None else level in rule.risk_levels),
            )
        )
    return tuple(out)


def _state(met: bool | None) -> RequirementState:
    if met is None:
        return RequirementState.MISSING
    return RequirementState.MET if met else RequirementState.NOT_MET


def _summary(rule: SuitabilityRule | None, found: tuple[RequirementCheck, ...], held: bool | None) -> str:
    if held:
        return "系统记录显示已开通。"
    if rule is None:
        return "没有登记该权限的条件，请向营业部核实。"
    not_met = [r.needed for r in found if r.state is RequirementState.NOT_MET]
    missing = [r.needed for r in found if r.state is RequirementState.MISSING]
    parts = [f"未达到：{'、'.join(not_met)}"] if not_met else []
    parts += [f"缺少资料：{'、'.join(missing)}"] if missing else []
    return "；".join(parts or ["已知各项均已达到"]) + "。能否开通以柜台核验为准。"


def yuan(amount: float) -> str:
    """A sum for people: 50万元, 3.25万元, 800元."""
    if abs(amount) >= 10_000:
        return f"{amount / 10_000:.2f}".rstrip("0").rstrip(".") + "万元"
    return f"{amount:.2f}".rstrip("0").rstrip(".") + "元"

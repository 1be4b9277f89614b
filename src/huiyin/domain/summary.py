"""Figures for managers; every figure names the leads behind it (spec/audit.md, "For managers")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from statistics import median

from huiyin.domain.crm import Advisor
from huiyin.domain.lead import AuditedLead, LeadOutcome, LeadStatus
from huiyin.domain.record import Record
from huiyin.domain.tags import TAG_TYPES, LeadKind

_NOT_ASKED = frozenset({LeadStatus.SUPPRESSED, LeadStatus.PENDING, LeadStatus.UNVERIFIED})
_CAN_CONVERT = frozenset({LeadKind.OPPORTUNITY, LeadKind.DEEP_DIG})


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


def summarise(leads: Iterable[AuditedLead], *, advisors: Iterable[Advisor] = ()) -> Summary:
    """The figures of all leads, and by advisor, team, branch, tag type and week.

    A lead belongs to the advisor whose conversation opened it, and to that advisor's team and branch.
    """
    found = tuple(leads)
    staff = {a.advisor_id: a for a in advisors}
    keys: dict[GroupBy, Callable[[AuditedLead], str | None]] = {
        GroupBy.ADVISOR: lambda lead: lead.advisor_id,
        GroupBy.TEAM: lambda lead: staff[lead.advisor_id].team if lead.advisor_id in staff else None,
        GroupBy.BRANCH: lambda lead: staff[lead.advisor_id].branch if lead.advisor_id in staff else None,
        GroupBy.TAG: lambda lead: lead.tag,
        GroupBy.WEEK: week_of,
    }
    return Summary(
        total=figures(found, by=None, key=None, label="全部"),
        groups={by: _grouped(found, by, key, staff) for by, key in keys.items()},
    )


def week_of(lead: AuditedLead) -> str:
    """The ISO week in which a lead opened: "2026-W12"."""
    year, week, _ = lead.opened_at.isocalendar()
    return f"{year}-W{week:02d}"


def in_denominator(lead: AuditedLead) -> bool:
    """Whether the follow-up rate asks for this lead.

    All less suppressed, pending, unverified, and those converted before they were due (spec/audit.md); a followed-up
    lead that converted before it was due leaves numerator and denominator alike, so that the rate stays a share.
    """
    early = lead.outcome is LeadOutcome.CONVERTED and lead.outcome_at is not None and lead.outcome_at < lead.due_at
    return lead.status not in _NOT_ASKED and not early


def figures(leads: Sequence[AuditedLead], *, by: GroupBy | None, key: str | None, label: str) -> GroupFigures:
    """The figures of one group of leads."""
    asked = [lead for lead in leads if in_denominator(lead)]
    done = [lead for lead in asked if lead.status is LeadStatus.FOLLOWED_UP]
    answered = [lead for lead in leads if lead.response_minutes is not None]
    can = [lead for lead in leads if lead.kind in _CAN_CONVERT]
    converted = [lead for lead in leads if lead.outcome is LeadOutcome.CONVERTED]
    named = [(lead, lead.amount_named) for lead in leads if lead.amount_named is not None]
    sums = [amount for _, amount in named if amount is not None]
    minutes = [lead.response_minutes for lead in answered if lead.response_minutes is not None]
    by_status = {s: [lead for lead in leads if lead.status is s] for s in LeadStatus}
    money = tuple(lead.lead_id for lead, _ in named)
    return GroupFigures(
        by=by,
        key=key,
        label=label,
        leads=_count(leads),
        follow_up_rate=Figure(value=_share(len(done), len(asked)), lead_ids=_ids(asked)),
        followed_up=_count(by_status[LeadStatus.FOLLOWED_UP]),
        late=_count(by_status[LeadStatus.LATE]),
        missed=_count(by_status[LeadStatus.MISSED]),
        unreached=_count(by_status[LeadStatus.UNREACHED]),
        off_topic=_count(by_status[LeadStatus.OFF_TOPIC]),
        unverified=_count(by_status[LeadStatus.UNVERIFIED]),
        pending=_count(by_status[LeadStatus.PENDING]),
        suppressed=_count(by_status[LeadStatus.SUPPRESSED]),
        median_response_minutes=Figure(value=median(minutes) if minutes else None, lead_ids=_ids(answered)),
        conversion_rate=Figure(value=_share(len(converted), len(can)), lead_ids=_ids(can)),
        converted=_count(converted),
        amount_named_min=Figure(value=sum(a[0] for a in sums), lead_ids=money),
        amount_named_max=Figure(value=sum(a[1] for a in sums), lead_ids=money),
    )


def _grouped(
    leads: Sequence[AuditedLead],
    by: GroupBy,
    key_of: Callable[[AuditedLead], str | None],
    staff: Mapping[str, Advisor],
) -> tuple[GroupFigures, ...]:
    groups: dict[str | None, list[AuditedLead]] = defaultdict(list)
    for lead in leads:
        groups[key_of(lead)].append(lead)
    keys = sorted(groups, key=lambda k: (k is None, k or ""))
    return tuple(figures(groups[k], by=by, key=k, label=_label(by, k, staff)) for k in keys)


def _label(by: GroupBy, key: str | None, staff: Mapping[str, Advisor]) -> str:
    if key is None:
        return "未登记"
    if by is GroupBy.TAG:
        return TAG_TYPES[key].label
    if by is GroupBy.ADVISOR and key in staff:
        return staff[key].name or key
    return key


def _ids(leads: Iterable[AuditedLead]) -> tuple[str, ...]:
    return tuple(lead.lead_id for lead in leads)


def _count(leads: Sequence[AuditedLead]) -> Figure:
    return Figure(value=len(leads), lead_ids=_ids(leads))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

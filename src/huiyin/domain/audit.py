"""The follow-up audit: what the leads of all clients are at a moment (spec/audit.md).

    found = audit(AuditInput(conversations, tags, events), policy=policy, calendar=calendar, topics=book, as_of=now)

Nothing later than `as_of` is seen, the order of the input does not matter, and clients do not touch each other:
`audit_client` does one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Advisor, Client, Event
from huiyin.domain.draft import Draft, closed_before_contact, contacts_of
from huiyin.domain.due import DueRules
from huiyin.domain.history import History, group_by_client
from huiyin.domain.lead import AuditedLead, Contact, ContactKind, LeadOutcome, LeadStatus
from huiyin.domain.leads import LeadWalk
from huiyin.domain.outcomes import account_closed, conversion
from huiyin.domain.policy import Policy
from huiyin.domain.record import in_shanghai
from huiyin.domain.tag import Tag
from huiyin.domain.topics import TopicBook
from huiyin.domain.windows import WindowRules


@dataclass(frozen=True)
class AuditInput:
    """What is known. `clients` and `advisors` are not needed for the leads, only for what is built on them."""

    conversations: Iterable[Conversation] = ()
    tags: Iterable[Tag] = ()
    events: Iterable[Event] = ()
    clients: Iterable[Client] = ()
    advisors: Iterable[Advisor] = ()


def audit(
    data: AuditInput, *, policy: Policy, calendar: TradingCalendar, topics: TopicBook, as_of: datetime
) -> tuple[AuditedLead, ...]:
    """Every lead, sorted by client and `opened_at`."""
    return tuple(iter_audit(data, policy=policy, calendar=calendar, topics=topics, as_of=as_of))


def iter_audit(
    data: AuditInput, *, policy: Policy, calendar: TradingCalendar, topics: TopicBook, as_of: datetime
) -> Iterator[AuditedLead]:
    """The same, a client at a time, for those who need not hold all leads at once."""
    grouped = group_by_client(data.conversations, data.tags, data.events)
    for client_id in sorted(grouped.tags):
        yield from audit_client(
            client_id,
            grouped.conversations.get(client_id, ()),
            grouped.tags[client_id],
            grouped.events.get(client_id, ()),
            policy=policy,
            calendar=calendar,
            topics=topics,
            as_of=as_of,
        )


def audit_client(
    client_id: str,
    conversations: Iterable[Conversation],
    tags: Iterable[Tag],
    events: Iterable[Event],
    *,
    policy: Policy,
    calendar: TradingCalendar,
    topics: TopicBook,
    as_of: datetime,
) -> tuple[AuditedLead, ...]:
    """The leads of one client; all that is given must be his."""
    as_of = in_shanghai(as_of)
    history = History(client_id, conversations, tags, events, as_of=as_of, book=topics)
    walk = LeadWalk(history, policy=policy, due=DueRules(policy, calendar)).run()
    windows = WindowRules(history, walk.appointments, policy=policy, calendar=calendar)
    found = [_audited(lead, history, windows, policy, as_of) for lead in walk.drafts]
    return tuple(sorted(found, key=lambda f: (f.opened_at, f.tag, f.discriminator or "", f.lead_id)))


def _audited(lead: Draft, history: History, windows: WindowRules, policy: Policy, as_of: datetime) -> AuditedLead:
    contacts = contacts_of(lead, history)
    first = next((c for c in contacts if c.kind is ContactKind.ON_TOPIC), None)
    outcome = _outcome(lead, history, policy)
    span = windows.span_of(lead)
    own = lead.value.get("window") or lead.value.get("due")
    return AuditedLead(
        lead_id=_lead_id(lead),
        client_id=lead.client_id,
        advisor_id=lead.advisor_id,
        tag=lead.tag,
        discriminator=lead.key,
        value=lead.value,
        opened_at=lead.opened_at,
        due_at=lead.due.at,
        due_provisional=lead.due.provisional,
        status=_status(lead, contacts, first, as_of),
        outcome=outcome.outcome,
        in_window=windows.in_window(lead, contacts),
        response_minutes=round((first.time - lead.opened_at).total_seconds() / 60, 2) if first else None,
        contacts=tuple(contacts),
        evidence=tuple(lead.evidence),
        kind=lead.kind,
        due_rule=lead.due.rule,
        window=(span.text() if span else tuple(own) if own else None),
        outcome_at=outcome.at,
        outcome_id=outcome.by,
        closed_at=_closed_at(lead, first, history, policy, as_of),
        suppressed_at=lead.suppressed_at,
        tags_said=len(lead.evidence),
    )


def _status(lead: Draft, contacts: list[Contact], first: Contact | None, as_of: datetime) -> LeadStatus:
    """In the order of spec/audit.md, "Status of a lead"."""
    if lead.suppressed_at is not None:
        return LeadStatus.SUPPRESSED
    if first is not None:
        return LeadStatus.FOLLOWED_UP if first.time <= lead.due.at else LeadStatus.LATE
    if as_of <= lead.due.at:
        return LeadStatus.PENDING
    kinds = {c.kind for c in contacts}
    for kind, status in (
        (ContactKind.UNKNOWN, LeadStatus.UNVERIFIED),
        (ContactKind.REACHED, LeadStatus.OFF_TOPIC),
        (ContactKind.ATTEMPT, LeadStatus.UNREACHED),
    ):
        if kind in kinds:
            return status
    return LeadStatus.MISSED


@dataclass(frozen=True, slots=True)
class _Outcome:
    outcome: LeadOutcome
    at: datetime | None = None
    by: str | None = None


def _outcome(lead: Draft, history: History, policy: Policy) -> _Outcome:
    """Converted, refused, lost, open: the first that holds. A conversion after the next lead opened is that one's."""
    events = history.events_after(lead.opened_at)
    until = lead.next_opened_at
    own = [e for e in events if until is None or e.at <= until]
    won = conversion(lead.tag, lead.key, lead.value, lead.opened_at, own, policy)
    if won is not None:
        return _Outcome(LeadOutcome.CONVERTED, won.at, won.event_id)
    if lead.declined_at is not None:
        said = LeadOutcome.RETAINED if lead.tag == "churn_risk" else LeadOutcome.DECLINED
        return _Outcome(said, lead.declined_at, lead.declined_in)
    gone = account_closed(events)
    return _Outcome(LeadOutcome.LOST, gone.at, gone.event_id) if gone else _Outcome(LeadOutcome.OPEN)


def _closed_at(
    lead: Draft, first: Contact | None, history: History, policy: Policy, as_of: datetime
) -> datetime | None:
    moments = [closed_before_contact(lead, history, policy, upto=as_of)]
    if lead.closes_by_contact and first is not None:
        moments.append(first.time)
    return min((m for m in moments if m is not None), default=None)


def _lead_id(lead: Draft) -> str:
    """The same lead has the same id in every audit: made of client, key and opening, before any name took over."""
    text = "\0".join((lead.client_id, lead.tag, lead.opening_key or "", lead.opened_at.isoformat()))
    return "L" + hashlib.sha256(text.encode()).hexdigest()[:16]

"""A lead in the making, and what the audit asks of it while its client's history is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from huiyin.domain.contacts import event_contact, promise_kept, talk_contact
from huiyin.domain.due import Due, Span, parse_window
from huiyin.domain.history import History
from huiyin.domain.lead import Contact, ContactKind, LeadEvidence
from huiyin.domain.outcomes import conversion
from huiyin.domain.policy import Policy
from huiyin.domain.subjects import Named, Subject
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES, LeadKind


@dataclass(kw_only=True)
class Draft:
    """A lead while its client's history is walked."""

    client_id: str
    advisor_id: str
    tag: str
    key: str | None
    opening_key: str | None
    value: dict[str, Any]
    opened_at: datetime
    due: Due
    subject: Subject
    opened_in: str
    own: dict[str, datetime]
    """Conversations that opened it or set its window, and when: they are never its contacts."""
    evidence: list[LeadEvidence]
    declined_at: datetime | None = None
    declined_in: str | None = None
    suppressed_at: datetime | None = None
    next_opened_at: datetime | None = None
    seen: dict[str, Contact | None] = field(default_factory=dict)

    @property
    def kind(self) -> LeadKind:
        kind = TAG_TYPES[self.tag].lead
        assert kind is not None
        return kind

    @property
    def closes_by_contact(self) -> bool:
        return self.kind in (LeadKind.PROMISE, LeadKind.SERVICE) or self.tag == "complaint"

    @property
    def named(self) -> Named:
        return self.value.get("institution"), self.value.get("institution_type")

    def said_in(self, conversation_id: str) -> bool:
        return any(e.conversation_id == conversation_id for e in self.evidence)


def own_span(tag: str, value: Mapping[str, Any]) -> Span:
    """The window of a callback or a promise itself; open at both ends for any other lead."""
    return parse_window(value.get("due" if tag == "advisor_commitment" else "window"))


def callbacks_in(history: History, conversation_id: str) -> list[Tag]:
    """The affirmed callbacks of a conversation."""
    return [
        t
        for t in history.tags_in.get(conversation_id, ())
        if t.tag == "contact_time" and t.value.get("kind") == "callback" and t.stance is Stance.AFFIRMED
    ]


def contacts_of(lead: Draft, history: History) -> list[Contact]:
    """Every contact of a lead, by time.

    Those of a closed lead count until the next of its key opens; a promise that was never kept stays open beside
    the next one, until its first on-topic contact.
    """
    until = lead.next_opened_at
    before = [c for c in _contacts(lead, history, until) if until is None or c.time < until]
    before.sort(key=_time)
    kept = any(c.kind is ContactKind.ON_TOPIC for c in before)
    if until is None or kept or lead.kind is not LeadKind.PROMISE or lead.suppressed_at is not None:
        return before
    for contact in sorted((c for c in _contacts(lead, history, None) if c.time >= until), key=_time):
        before.append(contact)
        if contact.kind is ContactKind.ON_TOPIC:
            break
    return before


def first_on_topic(lead: Draft, history: History, *, upto: datetime) -> Contact | None:
    """The first on-topic contact at or before a moment."""
    best: Contact | None = None
    for contact in _contacts(lead, history, upto):
        if contact.kind is not ContactKind.ON_TOPIC or contact.time > upto:
            continue
        if best is None or _time(contact) < _time(best):
            best = contact
        if contact.medium == "call":
            break  # conversations come last and by start: what follows a call cannot lie before it
    return best


def closed_before_contact(lead: Draft, history: History, policy: Policy, *, upto: datetime) -> datetime | None:
    """When a lead was closed by anything but a contact: suppressed, converted, refused."""
    moments = [lead.suppressed_at]
    if not lead.closes_by_contact:
        event = conversion(lead.tag, lead.key, lead.value, lead.opened_at, history.events_after(lead.opened_at), policy)
        moments += [lead.declined_at, event.at if event else None]
    return min((m for m in moments if m is not None and m <= upto), default=None)


def _time(contact: Contact) -> tuple[datetime, str]:
    return contact.time, contact.id


def _contacts(lead: Draft, history: History, upto: datetime | None) -> Iterator[Contact]:
    """Contacts that begin up to a moment: promises kept where they were made, events, then conversations by start."""
    for conversation_id, said_at in lead.own.items() if lead.tag == "advisor_commitment" else ():
        talk = history.by_id.get(conversation_id)
        if talk is not None:
            kept = _once(lead, f"own {conversation_id}", partial(promise_kept, talk, lead.subject, said_at))
            if kept is not None:
                yield kept
    for event in history.events_after(lead.opened_at):
        if upto is not None and event.at > upto:
            break
        logged = event_contact(event, lead.subject, history.book)
        if logged is not None:
            yield logged
    for talk in history.talks_after(lead.opened_at):
        if upto is not None and talk.started_at > upto:
            break
        if talk.id not in lead.own:
            found = _once(lead, talk.id, partial(talk_contact, talk, lead.subject, lead.opened_at))
            if found is not None:
                yield found


def _once(lead: Draft, name: str, find: Callable[[], Contact | None]) -> Contact | None:
    if name not in lead.seen:
        lead.seen[name] = find()
    return lead.seen[name]

"""Audited leads to rows and back: what was opened (`leads`), what was found of it (`findings`), by which contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from huiyin.domain.lead import AuditedLead, Contact
from huiyin.domain.record import in_shanghai
from huiyin.store.rows import Row, digest

FOUND = frozenset(
    {
        "status",
        "outcome",
        "in_window",
        "response_minutes",
        "window",
        "outcome_at",
        "outcome_id",
        "closed_at",
        "suppressed_at",
    }
)
"""The fields of an AuditedLead that the audit finds anew at each `as_of`; the others say what the lead is."""
_OPENED = frozenset(AuditedLead.model_fields) - FOUND - {"contacts"}
_CONTACT = {name: "contact_id" if name == "id" else name for name in Contact.model_fields}


def week_of(moment: datetime) -> str:
    """The ISO week in Asia/Shanghai as "2026-W12", the key of domain/summary.py."""
    year, week, _ = in_shanghai(moment).isocalendar()
    return f"{year}-W{week:02}"


def lead_row(lead: AuditedLead) -> Row:
    return {
        **_values(lead, _OPENED),
        "discriminator": lead.discriminator or "",
        "evidence": [e.model_dump(mode="json") for e in lead.evidence],
        "conversation_id": lead.evidence[0].conversation_id if lead.evidence else "",
        "opened_week": week_of(lead.opened_at),
        "digest": digest(lead.model_dump_json(include=set(_OPENED), exclude_defaults=True)),
    }


def finding_row(lead: AuditedLead, *, as_of: datetime) -> Row:
    """The finding. Its `as_of` is no part of the digest: a status that holds on is no change."""
    return {
        **_values(lead, FOUND),
        "lead_id": lead.lead_id,
        "as_of": as_of,
        "confirmed_as_of": as_of,
        "digest": digest(lead.model_dump_json(include={*FOUND, "contacts"}, exclude_defaults=True)),
    }


def contact_rows(lead: AuditedLead, *, finding_row: int) -> list[Row]:
    return [
        {
            **{column: _plain(getattr(contact, name)) for name, column in _CONTACT.items()},
            "finding_row": finding_row,
            "ordinal": ordinal,
        }
        for ordinal, contact in enumerate(lead.contacts)
    ]


def to_lead(opened: Mapping[str, Any], found: Mapping[str, Any], contacts: Sequence[Mapping[str, Any]]) -> AuditedLead:
    """The domain record of a row of `leads`, one of `findings`, and the finding's contacts in their order."""
    values = {name: opened[name] for name in _OPENED} | {name: found[name] for name in FOUND}
    return AuditedLead.model_validate(
        {**values, "discriminator": opened["discriminator"] or None, "contacts": [to_contact(c) for c in contacts]}
    )


def to_contact(row: Mapping[str, Any]) -> Contact:
    return Contact.model_validate({name: row[column] for name, column in _CONTACT.items()})


def _values(lead: AuditedLead, names: frozenset[str]) -> Row:
    return {name: _plain(getattr(lead, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return getattr(value, "value", value)

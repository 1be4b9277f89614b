"""A lead and what became of it (spec/audit.md, "Lead" to "leads.jsonl")."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from huiyin.domain.record import Moment, Record
from huiyin.domain.tags import LEAD_KIND_LABELS, TAG_TYPES, LeadKind, Window


class LeadStatus(StrEnum):
    """In the order in which the audit asks (spec/audit.md, "Status of a lead")."""

    SUPPRESSED = "suppressed"
    FOLLOWED_UP = "followed_up"
    LATE = "late"
    PENDING = "pending"
    UNVERIFIED = "unverified"
    OFF_TOPIC = "off_topic"
    UNREACHED = "unreached"
    MISSED = "missed"


class LeadOutcome(StrEnum):
    CONVERTED = "converted"
    DECLINED = "declined"
    RETAINED = "retained"
    LOST = "lost"
    OPEN = "open"


class ContactKind(StrEnum):
    """What a contact counts as for one lead (spec/audit.md, "Contact")."""

    ON_TOPIC = "on_topic"
    REACHED = "reached"
    UNKNOWN = "unknown"
    ATTEMPT = "attempt"
    CLIENT_ONLY = "client_only"
    """Only the client wrote, or nobody took the client's call: listed, and counts as neither."""


class ContactReason(StrEnum):
    """Why a contact counts as it does; the sentence for people is `Contact.why`."""

    SAME_TAG = "same_tag"
    TOPIC_WORDS = "topic_words"
    ANY_REACHED = "any_reached"
    MATERIAL_SENT = "material_sent"
    EDUCATION_SENT = "education_sent"
    TEACHING = "teaching"
    MATTER_REPORTED = "matter_reported"
    NOTE_ON_TOPIC = "note_on_topic"
    OTHER_SUBJECT = "other_subject"
    EMPTY_NOTE = "empty_note"
    WORDS_MISSING = "words_missing"
    NOT_ANSWERED = "not_answered"
    NO_CLIENT_WORDS = "no_client_words"
    ONLY_FIRM_WROTE = "only_firm_wrote"
    ONLY_CLIENT_WROTE = "only_client_wrote"
    CLIENT_CALL_UNANSWERED = "client_call_unanswered"


STATUS_LABELS: dict[str, str] = {
    "suppressed": "免打扰",
    "followed_up": "已跟进",
    "late": "跟进超时",
    "pending": "待跟进",
    "unverified": "无法核实",
    "off_topic": "未谈及",
    "unreached": "未联系上",
    "missed": "漏跟进",
}
OUTCOME_LABELS: dict[str, str] = {
    "converted": "已转化",
    "declined": "已拒绝",
    "retained": "已挽留",
    "lost": "已流失",
    "open": "未有结果",
}
CONTACT_KIND_LABELS: dict[str, str] = {
    "on_topic": "谈及该事",
    "reached": "联系上",
    "unknown": "内容不明",
    "attempt": "尝试联系",
    "client_only": "客户单方",
}


class Contact(Record):
    """One contact with the client, seen from one lead. `id` is the conversation's or the event's."""

    id: str
    time: Moment
    kind: ContactKind
    why: str  # a Chinese sentence
    turns: tuple[int, ...] = ()  # the turns that show it; none for an event or a call without words
    reason: ContactReason
    weak: bool = False  # on topic by a passing mention
    medium: Literal["call", "chat", "activity", "education"]
    direction: Literal["outbound", "inbound"] | None = None
    advisor_id: str | None = None  # who of the firm; None where an event does not say


class LeadEvidence(Record):
    """Where the lead was said: once for its opening, once for each refresh, in the order of time."""

    conversation_id: str
    turns: tuple[int, ...]
    quote: str
    said_at: Moment


class AuditedLead(Record):
    """A lead at `as_of`: the fields of leads.jsonl first, in its order, then what the pages need."""

    lead_id: str
    client_id: str
    advisor_id: str  # whose conversation opened it
    tag: str
    discriminator: str | None
    value: dict[str, Any]
    opened_at: Moment
    due_at: Moment
    due_provisional: bool
    status: LeadStatus
    outcome: LeadOutcome
    in_window: bool | None
    response_minutes: float | None  # from `opened_at` to the first on-topic contact
    contacts: tuple[Contact, ...]
    evidence: tuple[LeadEvidence, ...]

    kind: LeadKind
    due_rule: str  # why it is due then, a Chinese phrase
    window: Window | None = None  # the client's window that `in_window` was asked of, or the lead's own
    outcome_at: Moment | None = None
    outcome_id: str | None = None  # the event or the conversation that decided the outcome
    closed_at: Moment | None = None
    suppressed_at: Moment | None = None  # when the client said do_not_contact
    tags_said: int = Field(default=1, ge=1)  # how often it was said: 1 + refreshes

    @property
    def first_on_topic(self) -> Contact | None:
        return next((c for c in self.contacts if c.kind is ContactKind.ON_TOPIC), None)

    @property
    def amount_named(self) -> tuple[float, float] | None:
        """Yuan as (min, max); None where none was named or it is in another currency."""
        amount = self.value.get("amount")
        if not amount or self.value.get("currency"):
            return None
        return float(amount[0]), float(amount[1])

    @property
    def label(self) -> str:
        """The lead in Chinese: tag type and what it is about ("业务开通意向：融资融券")."""
        tag_type = TAG_TYPES[self.tag]
        if self.discriminator is None:
            return tag_type.label
        choices = tag_type.choices or {}
        return f"{tag_type.label}：{choices.get(self.discriminator, self.discriminator)}"

    @property
    def kind_label(self) -> str:
        return LEAD_KIND_LABELS[self.kind]

    @property
    def status_label(self) -> str:
        return STATUS_LABELS[self.status]

    @property
    def outcome_label(self) -> str:
        return OUTCOME_LABELS[self.outcome]

    def as_line(self) -> dict[str, Any]:
        """Plain JSON of a line of leads.jsonl; the fields of the spec come first."""
        return self.model_dump(mode="json")

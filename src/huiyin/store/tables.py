"""The tables. A row of a `Versioned` table is one state of a thing; the present one has no `valid_to`.

A change ends the present row and adds the next; what vanishes is ended; nothing is deleted. The natural key (of a
tag: conversation, type, discriminator, ordinal) is unique among the present rows. Every time is stored as UTC;
those of `valid_from`/`valid_to` say when this database learned it, not when it was said.

A change here needs a migration: `tests/store/test_store_migrations.py` fails until both agree.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, MetaData, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from huiyin.store.types import UtcDateTime, VersionedJson

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
PRESENT = text("valid_to IS NULL")


class Base(SQLModel, registry=registry(metadata=METADATA)):
    pass


def table(model: type[Base]) -> Table:
    """The Core table of a model: what bulk writes and joins work on."""
    return METADATA.tables[str(model.__tablename__)]


def _present(table: str, *key: str) -> Index:
    """At most one present row of a key; it serves the joins too, which only want present rows."""
    return Index(f"uq_{table}_present", *key, unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT)


def _index(table: str, *columns: str) -> Index:
    return Index(f"ix_{table}_{'_'.join(columns)}", *columns)


class RunRow(Base, table=True):
    """One run that changed something or looked anew; `digest` is over all that it brought."""

    __tablename__ = "runs"

    id: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    saved_at: datetime = Field(sa_type=UtcDateTime, index=True)
    as_of: datetime = Field(sa_type=UtcDateTime)
    lexicon_version: str
    recognizer: str | None = None
    source: str | None = None
    policy_digest: str | None = Field(default=None, foreign_key="policies.digest")
    counts: Any = Field(sa_type=VersionedJson)
    digest: str


class PolicyRow(Base, table=True):
    """A follow-up policy that a run used, kept once however many runs used it."""

    __tablename__ = "policies"

    digest: str = Field(primary_key=True)
    policy: Any = Field(sa_type=VersionedJson)
    saved_at: datetime = Field(sa_type=UtcDateTime)


class IssueRow(Base, table=True):
    """A row or file that a run could not use, or used with a warning."""

    __tablename__ = "ingest_issues"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    ordinal: int = Field(primary_key=True)
    severity: str
    file: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    message: str


class Versioned(Base):
    """What every row with a history has."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str  # over the content: equal digest, equal state, nothing to write
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_from_run: str = Field(foreign_key="runs.id")
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_to_run: str | None = Field(default=None, foreign_key="runs.id")


class ClientRow(Versioned, table=True):
    """`in_crm` false: no CRM row has come, the client is known by conversations or events alone."""

    __tablename__ = "clients"
    __table_args__ = (_present("clients", "client_id"), _index("clients", "advisor_id"), _index("clients", "name"))

    client_id: str
    advisor_id: str
    in_crm: bool
    name: str | None = None
    phone: str | None = None
    gender: str | None = None
    birth_year: int | None = None
    region: str | None = None
    occupation: str | None = None
    branch: str | None = None
    opened_on: date | None = None
    first_traded_on: date | None = None
    risk_level: str | None = None
    risk_assessed_on: date | None = None
    total_assets: float | None = None
    avg_assets_20d: float | None = None
    permissions: Any = Field(default=None, sa_type=VersionedJson, nullable=True)
    wecom_userid: str | None = None


class AdvisorRow(Versioned, table=True):
    __tablename__ = "advisors"
    __table_args__ = (_present("advisors", "advisor_id"), _index("advisors", "team"), _index("advisors", "branch"))

    advisor_id: str
    in_crm: bool
    name: str | None = None
    team: str | None = None
    branch: str | None = None
    manager_id: str | None = None
    wecom_userid: str | None = None


class EventRow(Versioned, table=True):
    __tablename__ = "events"
    __table_args__ = (_present("events", "event_id"), _index("events", "client_id", "at"))

    event_id: str
    client_id: str
    type: str
    at: datetime = Field(sa_type=UtcDateTime)
    permission: str | None = None
    product: str | None = None
    amount: float | None = None
    advisor_id: str | None = None
    note: str | None = None


class ConversationRow(Versioned, table=True):
    """A call or chat with its recording and the state of its transcript; `digest` covers the turns too."""

    __tablename__ = "conversations"
    __table_args__ = (
        _present("conversations", "conversation_id"),
        _index("conversations", "conversation_id", "valid_from"),
        _index("conversations", "client_id", "started_at"),
        _index("conversations", "advisor_id", "started_at"),
        _index("conversations", "started_at"),
    )

    conversation_id: str
    channel: str
    client_id: str
    advisor_id: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    medium: str
    direction: str | None = None
    answered: bool
    duration_s: float | None = None
    recording_path: str | None = None
    recording_sha256: str | None = None
    recording_advisor_channel: int | None = None
    recording_channels: int | None = None
    recording_duration_s: float | None = None
    transcript_state: str
    transcript_note: str | None = None
    recognizer: str | None = None
    group_id: str | None = None
    turn_count: int


class TurnRow(Base, table=True):
    """A turn of one state of a conversation: tags of that time keep the very text that they index."""

    __tablename__ = "turns"
    __table_args__ = (_index("turns", "msgid"),)

    conversation_row: int = Field(primary_key=True, foreign_key="conversations.id")
    turn: int = Field(primary_key=True)
    speaker: str
    start: float
    end: float | None = None
    text: str
    channel: int | None = None
    confidence: float | None = None
    words: Any = Field(default=None, sa_type=VersionedJson, nullable=True)
    kind: str
    msgid: str | None = None
    author_id: str | None = None
    media: str | None = None
    recalled: bool
    quoted: Any = Field(default=None, sa_type=VersionedJson, nullable=True)


class TagRow(Versioned, table=True):
    """`ordinal` tells apart several tags of one type and discriminator in a conversation, in their order."""

    __tablename__ = "tags"
    __table_args__ = (
        _present("tags", "conversation_id", "tag", "discriminator", "ordinal"),
        _index("tags", "conversation_id"),
        _index("tags", "client_id", "said_at"),
        _index("tags", "tag", "discriminator"),
    )

    conversation_id: str
    client_id: str
    advisor_id: str
    tag: str
    discriminator: str  # "" where the type has none: NULL would never be equal in the unique index
    ordinal: int
    stance: str
    value: Any = Field(sa_type=VersionedJson)
    turns: Any = Field(sa_type=VersionedJson)
    quote: str
    confidence: float
    said_at: datetime = Field(sa_type=UtcDateTime)
    source: str
    rule: str
    lexicon_version: str
    proof: Any = Field(sa_type=VersionedJson)


class LeadRow(Versioned, table=True):
    """What was opened: for whom, on which words, until when."""

    __tablename__ = "leads"
    __table_args__ = (
        _present("leads", "lead_id"),
        _index("leads", "lead_id", "valid_from"),
        _index("leads", "client_id", "opened_at"),
        _index("leads", "advisor_id", "due_at"),
        _index("leads", "due_at"),
        _index("leads", "opened_week"),
        _index("leads", "tag", "discriminator"),
        _index("leads", "conversation_id"),
    )

    lead_id: str
    client_id: str
    advisor_id: str
    conversation_id: str  # the one that opened it
    tag: str
    discriminator: str  # "" where the type has none
    kind: str
    value: Any = Field(sa_type=VersionedJson)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_week: str  # ISO week, Asia/Shanghai: 2026-W12
    due_at: datetime = Field(sa_type=UtcDateTime)
    due_provisional: bool
    due_rule: str
    evidence: Any = Field(sa_type=VersionedJson)
    tags_said: int


class FindingRow(Versioned, table=True):
    """What the audit found of a lead. `as_of` is the run that found it first, `confirmed_as_of` the last one."""

    __tablename__ = "findings"
    __table_args__ = (
        _present("findings", "lead_id"),
        _index("findings", "lead_id", "valid_from"),
        _index("findings", "status"),
        _index("findings", "outcome"),
    )

    lead_id: str
    status: str
    outcome: str
    in_window: bool | None = None
    response_minutes: float | None = None
    window: Any = Field(default=None, sa_type=VersionedJson, nullable=True)
    outcome_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome_id: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suppressed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    as_of: datetime = Field(sa_type=UtcDateTime)
    confirmed_as_of: datetime = Field(sa_type=UtcDateTime)


class ContactRow(Base, table=True):
    """A contact that a finding counts or lists, in the order of the audit."""

    __tablename__ = "lead_contacts"
    __table_args__ = (_index("lead_contacts", "contact_id"),)

    finding_row: int = Field(primary_key=True, foreign_key="findings.id")
    ordinal: int = Field(primary_key=True)
    contact_id: str  # a conversation or an event
    time: datetime = Field(sa_type=UtcDateTime)
    kind: str
    why: str
    turns: Any = Field(sa_type=VersionedJson)
    reason: str
    weak: bool
    medium: str
    direction: str | None = None
    advisor_id: str | None = None


class CorrectionRow(Base, table=True):
    """What a person said of a tag. Not by a run, so its history is its own; one judgement of a fact is present.

    `place`: the turns, of types that tell several facts of one discriminator; else "". `valid_from` and `valid_to`
    say when this database learned it; `judged_at` when the person said so.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        _present("corrections", "conversation_id", "tag", "discriminator", "stance", "place"),
        _index("corrections", "conversation_id"),
        _index("corrections", "judged_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    digest: str  # over all but `judged_at`: the same judgement given again is nothing new
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_to: datetime | None = Field(default=None, sa_type=UtcDateTime)
    conversation_id: str
    tag: str
    discriminator: str
    stance: str
    place: str
    value: Any = Field(sa_type=VersionedJson)
    turns: Any = Field(sa_type=VersionedJson)
    quote: str
    verdict: str
    new_stance: str | None = None
    new_value: Any = Field(default=None, sa_type=VersionedJson, nullable=True)
    judged_by: str
    judged_at: datetime = Field(sa_type=UtcDateTime)
    note: str | None = None
    rule: str | None = None
    lexicon_version: str | None = None
    model_version: str | None = None

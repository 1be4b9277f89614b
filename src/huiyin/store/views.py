"""What queries return where a domain record alone does not say enough. Frozen; `model_dump(mode="json")` is JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Correction
from huiyin.domain.crm import Advisor, Client, Event
from huiyin.domain.lead import AuditedLead
from huiyin.domain.record import Moment, Record
from huiyin.domain.tag import Tag

T = TypeVar("T")


class State(Record, Generic[T]):
    """One state of a thing: what it was, since when the database knows it, and until when (None: it is present)."""

    value: T
    since: Moment
    since_run: str
    until: Moment | None = None
    until_run: str | None = None


class ClientItem(Record):
    """A client in a list. `in_crm` false: known by conversations or events alone, no CRM row has come."""

    client: Client
    in_crm: bool
    advisor_name: str | None
    team: str | None
    branch: str | None  # the advisor's, else the client's own
    conversations: int
    last_conversation_at: Moment | None
    open_leads: int  # outcome open, and not suppressed


class ConversationItem(Record):
    """A conversation in a list: without its turns, with the tags on it as (tag, discriminator, stance)."""

    conversation: Conversation
    turn_count: int
    tags: tuple[tuple[str, str | None, str], ...]
    client_name: str | None
    advisor_name: str | None


class ConversationDetail(Record):
    """`leads` opened in it; `contact_of`: leads that count or list it as a contact; `corrections`: what people said
    of its tags, in that order (the next run applies them)."""

    conversation: Conversation
    client: Client
    advisor: Advisor | None
    tags: tuple[Tag, ...]
    leads: tuple[str, ...]
    contact_of: tuple[str, ...]
    since: Moment  # when this state of it was saved
    since_run: str
    corrections: tuple[Correction, ...] = ()


class LeadItem(Record):
    """A lead in a list. The finding held when it was last audited, at `as_of`; `since` is when it was saved first."""

    lead: AuditedLead
    client_name: str | None
    advisor_name: str | None
    team: str | None  # of the lead's advisor
    branch: str | None
    as_of: Moment
    since: Moment


class LeadDetail(Record):
    """A lead with its client. `history`: what this database said of it before, the latest first."""

    item: LeadItem
    client: Client
    advisor: Advisor | None
    history: tuple[State[AuditedLead], ...]


class RunFacts(Record):
    """One run. `run_id` is the caller's choice, unique for each run; `policy` the follow-up policy it used."""

    run_id: str
    started_at: Moment
    finished_at: Moment | None = None
    as_of: Moment
    lexicon_version: str
    recognizer: str | None = None
    source: str | None = None  # the data folder, as the operator named it
    policy: dict[str, Any] | None = None
    counts: dict[str, int] = {}


class RunInfo(Record):
    facts: RunFacts
    saved_at: Moment
    issues: int


class Counts(Record):
    """How many present rows there are; `runs` counts all."""

    clients: int
    advisors: int
    conversations: int
    tags: int
    leads: int
    events: int
    runs: int


class TimelineEntry(Record):
    """Something that happened to a client: a `conversation`, an `event`, or a `lead` that opened; `ref` is its id."""

    at: datetime
    kind: str
    ref: str


class ClientDetail(Record):
    """All about a client. `tags` are the present ones, newest word first; `tag_history` those that were replaced
    or ended by a later run; `conversations` carry no turns. The profile of a day is the domain's to make of these.
    """

    client: Client
    in_crm: bool
    advisor: Advisor | None
    tags: tuple[Tag, ...]
    tag_history: tuple[State[Tag], ...]
    client_history: tuple[State[Client], ...]
    conversations: tuple[ConversationItem, ...]
    events: tuple[Event, ...]
    leads: tuple[LeadItem, ...]
    timeline: tuple[TimelineEntry, ...]

"""A client's profile at a moment: the static record and the tags that stand (spec/audit.md, "Profile")."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from huiyin.domain.crm import Client
from huiyin.domain.record import Moment, Record
from huiyin.domain.suitability import PermissionCheck
from huiyin.domain.tag import Stance


class EndReason(StrEnum):
    """Why a tag no longer stands."""

    REPLACED = "replaced"
    NEGATED = "negated"
    EVENT = "event"
    FADED = "faded"
    PAST = "past"


END_LABELS: dict[str, str] = {
    "replaced": "被后来的说法取代",
    "negated": "客户改口",
    "event": "已发生",
    "faded": "时间久远",
    "past": "时间已过",
}


class ProfileTag(Record):
    """A tag as the profile holds it. `confidence` is what is left of it at `as_of`."""

    tag: str
    discriminator: str | None
    stance: Stance
    value: dict[str, Any]
    said_at: Moment
    confidence: float = Field(ge=0, le=1)
    said_confidence: float = Field(ge=0, le=1)
    conversation_id: str
    advisor_id: str
    turns: tuple[int, ...]
    quote: str
    ended_at: Moment | None = None
    ended_why: EndReason | None = None
    ended_by: str | None = None  # conversation or event


class Conflict(Record):
    """The static record says one thing, the client another; both sides are shown."""

    id: str  # "risk_level", "permission_assets", "permission_held", …
    on_record: str
    said: str
    conversation_id: str
    turns: tuple[int, ...]
    quote: str


class Profile(Record):
    client_id: str
    as_of: Moment
    client: Client | None  # None: the CRM does not know the client
    tags: tuple[ProfileTag, ...]  # stand now, affirmed
    refusals: tuple[ProfileTag, ...]  # stand now, negated: what the client refuses or has not
    history: tuple[ProfileTag, ...]  # no longer stand, with the reason; oldest first
    conflicts: tuple[Conflict, ...]
    suitability: tuple[PermissionCheck, ...]  # one for each permission wanted

    def as_line(self) -> dict[str, Any]:
        """Plain JSON of a line of profiles.jsonl."""
        return self.model_dump(mode="json")

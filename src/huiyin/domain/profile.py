"""A client's profile at a moment: the static record and the tags that stand (spec/audit.md, "Profile").

Tags are walked as they were said: a later one of the same key replaces, a negated one ends, an event ends, time fades.
Nothing is deleted: what ended stays in the history with its reason, and any past `as_of` shows what stood then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field

from huiyin.domain.audit import AuditInput
from huiyin.domain.conflicts import Conflict, Saying, find_conflicts
from huiyin.domain.crm import Client, Event, EventType
from huiyin.domain.due import parse_window
from huiyin.domain.history import group_by_client
from huiyin.domain.leads import asks_for_contact
from huiyin.domain.policy import Policy
from huiyin.domain.record import Moment, Record, in_shanghai
from huiyin.domain.subjects import same_assets
from huiyin.domain.suitability import PermissionCheck, SuitabilityRule, check_permission
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES

_SECONDS_A_DAY = 86_400
_ENDS_WITH_ACCOUNT = frozenset({"permission_intent", "idle_funds", "product_preference", "churn_risk", "contact_time"})


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


@dataclass(kw_only=True)
class _Standing:
    tag: Tag
    ended_at: datetime | None = None
    why: EndReason | None = None
    by: str | None = None

    def end(self, at: datetime, why: EndReason, by: str) -> None:
        if self.ended_at is None:
            self.ended_at, self.why, self.by = at, why, by


def build_profile(
    client_id: str,
    client: Client | None,
    tags: Iterable[Tag],
    events: Iterable[Event],
    *,
    policy: Policy,
    rules: Sequence[SuitabilityRule],
    as_of: datetime,
) -> Profile:
    """The profile of one client; all tags and events must be his, in any order."""
    as_of = in_shanghai(as_of)
    events = sorted(events, key=lambda e: (e.at, e.event_id))
    seen = _walk([t for t in tags if t.said_at <= as_of], [e for e in events if e.at <= as_of])
    shown = [_shown(s, policy, as_of) for s in seen]
    standing = [s for s in shown if s.ended_why is None]
    affirmed = tuple(sorted((s for s in standing if s.stance is Stance.AFFIRMED), key=_order))
    held = held_permissions(client, events, as_of)
    checks = tuple(
        check_permission(p, client, rules, as_of=as_of.date(), held=None if held is None else p in held)
        for p in sorted({t.discriminator for t in affirmed if t.tag == "permission_intent" and t.discriminator})
    )
    sayings = [
        Saying(
            tag=t.tag, discriminator=t.discriminator, conversation_id=t.conversation_id, turns=t.turns, quote=t.quote
        )
        for t in affirmed
    ]
    return Profile(
        client_id=client_id,
        as_of=as_of,
        client=client,
        tags=affirmed,
        refusals=tuple(sorted((s for s in standing if s.stance is Stance.NEGATED), key=_order)),
        history=tuple(sorted((s for s in shown if s.ended_why is not None), key=lambda s: (s.ended_at, *_order(s)))),
        conflicts=find_conflicts(client, sayings, checks, as_of=as_of.date()),
        suitability=checks,
    )


def build_profiles(
    data: AuditInput, *, policy: Policy, rules: Sequence[SuitabilityRule], as_of: datetime
) -> Iterator[Profile]:
    """The profiles of all clients that the CRM or a tag knows, by client id."""
    grouped = group_by_client((), data.tags, data.events)
    clients = {c.client_id: c for c in data.clients}
    for client_id in sorted(clients.keys() | grouped.tags.keys()):
        yield build_profile(
            client_id,
            clients.get(client_id),
            grouped.tags.get(client_id, ()),
            grouped.events.get(client_id, ()),
            policy=policy,
            rules=rules,
            as_of=as_of,
        )


def held_permissions(client: Client | None, events: Iterable[Event], as_of: datetime) -> frozenset[str] | None:
    """The permissions held at a moment: the record's, with what was opened since and without what was opened later.

    None where neither the record nor an event says anything.
    """
    opened = [e for e in events if e.type is EventType.PERMISSION_OPENED and e.permission]
    before = {e.permission for e in opened if e.permission and e.at <= as_of}
    later = {e.permission for e in opened if e.permission and e.at > as_of} - before
    if client is None or client.permissions is None:
        return frozenset(before) or None
    return frozenset(set(client.permissions) - later | before)


def _walk(tags: Sequence[Tag], events: Sequence[Event]) -> list[_Standing]:
    """Every tag with how it ended, by the order in which things were said and happened."""
    steps: list[tuple[datetime, int, str, Tag | Event]] = [(t.said_at, 0, _tag_id(t), t) for t in tags]
    steps += [(e.at, 1, e.event_id, e) for e in events]
    steps.sort(key=lambda s: s[:3])
    seen: list[_Standing] = []
    open_: list[_Standing] = []
    for moment, _, _, step in steps:
        if isinstance(step, Event):
            for standing in open_:
                if _ends(step, standing.tag):
                    standing.end(moment, EndReason.EVENT, step.event_id)
        else:
            for standing in open_:
                if _replaces(step, standing.tag):
                    negated = step.stance is Stance.NEGATED and standing.tag.stance is Stance.AFFIRMED
                    why = EndReason.NEGATED if negated else EndReason.REPLACED
                    standing.end(moment, why, step.conversation_id)
            new = _Standing(tag=step)
            seen.append(new)
            open_.append(new)
        open_ = [s for s in open_ if s.ended_at is None]
    return seen


def _tag_id(tag: Tag) -> str:
    return f"{tag.conversation_id}\0{tag.tag}\0{tag.turns}\0{sorted(map(str, tag.value.items()))}"


def _replaces(new: Tag, old: Tag) -> bool:
    """Whether a later tag takes the place of an earlier one, or takes it back."""
    if old.tag == "do_not_contact" and old.stance is Stance.AFFIRMED and asks_for_contact(new, old):
        return True
    if new.tag != old.tag or (new.conversation_id == old.conversation_id and new.stance is old.stance):
        return False  # several facts of one conversation stand side by side
    kind = TAG_TYPES[new.tag]
    if kind.single or kind.discriminate(new.value) == kind.discriminate(old.value):
        return True
    if new.tag != "external_assets" or new.conversation_id == old.conversation_id:
        return False
    ours, theirs = (_named(t) for t in (new, old))
    if new.stance is Stance.NEGATED:
        return same_assets(theirs, ours)
    return not theirs[0] and theirs[1] is not None and theirs[1] == ours[1]  # named by type first, by name later


def _named(tag: Tag) -> tuple[str | None, str | None]:
    return tag.value.get("institution"), tag.value.get("institution_type")


def _ends(event: Event, tag: Tag) -> bool:
    if tag.stance is not Stance.AFFIRMED:
        return False
    if event.type is EventType.PERMISSION_OPENED:
        return tag.tag == "permission_intent" and tag.value.get("permission") == event.permission
    return event.type is EventType.ACCOUNT_CLOSED and tag.tag in _ENDS_WITH_ACCOUNT


def left_of(confidence: float, said_at: datetime, half_life_days: int, as_of: datetime) -> float:
    """Confidence halves every half-life: c · 0.5^(age / half-life)."""
    age = max((as_of - said_at).total_seconds(), 0.0) / _SECONDS_A_DAY
    return float(confidence * 0.5 ** (age / half_life_days))


def faded_at(confidence: float, floor: float) -> float:
    """After how many half-lives a confidence lies at the floor; 0 where it begins below."""
    return max(math.log2(confidence / floor), 0.0) if confidence > 0 and floor > 0 else math.inf


def _shown(standing: _Standing, policy: Policy, as_of: datetime) -> ProfileTag:
    tag = standing.tag
    half_life = policy.half_life(tag.tag)
    left = left_of(tag.confidence, tag.said_at, half_life, as_of)
    ended_at, why, by = standing.ended_at, standing.why, standing.by
    over = _over_at(tag)
    if why is None and over is not None and over < as_of:
        ended_at, why = over, EndReason.PAST
    if why is None and left < policy.confidence_floor:
        days = faded_at(tag.confidence, policy.confidence_floor) * half_life
        ended_at, why = tag.said_at + timedelta(days=days), EndReason.FADED
    return ProfileTag(
        tag=tag.tag,
        discriminator=TAG_TYPES[tag.tag].discriminate(tag.value),
        stance=tag.stance,
        value=tag.value,
        said_at=tag.said_at,
        confidence=left,
        said_confidence=tag.confidence,
        conversation_id=tag.conversation_id,
        advisor_id=tag.advisor_id,
        turns=tag.turns,
        quote=tag.quote,
        ended_at=ended_at,
        ended_why=why,
        ended_by=by,
    )


def _over_at(tag: Tag) -> datetime | None:
    """The end of an appointment's last day: after it the appointment is nothing that stands."""
    if tag.tag != "contact_time" or tag.value.get("kind") != "callback":
        return None
    last = parse_window(tag.value.get("window")).end
    return last.replace(hour=23, minute=59, second=59) if last else None


def _order(shown: ProfileTag) -> tuple[str, str, datetime, str]:
    return (shown.tag, shown.discriminator or "", shown.said_at, shown.conversation_id)

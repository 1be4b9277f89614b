"""What another lexicon or model would change on conversations that were tagged before: tags, and the leads they open.

Pure: the store gives a client's conversations, tags and events, `retag_client` compares before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from huiyin.domain.audit import audit_client
from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Correction, fact_of
from huiyin.domain.crm import Event
from huiyin.domain.lead import AuditedLead
from huiyin.domain.policy import Policy
from huiyin.domain.record import Moment, Record
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.domain.topics import TopicBook
from huiyin.pipeline.corrected import corrected
from huiyin.pipeline.tag import Tagger, tag_conversations

BY_HAND = "given:"
"""How the rule of a tag begins that came from a file (`run --tags`): no tagger replaces it."""


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    ALTERED = "altered"


CHANGE_LABELS: dict[str, str] = {"added": "新增", "removed": "消失", "altered": "改变"}


class Side(Record):
    """A tag on one side of a comparison."""

    stance: Stance
    value: dict[str, Any]
    turns: tuple[int, ...]
    quote: str
    confidence: float
    rule: str
    lexicon_version: str
    model_version: str | None = None


class TagChange(Record):
    """A tag that only one side has, or that says something else on the other."""

    change: Change
    conversation_id: str
    client_id: str
    tag: str
    old: Side | None = None
    new: Side | None = None


class LeadChange(Record):
    """A lead that opens (added), would not be there (removed), or stands otherwise (altered: status, outcome, due)."""

    change: Change
    lead_id: str
    client_id: str
    tag: str
    discriminator: str | None
    opened_at: Moment
    old_status: str | None = None
    new_status: str | None = None
    old_outcome: str | None = None
    new_outcome: str | None = None


class Difference(Record):
    """What changes; `rescored` counts tags that say the same by another rule, quote or confidence, `same` the rest."""

    tags: tuple[TagChange, ...] = ()
    leads: tuple[LeadChange, ...] = ()
    rescored: int = 0
    same: int = 0

    def counts(self) -> dict[str, dict[str, int]]:
        """How many tags and leads are added, removed, altered."""
        return {
            name: {change.value: sum(c.change is change for c in found) for change in Change}
            for name, found in (("tags", self.tags), ("leads", self.leads))
        }


@dataclass(frozen=True, kw_only=True)
class Told:
    """All of one client, as the database has it."""

    client_id: str
    conversations: Sequence[Conversation]
    tags: Sequence[Tag]
    events: Sequence[Event]
    corrections: Sequence[Correction] = ()


@dataclass(frozen=True, kw_only=True)
class Retagged:
    """A client after it: tags and leads as they would be, and what that changes."""

    client_id: str
    conversation_ids: tuple[str, ...]
    tags: tuple[Tag, ...]
    leads: tuple[AuditedLead, ...]
    difference: Difference


@dataclass(frozen=True, kw_only=True)
class Auditor:
    """The audit with everything but the client: as it stands at `as_of` under the policy."""

    policy: Policy
    calendar: TradingCalendar
    topics: TopicBook
    as_of: datetime

    def __call__(self, told: Told, tags: Iterable[Tag]) -> tuple[AuditedLead, ...]:
        """The leads of a client, given these tags."""
        return audit_client(
            told.client_id, told.conversations, tags, told.events,
            policy=self.policy, calendar=self.calendar, topics=self.topics, as_of=self.as_of,
        )  # fmt: skip


def retag_client(
    told: Told, tagger: Tagger, auditor: Auditor, *, on_tagged: Callable[[], None] | None = None
) -> Retagged:
    """Tags a client's conversations anew, with people's corrections, and audits before and after.

    Tags that were given by hand in a file stay, and nothing is put beside them that tells the same fact.
    """
    found = tag_conversations(
        told.conversations, tagger, on_tagged=None if on_tagged is None else lambda _done, _of: on_tagged()
    )
    by_hand = [t for t in told.tags if t.proof.rule.startswith(BY_HAND)]
    facts = {fact_of(t)[:3] for t in by_hand}
    found = (*by_hand, *(t for t in found if fact_of(t)[:3] not in facts))
    tags = corrected(told.conversations, found, told.corrections).tags
    leads = auditor(told, tags)
    return Retagged(
        client_id=told.client_id,
        conversation_ids=tuple(c.conversation_id for c in told.conversations),
        tags=tags,
        leads=leads,
        difference=difference(told.tags, tags, auditor(told, told.tags), leads),
    )


def difference(
    old_tags: Iterable[Tag], new_tags: Iterable[Tag], old_leads: Iterable[AuditedLead], new_leads: Iterable[AuditedLead]
) -> Difference:
    """Tags by conversation, then leads by client; each list in a fixed order."""
    pairs = _pairs(old_tags, new_tags)
    changes = [_tag_change(old, new) for old, new in pairs]
    kept = [(old, new) for (old, new), change in zip(pairs, changes, strict=True) if change is None and old and new]
    rescored = sum(_side(old) != _side(new, like=old) for old, new in kept)
    tags = sorted((c for c in changes if c is not None), key=_tag_order)
    leads = sorted(_lead_changes(old_leads, new_leads), key=lambda c: (c.client_id, c.opened_at, c.lead_id))
    return Difference(tags=tuple(tags), leads=tuple(leads), rescored=rescored, same=len(kept) - rescored)


def joined(parts: Iterable[Difference]) -> Difference:
    """The differences of several clients as one, in their order."""
    every = tuple(parts)
    return Difference(
        tags=tuple(c for part in every for c in part.tags),
        leads=tuple(c for part in every for c in part.leads),
        rescored=sum(part.rescored for part in every),
        same=sum(part.same for part in every),
    )


Pair = tuple[Tag | None, Tag | None]


def _pairs(old: Iterable[Tag], new: Iterable[Tag]) -> list[Pair]:
    """Old and new tags that are the same thing, the surest first: the same fact; the same thing in another stance; the
    same words read as another thing."""
    left, right = list(old), list(new)
    pairs: list[Pair] = []
    for alike in (_same_fact, _same_thing, _same_words):
        for tag in tuple(left):
            candidates = [t for t in right if t.conversation_id == tag.conversation_id and alike(tag, t)]
            best = max(candidates, key=lambda t: len(set(t.turns) & set(tag.turns)), default=None)
            if best is not None:
                left.remove(tag)
                right.remove(best)
                pairs.append((tag, best))
    return [*pairs, *((tag, None) for tag in left), *((None, tag) for tag in right)]


def _thing(tag: Tag) -> tuple[str, str | None]:
    return (tag.tag, TAG_TYPES[tag.tag].discriminate(tag.value))


def _same_fact(a: Tag, b: Tag) -> bool:
    return _thing(a) == _thing(b) and a.stance == b.stance


def _same_thing(a: Tag, b: Tag) -> bool:
    return _thing(a) == _thing(b)


def _same_words(a: Tag, b: Tag) -> bool:
    return a.tag == b.tag and bool(set(a.turns) & set(b.turns))


def _tag_change(old: Tag | None, new: Tag | None) -> TagChange | None:
    known = new or old
    assert known is not None
    if old and new and (old.stance, old.value, old.turns) == (new.stance, new.value, new.turns):
        return None
    return TagChange(
        change=Change.ALTERED if old and new else Change.ADDED if new else Change.REMOVED,
        conversation_id=known.conversation_id,
        client_id=known.client_id,
        tag=known.tag,
        old=_side(old) if old else None,
        new=_side(new) if new else None,
    )


def _side(tag: Tag, *, like: Tag | None = None) -> Side:
    """A side; with `like`, under the versions of that tag, so that only what it says is compared."""
    proof = (like or tag).proof
    return Side(
        stance=tag.stance, value=tag.value, turns=tag.turns, quote=tag.quote, confidence=tag.confidence,
        rule=tag.proof.rule, lexicon_version=proof.lexicon_version, model_version=proof.model_version,
    )  # fmt: skip


def _tag_order(change: TagChange) -> tuple[str, str, tuple[int, ...], str]:
    side = change.new or change.old
    assert side is not None
    return (change.conversation_id, change.tag, side.turns, side.quote)


def _lead_changes(old: Iterable[AuditedLead], new: Iterable[AuditedLead]) -> Iterable[LeadChange]:
    before = {lead.lead_id: lead for lead in old}
    after = {lead.lead_id: lead for lead in new}
    for name in sorted(before.keys() | after.keys()):
        was, is_now = before.get(name), after.get(name)
        known = is_now or was
        assert known is not None
        if was and is_now and _standing(was) == _standing(is_now):
            continue
        yield LeadChange(
            change=Change.ALTERED if was and is_now else Change.ADDED if is_now else Change.REMOVED,
            lead_id=name, client_id=known.client_id, tag=known.tag, discriminator=known.discriminator,
            opened_at=known.opened_at, old_status=was.status.value if was else None,
            new_status=is_now.status.value if is_now else None, old_outcome=was.outcome.value if was else None,
            new_outcome=is_now.outcome.value if is_now else None,
        )  # fmt: skip


def _standing(lead: AuditedLead) -> tuple[Any, ...]:
    return (lead.status, lead.outcome, lead.due_at, lead.closed_at is None, lead.tag, lead.discriminator)

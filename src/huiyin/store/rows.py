"""Records to rows and back. A row's `digest` is over the record's content, so that equal content is recognised."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huiyin.domain.conversation import Conversation, Recording, Turn
from huiyin.domain.crm import Advisor, Client, Event
from huiyin.domain.record import Record
from huiyin.domain.tag import Tag
from huiyin.domain.tags import TAG_TYPES

Row = dict[str, Any]
_RECORDING = ("path", "sha256", "advisor_channel", "channels", "duration_s")
_CONVERSATION = tuple(f for f in Conversation.model_fields if f not in ("turns", "recording"))


def digest(*parts: Record | str | bool | None) -> str:
    """32 hex digits over the content. Defaults are left out: a new optional field changes no old digest."""
    sha = hashlib.sha256()
    for part in parts:
        text = part.model_dump_json(exclude_defaults=True) if isinstance(part, Record) else json.dumps(part)
        sha.update(text.encode() + b"\0")
    return sha.hexdigest()[:32]


def storable(value: Any) -> Any:
    """The value with U+0000 as U+FFFD: PostgreSQL has no place for it. One for one, so that offsets stand."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd") if "\0" in value else value
    if isinstance(value, dict):
        return {k: storable(v) for k, v in value.items()}
    return [storable(v) for v in value] if isinstance(value, list) else value


def client_row(client: Client, *, in_crm: bool = True) -> Row:
    return {**_flat(client), "in_crm": in_crm, "digest": digest(client, in_crm)}


def advisor_row(advisor: Advisor, *, in_crm: bool = True) -> Row:
    return {**_flat(advisor), "in_crm": in_crm, "digest": digest(advisor, in_crm)}


def event_row(event: Event) -> Row:
    return {**_flat(event), "digest": digest(event)}


def conversation_row(conversation: Conversation) -> Row:
    row: Row = {field: _plain(getattr(conversation, field)) for field in _CONVERSATION}
    for field in _RECORDING:
        row[f"recording_{field}"] = getattr(conversation.recording, field, None)
    return {**row, "turn_count": len(conversation.turns), "digest": digest(conversation)}


def turn_rows(conversation: Conversation, *, conversation_row: int) -> list[Row]:
    return [
        {
            **turn.model_dump(exclude={"words", "quoted"}),
            "speaker": turn.speaker.value,
            "words": [[w.text, w.start, w.end, w.probability] for w in turn.words] or None,
            "quoted": [list(span) for span in turn.quoted] or None,
            "conversation_row": conversation_row,
        }
        for turn in conversation.turns
    ]


def tag_rows(tags: Iterable[Tag]) -> list[Row]:
    """Rows of present tags; equal types and discriminators in a conversation are numbered in their order."""
    groups: defaultdict[tuple[str, str, str], list[Tag]] = defaultdict(list)
    for tag in tags:
        kind = TAG_TYPES.get(tag.tag)
        found = kind.discriminate(tag.value) if kind else None
        groups[tag.conversation_id, tag.tag, found or ""].append(tag)
    rows = []
    for (_, _, discriminator), group in groups.items():
        group.sort(key=lambda t: (t.turns, t.quote, t.model_dump_json()))
        rows += [_tag_row(tag, discriminator, ordinal) for ordinal, tag in enumerate(group)]
    return rows


def _tag_row(tag: Tag, discriminator: str, ordinal: int) -> Row:
    dumped = tag.model_dump(mode="json", include={"value", "turns", "proof"})
    return {
        "conversation_id": tag.conversation_id,
        "client_id": tag.client_id,
        "advisor_id": tag.advisor_id,
        "tag": tag.tag,
        "discriminator": discriminator,
        "ordinal": ordinal,
        "stance": tag.stance.value,
        "quote": tag.quote,
        "confidence": tag.confidence,
        "said_at": tag.said_at,
        "source": tag.proof.source,
        "rule": tag.proof.rule,
        "lexicon_version": tag.proof.lexicon_version,
        **dumped,
        "digest": digest(tag),
    }


def to_client(row: Mapping[str, Any]) -> Client:
    return Client.model_validate(_pick(row, Client))


def to_advisor(row: Mapping[str, Any]) -> Advisor:
    return Advisor.model_validate(_pick(row, Advisor))


def to_event(row: Mapping[str, Any]) -> Event:
    return Event.model_validate(_pick(row, Event))


def to_conversation(row: Mapping[str, Any], turns: Sequence[Mapping[str, Any]] = ()) -> Conversation:
    recording = None
    if row["recording_path"] is not None:
        recording = Recording.model_validate({field: row[f"recording_{field}"] for field in _RECORDING})
    values = {field: row[field] for field in _CONVERSATION}
    return Conversation.model_validate({**values, "recording": recording, "turns": tuple(to_turn(t) for t in turns)})


def to_turn(row: Mapping[str, Any]) -> Turn:
    words = [dict(zip(("text", "start", "end", "probability"), w, strict=True)) for w in row["words"] or ()]
    return Turn.model_validate({**_pick(row, Turn), "words": words, "quoted": row["quoted"] or ()})


def to_tag(row: Mapping[str, Any]) -> Tag:
    return Tag.model_validate(_pick(row, Tag))


def _flat(record: Record) -> Row:
    return {field: _plain(getattr(record, field)) for field in type(record).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return getattr(value, "value", value)  # an enum's own


def _pick(row: Mapping[str, Any], record: type[Record]) -> Row:
    return {field: row[field] for field in record.model_fields if field in row}

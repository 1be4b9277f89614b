"""Marked-up sentences for tagger tests.

Each line is a turn: `A:` advisor or `C:` client, then the text. Expected tags stand in the test itself as
`tag[!][:discriminator]` (`!` = negated): `tags_of("A: 两融开吗？\nC: 不开", ...) == {"permission_intent!:margin"}`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from huiyin.domain.conversation import Channel, Conversation, Speaker, Turn
from huiyin.domain.record import SHANGHAI
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.tagger import ConversationTagger

MOMENT = datetime(2026, 3, 12, 10, 5, tzinfo=SHANGHAI)  # a Thursday, within trading hours


def conversation(text: str, *, at: datetime = MOMENT, channel: Channel = Channel.PHONE) -> Conversation:
    """A conversation from marked-up lines, five seconds a turn."""
    turns = []
    for i, line in enumerate(x.strip() for x in text.strip().splitlines() if x.strip()):
        who, _, said = line.partition(":")
        speaker = {"A": Speaker.ADVISOR, "C": Speaker.CLIENT, "O": Speaker.OTHER}[who.strip()]
        turns.append(Turn(turn=i, speaker=speaker, start=5.0 * i, end=5.0 * i + 4, text=said.strip()))
    medium: Literal["call", "chat"] = "call" if channel is Channel.PHONE else "chat"
    return Conversation(
        conversation_id="t", channel=channel, client_id="C1", advisor_id="A1", started_at=at, turns=tuple(turns),
        medium=medium,
    )  # fmt: skip


def tag(
    text: str, *, at: datetime = MOMENT, channel: Channel = Channel.PHONE, model: Literal["shipped"] | None = None
) -> tuple[Tag, ...]:
    """The tags of a marked-up conversation; by the rules alone, unless the shipped model is to read beside them."""
    return ConversationTagger(calendar=load_calendar(), model=model)(conversation(text, at=at, channel=channel))


def tags_of(text: str, *only: str, at: datetime = MOMENT, channel: Channel = Channel.PHONE) -> set[str]:
    """The tags as `tag[!][:discriminator]`, of the types in `only` (default all)."""
    out = set()
    for t in tag(text, at=at, channel=channel):
        if only and t.tag not in only:
            continue
        found = TAG_TYPES[t.tag].discriminate(t.value)
        out.add(f"{t.tag}{'!' if t.stance is Stance.NEGATED else ''}{':' + found if found else ''}")
    return out

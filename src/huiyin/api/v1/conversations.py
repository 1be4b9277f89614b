"""Conversations: lists, and one with its turns and tags."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter

from huiyin.api.dependencies import SIZE, PageNumber, PageSize, StoreDep
from huiyin.domain.record import in_shanghai
from huiyin.store.queries.conversations import find_conversations, get_conversation
from huiyin.store.queries.paging import Page
from huiyin.store.views import ConversationDetail, ConversationItem

router = APIRouter(tags=["conversations"])


@router.get("/conversations")
def conversations(
    store: StoreDep,
    client_id: str | None = None,
    advisor_id: str | None = None,
    team: str | None = None,
    branch: str | None = None,
    channel: Literal["phone", "wecom"] | None = None,
    transcript_state: str | None = None,
    tag: str | None = None,
    discriminator: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    sort: Literal["started", "duration", "client"] = "started",
    descending: bool = True,
    page: PageNumber = 1,
    size: PageSize = SIZE,
) -> Page[ConversationItem]:
    """Conversations without their turns, the latest first."""
    return find_conversations(
        store, client_id=client_id, advisor_id=advisor_id, team=team, branch=branch, channel=channel,
        transcript_state=transcript_state, tag=tag, discriminator=discriminator,
        since=in_shanghai(since) if since else None, until=in_shanghai(until) if until else None,
        sort=sort, descending=descending, page=page, size=size,
    )  # fmt: skip


@router.get("/conversations/{conversation_id:path}")
def conversation(store: StoreDep, conversation_id: str) -> ConversationDetail:
    """One conversation with its turns, and the tags with their proof."""
    return get_conversation(store, conversation_id)

"""wecom.jsonl."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Advisor, Client
from huiyin.pipeline.ingest.dataset import ArchiveEvent, VoiceMessage
from huiyin.pipeline.ingest.issue import Issue, Reject
from huiyin.pipeline.ingest.text import Source


@dataclass(kw_only=True)
class LoadedArchive:
    conversations: list[Conversation] = field(default_factory=list)
    voice_messages: list[VoiceMessage] = field(default_factory=list)
    archive_events: list[ArchiveEvent] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0


def read_wecom(source: Source, *, root: Path, clients: Iterable[Client], advisors: Iterable[Advisor]) -> LoadedArchive:
    return LoadedArchive()

"""A conversation as the audit hears it at a moment: no turn after it, no recalled message, no system event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from huiyin.domain.conversation import Conversation, Speaker, Turn
from huiyin.domain.tag import Tag
from huiyin.domain.topics import Said, TopicBook


@dataclass(kw_only=True)
class Heard:
    """`tags` are those visible at `as_of`, in the order in which they were said."""

    conversation: Conversation
    as_of: datetime
    book: TopicBook
    tags: Sequence[Tag] = field(default_factory=tuple)

    @property
    def id(self) -> str:
        return self.conversation.conversation_id

    @property
    def is_chat(self) -> bool:
        return self.conversation.medium == "chat"

    @property
    def started_at(self) -> datetime:
        return self.conversation.started_at

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """Everything that the client or the firm said or wrote up to `as_of`, in order."""
        conversation, book, chat = self.conversation, self.book, self.is_chat
        start, as_of, out = conversation.started_at, self.as_of, []
        for turn in conversation.turns:
            at = start + timedelta(seconds=turn.start)
            speaker = turn.speaker
            if speaker is Speaker.OTHER or turn.recalled or at > as_of:
                continue
            if chat and book.is_nobodys(turn.kind, turn.text):
                continue
            text = _own_words(turn) if turn.quoted else turn.text
            out.append(Said(turn.turn, speaker is Speaker.ADVISOR, at, text, turn.kind))
        if chat:  # turns of a call stand in their order
            out.sort(key=lambda s: (s.at, s.turn))
        return tuple(out)

    @cached_property
    def last_at(self) -> datetime:
        """When the last visible word fell; a call lasts no longer than its start for the audit."""
        return self.said[-1].at if self.is_chat and self.said else self.started_at

    def after(self, moment: datetime) -> tuple[Said, ...]:
        """What was said after a moment: a chat that was running counts from there on."""
        if self.started_at > moment:
            return self.said
        return tuple(s for s in self.said if s.at > moment)


def _own_words(turn: Turn) -> str:
    """The text without what it quotes: that is somebody else's."""
    kept, end = [], 0
    for start, stop in sorted(turn.quoted):
        kept.append(turn.text[end:start])
        end = max(end, stop)
    return "".join((*kept, turn.text[end:]))

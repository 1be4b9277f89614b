"""All that the audit knows of one client at a moment, in the order of time; nothing later than `as_of`."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Event
from huiyin.domain.heard import Heard
from huiyin.domain.tag import Tag
from huiyin.domain.topics import TopicBook


class History:
    """One client. `talks` by start, `events` by time, `tags` by the moment they were said; ties by id."""

    def __init__(
        self,
        client_id: str,
        conversations: Iterable[Conversation],
        tags: Iterable[Tag],
        events: Iterable[Event],
        *,
        as_of: datetime,
        book: TopicBook,
    ) -> None:
        self.client_id = client_id
        self.book = book
        self.tags: tuple[Tag, ...] = tuple(sorted((t for t in tags if t.said_at <= as_of), key=_tag_order))
        self.tags_in: Mapping[str, Sequence[Tag]] = _by_conversation(self.tags)
        self.talks = tuple(
            Heard(conversation=c, as_of=as_of, book=book, tags=self.tags_in.get(c.conversation_id, ()))
            for c in sorted(conversations, key=lambda c: (c.started_at, c.conversation_id))
            if c.started_at <= as_of
        )
        self.by_id = {t.id: t for t in self.talks}
        self.events: tuple[Event, ...] = tuple(
            sorted((e for e in events if e.at <= as_of), key=lambda e: (e.at, e.event_id))
        )
        self._starts = [t.started_at for t in self.talks]
        self._event_times = [e.at for e in self.events]
        self._last: list[datetime] = []
        for talk in self.talks:
            self._last.append(max(talk.last_at, self._last[-1]) if self._last else talk.last_at)

    def talks_after(self, moment: datetime) -> Iterator[Heard]:
        """Conversations of which something lies after the moment, by start: later ones, and chats that run on."""
        first = bisect_right(self._starts, moment)
        while first > 0 and self._last[first - 1] > moment:
            first -= 1
        for talk in self.talks[first:]:
            if talk.started_at > moment or (talk.is_chat and talk.last_at > moment):
                yield talk

    def events_after(self, moment: datetime) -> Sequence[Event]:
        return self.events[bisect_right(self._event_times, moment) :]


def _tag_order(tag: Tag) -> tuple[object, ...]:
    refusal_first = tag.tag != "do_not_contact"  # said in one breath: the wish for a call comes after the refusal
    return (tag.said_at, tag.conversation_id, refusal_first, tag.turns, tag.tag, sorted(map(str, tag.value.items())))


def _by_conversation(tags: Iterable[Tag]) -> dict[str, list[Tag]]:
    out: dict[str, list[Tag]] = defaultdict(list)
    for tag in tags:
        out[tag.conversation_id].append(tag)
    return out


@dataclass(frozen=True)
class Grouped:
    conversations: Mapping[str, Sequence[Conversation]]
    tags: Mapping[str, Sequence[Tag]]
    events: Mapping[str, Sequence[Event]]


def group_by_client(conversations: Iterable[Conversation], tags: Iterable[Tag], events: Iterable[Event]) -> Grouped:
    """Everything by client, in one pass over each."""
    talks: dict[str, list[Conversation]] = defaultdict(list)
    said: dict[str, list[Tag]] = defaultdict(list)
    done: dict[str, list[Event]] = defaultdict(list)
    for conversation in conversations:
        talks[conversation.client_id].append(conversation)
    for tag in tags:
        said[tag.client_id].append(tag)
    for event in events:
        done[event.client_id].append(event)
    return Grouped(talks, said, done)

"""A small world to audit: calls and chats written as lines, tags on their turns, events.

Times are "MM-DD HH:MM" of 2026 in Shanghai. A line of a call is "A words" (advisor), "C words" (client) or "O words"
(somebody else), ten seconds apart; a line of a chat may carry its own time: "10:05 A words", "03-13 09:00 C words".
March 2026: the 2nd is a Monday, and every weekday is a trading day.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from huiyin.domain.audit import AuditInput, audit
from huiyin.domain.conversation import Channel, Conversation, Speaker, TranscriptState, Turn
from huiyin.domain.crm import Event, EventType
from huiyin.domain.lead import AuditedLead
from huiyin.domain.policy import Policy
from huiyin.domain.record import SHANGHAI
from huiyin.domain.tag import Evidence, Proof, Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.reference import load_calendar, load_default_policy, load_topics

_SPEAKERS = {"A": Speaker.ADVISOR, "C": Speaker.CLIENT, "O": Speaker.OTHER}
_LINE = re.compile(r"(?:(?:(\d\d-\d\d) )?(\d\d:\d\d) )?([ACO]) ?(.*)", re.DOTALL)


def at(text: str) -> datetime:
    """ "03-12 10:00" of 2026, or a full ISO time."""
    if re.match(r"\d\d-\d\d", text):
        text = f"2026-{text}"
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class World:
    """Collects what happened to one or more clients; `audit` looks at it."""

    def __init__(self, client: str = "K1", advisor: str = "A1") -> None:
        self.client = client
        self.advisor = advisor
        self.conversations: list[Conversation] = []
        self.tags: list[Tag] = []
        self.events: list[Event] = []

    def call(
        self,
        id: str,
        when: str,
        *lines: str,
        direction: str | None = "outbound",
        answered: bool = True,
        state: TranscriptState = TranscriptState.GIVEN,
        client: str | None = None,
        advisor: str | None = None,
    ) -> World:
        turns = [self._turn(i, line, 10.0 * i) for i, line in enumerate(lines)]
        return self._add(id, when, turns, "call", client, advisor, direction=direction, answered=answered,
                         transcript_state=state)  # fmt: skip

    def missed_call(self, id: str, when: str, *, direction: str = "outbound") -> World:
        return self.call(id, when, direction=direction, answered=False, state=TranscriptState.NOT_ANSWERED)

    def chat(self, id: str, when: str, *lines: str, kinds: dict[int, str] | None = None, **turn: Any) -> World:
        """`kinds` gives single turns another message kind; `recalled` names the turns that were withdrawn."""
        started = at(when)
        recalled = turn.pop("recalled", ())
        turns, now = [], started
        for i, line in enumerate(lines):
            match = _LINE.fullmatch(line)
            assert match, line
            if match[2]:
                now = at(f"{match[1] or now.strftime('%m-%d')} {match[2]}")
            elif i:
                now += timedelta(seconds=30)
            kind = (kinds or {}).get(i, "text")
            turns.append(self._turn(i, line, (now - started).total_seconds(), kind=kind, recalled=i in recalled))
        return self._add(id, when, turns, "chat", None, None)

    def _turn(self, index: int, line: str, start: float, **more: Any) -> Turn:
        match = _LINE.fullmatch(line)
        assert match, line
        return Turn(turn=index, speaker=_SPEAKERS[match[3]], start=start, text=match[4], **more)

    def _add(
        self, id: str, when: str, turns: list[Turn], medium: str, client: str | None, advisor: str | None, **more: Any
    ) -> World:
        self.conversations.append(
            Conversation.model_validate(
                {
                    "conversation_id": id,
                    "channel": Channel.PHONE if medium == "call" else Channel.WECOM,
                    "client_id": client or self.client,
                    "advisor_id": advisor or self.advisor,
                    "started_at": at(when),
                    "turns": tuple(turns),
                    "medium": medium,
                    **more,
                }
            )
        )
        return self

    def tag(
        self,
        conversation: str,
        tag: str,
        value: dict[str, Any] | None = None,
        *,
        turns: tuple[int, ...] = (1,),
        stance: str = "affirmed",
        confidence: float = 0.9,
    ) -> World:
        talk = next(c for c in self.conversations if c.conversation_id == conversation)
        who = Speaker(TAG_TYPES[tag].speaker)
        own = [talk.turns[t] for t in turns if talk.turns[t].speaker is who] or [talk.turns[turns[0]]]
        quote = own[0].text
        evidence = Evidence(turn=own[0].turn, start=0, end=len(quote), quote=quote)
        self.tags.append(
            Tag(
                conversation_id=conversation,
                client_id=talk.client_id,
                advisor_id=talk.advisor_id,
                tag=tag,
                stance=Stance(stance),
                value=TAG_TYPES[tag].normalise(value or {}),
                turns=turns,
                quote=quote,
                confidence=confidence,
                said_at=talk.moment(own[0].start),
                proof=Proof(rule="test", lexicon_version="0", base_score=confidence, evidence=(evidence,)),
            )
        )
        return self

    def event(self, type: str, when: str, *, client: str | None = None, **more: Any) -> World:
        self.events.append(
            Event(
                event_id=f"E{len(self.events) + 1}",
                client_id=client or self.client,
                type=EventType(type),
                at=at(when),
                **more,
            )
        )
        return self

    def audit(self, as_of: str, *, policy: Policy | None = None) -> tuple[AuditedLead, ...]:
        policy = policy or load_default_policy()
        return audit(
            AuditInput(self.conversations, self.tags, self.events),
            policy=policy,
            calendar=load_calendar(policy),
            topics=load_topics(),
            as_of=at(as_of),
        )

    def lead(self, as_of: str, *, tag: str | None = None, policy: Policy | None = None) -> AuditedLead:
        """The only lead (of a type)."""
        found = [f for f in self.audit(as_of, policy=policy) if tag is None or f.tag == tag]
        assert len(found) == 1, [(f.tag, f.discriminator, f.opened_at) for f in found]
        return found[0]


MARGIN = {"permission": "margin"}


def callback(start: str | None, end: str | None) -> dict[str, Any]:
    """A callback's value; times as "03-18T15:00"."""
    return {"kind": "callback", "window": [s and f"2026-{s}" for s in (start, end)]}


def promise(action: str, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    due = [s and f"2026-{s}" for s in (start, end)]
    return {"action": action, "due": due if any(due) else None}


def margin_lead() -> World:
    """A client asks for margin trading on Monday 2 March, 10:00:10; due on Wednesday the 4th at 18:00."""
    return (
        World().call("open", "03-02 10:00", "A 您好", "C 我想开两融", "A 好的").tag("open", "permission_intent", MARGIN)
    )

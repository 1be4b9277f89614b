"""What a conversation or an event counts as for a lead (spec/audit.md, "Contact")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huiyin.domain.conversation import TranscriptState
from huiyin.domain.crm import Event, EventType
from huiyin.domain.heard import Heard
from huiyin.domain.lead import Contact, ContactKind, ContactReason
from huiyin.domain.subjects import Subject, Verdict, judge_note, judge_talk, kept_later, material
from huiyin.domain.topics import Said, TopicBook

_WHY: dict[ContactReason, str] = {
    ContactReason.SAME_TAG: "对话里有同一件事的标签",
    ContactReason.TOPIC_WORDS: "一方提起此事，另一方有回应",
    ContactReason.ANY_REACHED: "已联系上客户",
    ContactReason.MATERIAL_SENT: "资料已发出",
    ContactReason.EDUCATION_SENT: "已推送投教内容",
    ContactReason.TEACHING: "讲解了投资知识",
    ContactReason.MATTER_REPORTED: "答复了所承诺的事",
    ContactReason.NOTE_ON_TOPIC: "跟进记录写明此事",
    ContactReason.OTHER_SUBJECT: "联系上了，没有谈到此事",
    ContactReason.EMPTY_NOTE: "跟进记录没有内容",
    ContactReason.WORDS_MISSING: "接通了，但没有可核对的内容",
    ContactReason.NOT_ANSWERED: "电话未接通",
    ContactReason.NO_CLIENT_WORDS: "接通了，客户没有说话",
    ContactReason.ONLY_FIRM_WROTE: "只有我方发消息，客户没有回复",
    ContactReason.ONLY_CLIENT_WROTE: "只有客户发消息，我方没有回复",
    ContactReason.CLIENT_CALL_UNANSWERED: "客户来电，我方未接",
}
_WEAK = "（顺带提及）"


@dataclass(frozen=True, slots=True)
class Sight:
    """A conversation from a moment on, before anybody asks what it was about."""

    time: datetime
    kind: ContactKind
    reason: ContactReason
    said: tuple[Said, ...] = ()
    turns: tuple[int, ...] = ()
    part_missing: bool = False
    """Words of it are not there (a voice message, a call inside the chat), so silence on a subject proves nothing."""


def sight(heard: Heard, after: datetime) -> Sight | None:
    """What the conversation is after a moment; None where nothing of it lies there."""
    if not heard.is_chat:
        return _call(heard) if heard.started_at > after else None
    said = heard.after(after)
    return _chat(said, heard.book) if said else None


def _call(heard: Heard) -> Sight:
    conversation, time = heard.conversation, heard.started_at
    if not conversation.answered or conversation.transcript_state is TranscriptState.NOT_ANSWERED:
        if conversation.direction == "inbound":
            return Sight(time, ContactKind.CLIENT_ONLY, ContactReason.CLIENT_CALL_UNANSWERED)
        return Sight(time, ContactKind.ATTEMPT, ContactReason.NOT_ANSWERED)
    if not conversation.has_words:
        return Sight(time, ContactKind.UNKNOWN, ContactReason.WORDS_MISSING)
    spoken = [s for s in heard.said if not heard.book.is_unintelligible(s.text)]
    client = [s for s in spoken if not s.firm]
    if client:
        turns = tuple(sorted({client[0].turn, *(s.turn for s in spoken[:1])}))
        return Sight(time, ContactKind.REACHED, ContactReason.OTHER_SUBJECT, tuple(spoken), turns)
    garbled = any(not s.firm and s.text.strip() for s in heard.said)
    silent = conversation.transcript_state is TranscriptState.SILENT
    if garbled or not (spoken or silent or conversation.turns):
        return Sight(time, ContactKind.UNKNOWN, ContactReason.WORDS_MISSING)
    if not spoken and not silent:
        return Sight(time, ContactKind.UNKNOWN, ContactReason.WORDS_MISSING)
    return Sight(time, ContactKind.ATTEMPT, ContactReason.NO_CLIENT_WORDS, turns=tuple(s.turn for s in spoken[:1]))


def _chat(said: tuple[Said, ...], book: TopicBook) -> Sight | None:
    talked = [s for s in said if book.is_call(s.kind, s.text) and not book.call_unanswered(s.text)]
    missing = bool(talked) or any(book.lacks_words(s.kind, s.text) for s in said)
    firm = [s for s in said if s.firm]
    client = [s for s in said if not s.firm]
    if firm and client:
        # both took part; the contact begins with the firm's first message that the client later answers
        answered = next((s for s in firm if (s.at, s.turn) < (client[-1].at, client[-1].turn)), firm[0])
        reply = next((s for s in client if (s.at, s.turn) > (answered.at, answered.turn)), client[0])
        turns = tuple(sorted({answered.turn, reply.turn}))
        return Sight(answered.at, ContactKind.REACHED, ContactReason.OTHER_SUBJECT, said, turns, missing)
    if talked:
        return Sight(talked[0].at, ContactKind.UNKNOWN, ContactReason.WORDS_MISSING, said, (talked[0].turn,))
    if firm:
        return Sight(firm[0].at, ContactKind.ATTEMPT, ContactReason.ONLY_FIRM_WROTE, said, (firm[0].turn,))
    return Sight(client[0].at, ContactKind.CLIENT_ONLY, ContactReason.ONLY_CLIENT_WROTE, said, (client[0].turn,))


def talk_contact(heard: Heard, subject: Subject, after: datetime) -> Contact | None:
    """The conversation as a contact of a lead that opened at `after`; None where it is none."""
    seen = sight(heard, after)
    if seen is None:
        return None
    verdict: Verdict | None = None
    time = seen.time
    if seen.kind is ContactKind.REACHED:
        tags = [t for t in heard.tags if t.said_at > after]
        verdict = judge_talk(subject, seen.said, tags, heard.book)
    elif seen.kind is ContactKind.ATTEMPT and subject.wants_material and heard.is_chat:
        verdict = material(seen.said, heard.book)  # whether or not it is answered
    if verdict is not None and subject.wants_material and heard.is_chat:
        time = next(s.at for s in seen.said if s.turn == verdict.turns[0])  # when it was sent, not when the chat began
    if verdict is not None:
        return _contact(heard, seen, verdict, time)
    if seen.kind is ContactKind.REACHED and seen.part_missing:
        return _contact(heard, seen, Verdict(ContactReason.WORDS_MISSING, seen.turns), time, ContactKind.UNKNOWN)
    return _contact(heard, seen, Verdict(seen.reason, seen.turns), time, seen.kind)


def _contact(
    heard: Heard, seen: Sight, verdict: Verdict, time: datetime, kind: ContactKind = ContactKind.ON_TOPIC
) -> Contact:
    conversation = heard.conversation
    return Contact(
        id=heard.id,
        time=time,
        kind=kind,
        why=_WHY[verdict.reason] + (_WEAK if verdict.weak else ""),
        turns=verdict.turns or seen.turns,
        reason=verdict.reason,
        weak=verdict.weak,
        medium=conversation.medium,
        direction=conversation.direction,
        advisor_id=conversation.advisor_id,
    )


def promise_kept(heard: Heard, subject: Subject, promised_at: datetime) -> Contact | None:
    """A promise made in a chat, kept by what is sent later in it."""
    if not heard.is_chat:
        return None
    promise = min((s.turn for s in heard.said if s.firm and s.at == promised_at), default=None)
    later: Sequence[Said] = [
        s
        for s in heard.said
        if s.at > promised_at or (promise is not None and s.at == promised_at and s.turn > promise)
    ]
    found = kept_later(subject, later, promised_at, heard.book)
    if found is None:
        return None
    said, verdict = found
    return _contact(heard, Sight(said.at, ContactKind.REACHED, verdict.reason), verdict, said.at)


def event_contact(event: Event, subject: Subject, book: TopicBook) -> Contact | None:
    """An activity that was logged by hand, or education that was sent, as a contact; None for any other event."""
    if event.type is EventType.EDUCATION_SENT and subject.takes_education:
        return _logged(event, ContactKind.ON_TOPIC, ContactReason.EDUCATION_SENT, "education")
    if event.type is not EventType.ACTIVITY:
        return None
    note = event.note or ""
    verdict = judge_note(subject, note, book)
    if verdict is not None:
        return _logged(event, ContactKind.ON_TOPIC, verdict.reason, "activity")
    reason = ContactReason.OTHER_SUBJECT if note.strip() else ContactReason.EMPTY_NOTE
    return _logged(event, ContactKind.REACHED, reason, "activity")


def _logged(event: Event, kind: ContactKind, reason: ContactReason, medium: str) -> Contact:
    return Contact.model_validate(
        {
            "id": event.event_id,
            "time": event.at,
            "kind": kind,
            "why": _WHY[reason],
            "reason": reason,
            "medium": medium,
            "advisor_id": event.advisor_id,
        }
    )

"""Small records for tests of the store and of what stands on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from huiyin.domain.conversation import Conversation, Speaker, Turn
from huiyin.domain.crm import Advisor, Client, Event
from huiyin.domain.lead import AuditedLead, Contact, LeadEvidence
from huiyin.domain.record import SHANGHAI
from huiyin.domain.tag import Evidence, Proof, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.store.views import RunFacts

START = datetime(2026, 3, 12, 10, 5, tzinfo=SHANGHAI)
TEXT = "我想开两融"


def run(run_id: str = "r1", **values: Any) -> RunFacts:
    facts: dict[str, Any] = {
        "run_id": run_id,
        "started_at": START + timedelta(days=5),
        "as_of": START + timedelta(days=5),
        "lexicon_version": "0123456789ab",
        "policy": {"due_time": "18:00"},
        "counts": {"conversations": 1},
    }
    return RunFacts.model_validate(facts | values)


def client(client_id: str = "C1", **values: Any) -> Client:
    return Client.model_validate({"client_id": client_id, "advisor_id": "A1", "name": "王芳"} | values)


def advisor(advisor_id: str = "A1", **values: Any) -> Advisor:
    facts = {"advisor_id": advisor_id, "name": "小李", "team": "一组", "branch": "徐家汇"}
    return Advisor.model_validate(facts | values)


def event(event_id: str = "E1", **values: Any) -> Event:
    facts: dict[str, Any] = {"event_id": event_id, "client_id": "C1", "type": "activity", "at": START}
    return Event.model_validate(facts | values)


def conversation(conversation_id: str = "d1", *texts: str, **values: Any) -> Conversation:
    turns = tuple(
        Turn(turn=n, speaker=Speaker.CLIENT if n % 2 == 0 else Speaker.ADVISOR, start=4.0 * n, end=4.0 * n + 3, text=t)
        for n, t in enumerate(texts or (TEXT, "好的"))
    )
    facts: dict[str, Any] = {
        "conversation_id": conversation_id,
        "channel": "phone",
        "client_id": "C1",
        "advisor_id": "A1",
        "started_at": START,
        "direction": "outbound",
        "turns": turns,
    }
    return Conversation.model_validate(facts | values)


def tag(conversation_id: str = "d1", key: str = "permission_intent", **values: Any) -> Tag:
    quote = values.get("quote", TEXT)
    facts: dict[str, Any] = {
        "conversation_id": conversation_id,
        "client_id": "C1",
        "advisor_id": "A1",
        "tag": key,
        "value": {"permission": "margin"},
        "turns": (0,),
        "quote": quote,
        "confidence": 0.9,
        "said_at": START,
        "proof": Proof(
            rule="margin.want",
            lexicon_version="0123456789ab",
            base_score=0.9,
            evidence=(Evidence(turn=0, start=0, end=len(quote), quote=quote, audio_start=0.0, audio_end=3.0),),
        ),
    }
    return Tag.model_validate(facts | values)


def contact(contact_id: str = "d2", **values: Any) -> Contact:
    facts: dict[str, Any] = {
        "id": contact_id,
        "time": START + timedelta(days=1),
        "kind": "on_topic",
        "why": "谈到融资融券",
        "turns": (0, 1),
        "reason": "same_tag",
        "medium": "call",
        "direction": "outbound",
        "advisor_id": "A1",
    }
    return Contact.model_validate(facts | values)


def lead(lead_id: str = "L1", *, conversation_id: str = "d1", **values: Any) -> AuditedLead:
    key = values.get("tag", "permission_intent")
    value = values.get("value", {"permission": "margin"})
    facts: dict[str, Any] = {
        "lead_id": lead_id,
        "client_id": "C1",
        "advisor_id": "A1",
        "tag": key,
        "discriminator": TAG_TYPES[key].discriminate(value),
        "value": value,
        "opened_at": START,
        "due_at": datetime(2026, 3, 16, 18, tzinfo=SHANGHAI),
        "due_provisional": False,
        "status": "pending",
        "outcome": "open",
        "in_window": None,
        "response_minutes": None,
        "contacts": (),
        "evidence": (LeadEvidence(conversation_id=conversation_id, turns=(0,), quote=TEXT, said_at=START),),
        "kind": TAG_TYPES[key].lead,
        "due_rule": "开户意向：2个交易日",
    }
    return AuditedLead.model_validate(facts | values)

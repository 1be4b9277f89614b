"""A tag and its proof. A tag without proof does not exist (design.md, rule 1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from huiyin.domain.record import Moment, Record


class Stance(StrEnum):
    AFFIRMED = "affirmed"
    NEGATED = "negated"


class Evidence(Record):
    """Words that prove a tag: `quote == turns[turn].text[start:end]`, offsets in characters of the raw text.

    `audio_start`/`audio_end` are seconds into the recording; None where there is no audio (chat, given text
    without times).
    """

    turn: int
    start: int
    end: int
    quote: str
    audio_start: float | None = None
    audio_end: float | None = None


class Repair(Record):
    """A recognition error that was read as a domain term; raw offsets, so the text itself stays as it came."""

    turn: int
    start: int
    end: int
    raw: str
    term: str


class Adjustment(Record):
    """What raised or lowered a score, and by how much."""

    reason: str
    delta: float


class Proof(Record):
    """Why we believe a tag: who found it, by which entry, on which words, and what changed the score."""

    source: Literal["rule", "model", "llm", "given"] = "rule"
    rule: str  # lexicon entry id ("margin.ask_condition"), or the model's name
    lexicon_version: str
    model_version: str | None = None
    base_score: float = Field(ge=0, le=1)
    adjustments: tuple[Adjustment, ...] = ()
    qualifiers: tuple[str, ...] = ()  # negated, hypothetical, past, other_person, question, reported, assent …
    repairs: tuple[Repair, ...] = ()
    evidence: tuple[Evidence, ...]


class Tag(Record):
    """One thing that a conversation tells (spec/tags.md, "A tag"); `value` follows domain/tags.py."""

    schema_version: Literal[1] = 1
    conversation_id: str
    client_id: str
    advisor_id: str
    tag: str
    stance: Stance = Stance.AFFIRMED
    value: dict[str, Any] = Field(default_factory=dict)
    turns: tuple[int, ...]
    quote: str
    confidence: float = Field(ge=0, le=1)
    said_at: Moment  # start of the first of its turns by the speaker whose word counts
    proof: Proof

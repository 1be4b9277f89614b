"""What a person said of a tag: right, wrong, changed, or missing; and what becomes of the tags by it.

    >>> applied = apply_corrections(conversation, tags, corrections, lexicon_version=version)
    >>> applied.tags

A judgement is on a fact of a conversation (type, stance, discriminator; of types that can tell several such facts the
turns too), so it holds for whatever tagger and lexicon find it next. Judgements work in the order in which they were
made: who changes A to B and then calls B wrong wants neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from pydantic import Field, model_validator

from huiyin.domain.conversation import Conversation, Turn
from huiyin.domain.record import Moment, Record
from huiyin.domain.tag import Adjustment, Evidence, Proof, Stance, Tag
from huiyin.domain.tags import TAG_TYPES

SEVERAL = frozenset({"contact_time", "external_assets", "advisor_commitment"})
"""Types that may tell several facts of one discriminator in a conversation: two appointments, two promises."""
CONFIRMED = "confirmed_by_person"


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    CHANGED = "changed"  # there is a tag here, of another value or stance
    MISSING = "missing"  # nobody found it; stance, value, turns and quote say what it is


VERDICT_LABELS: dict[str, str] = {"right": "对", "wrong": "错", "changed": "改", "missing": "漏"}


class Fact(NamedTuple):
    """What a judgement is on. `place` tells apart several facts of one discriminator, else it is empty."""

    conversation_id: str
    tag: str
    discriminator: str
    stance: str
    place: str


class Correction(Record):
    """One judgement. `stance`, `value`, `turns` and `quote` are those of the tag judged; of a missing one, as it should
    be. `rule`, `lexicon_version` and `model_version` name what had found the tag; None where nothing had.
    """

    schema_version: Literal[1] = 1
    conversation_id: str
    tag: str
    stance: Stance = Stance.AFFIRMED
    value: dict[str, Any] = Field(default_factory=dict)
    turns: tuple[int, ...] = Field(min_length=1)
    quote: str = Field(min_length=1)
    verdict: Verdict
    new_stance: Stance | None = None
    new_value: dict[str, Any] | None = None
    by: str = ""
    at: Moment
    note: str | None = None
    rule: str | None = None
    lexicon_version: str | None = None
    model_version: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Correction:
        if self.tag not in TAG_TYPES:
            raise ValueError(f"tag {self.tag!r} is none of {', '.join(TAG_TYPES)}")
        told = self.new_stance is not None or self.new_value is not None
        if self.verdict is not Verdict.CHANGED and told:
            raise ValueError(f"new_stance and new_value belong to the verdict changed, not to {self.verdict.value}")
        if self.verdict is Verdict.CHANGED and (self.right_stance, self.right_value) == (self.stance, self.value):
            raise ValueError("the verdict is changed, but neither new_stance nor new_value differs from what was found")
        return self

    @property
    def right_stance(self) -> Stance:
        """The stance that the person says is right."""
        return self.new_stance or self.stance

    @property
    def right_value(self) -> dict[str, Any]:
        """The value that the person says is right."""
        return self.value if self.new_value is None else self.new_value

    @property
    def fact(self) -> Fact:
        """The fact judged; a later judgement on it takes the place of this one."""
        return _fact(self.conversation_id, self.tag, self.stance, self.value, self.turns)

    def concerns(self, tag: Tag) -> bool:
        """Whether the tag tells the fact judged."""
        return _same(tag, self.fact, self.turns)

    def made(self, tag: Tag) -> bool:
        """Whether the tag tells what this judgement put in the place of the fact judged."""
        if self.verdict is not Verdict.CHANGED:
            return self.verdict is Verdict.MISSING and self.concerns(tag)
        right = _fact(self.conversation_id, self.tag, self.right_stance, self.right_value, self.turns)
        return _same(tag, right, self.turns)


def fact_of(tag: Tag) -> Fact:
    """The fact that a tag tells."""
    return _fact(tag.conversation_id, tag.tag, tag.stance, tag.value, tag.turns)


def judge(
    tag: Tag,
    verdict: Verdict,
    *,
    at: Moment,
    by: str = "",
    note: str | None = None,
    new_stance: Stance | None = None,
    new_value: Mapping[str, Any] | None = None,
) -> Correction:
    """A judgement on a tag that is on record. Raises FormatError for a bad value, ValueError for one that does not fit
    the verdict."""
    return Correction(
        conversation_id=tag.conversation_id, tag=tag.tag, stance=tag.stance, value=tag.value, turns=tag.turns,
        quote=tag.quote, verdict=verdict, new_stance=new_stance,
        new_value=None if new_value is None else TAG_TYPES[tag.tag].normalise(new_value), by=by, at=at, note=note,
        rule=tag.proof.rule, lexicon_version=tag.proof.lexicon_version, model_version=tag.proof.model_version,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Applied:
    """The tags after the judgements. `unplaced`: the words judged are in no turn any more (another transcript)."""

    tags: tuple[Tag, ...]
    unplaced: tuple[Correction, ...] = ()


def apply_corrections(
    conversation: Conversation, tags: Iterable[Tag], corrections: Iterable[Correction], *, lexicon_version: str
) -> Applied:
    """The tags of a conversation as people judged them; all tags and corrections given must be its own.

    Wrong: no tag. Changed, missing: the person's, with source `given`. Right: it stays, also where no tagger finds it
    any more; its confidence is 1. `lexicon_version` stands on tags that no lexicon found.
    """
    standing = list(tags)
    unplaced: list[Correction] = []
    changed = False
    for correction in sorted(corrections, key=lambda c: (c.at, c.fact)):
        turns = _placed(correction, conversation)
        if turns is None:
            unplaced.append(correction)
            continue
        changed = True
        here = correction.model_copy(update={"turns": tuple(t.turn for t in turns)})
        standing = _after(standing, here, conversation, lexicon_version)
    if changed:
        standing.sort(key=lambda t: (t.turns, t.tag, t.quote, str(sorted(t.value.items(), key=str))))
    return Applied(tags=tuple(standing), unplaced=tuple(unplaced))


def _after(standing: list[Tag], correction: Correction, talk: Conversation, lexicon_version: str) -> list[Tag]:
    met = [t for t in standing if correction.concerns(t)]
    rest = [t for t in standing if t not in met]
    if correction.verdict is Verdict.WRONG:
        return rest
    if correction.verdict is Verdict.RIGHT and met and met[0].value == correction.value:
        return [*rest, _confirmed(met[0]), *met[1:]]
    made = _given(correction, talk, met[0] if met else None, lexicon_version)
    return [*(t for t in rest if not _rivals(t, made)), made]


def _confirmed(tag: Tag) -> Tag:
    if tag.confidence == 1:
        return tag
    raised = Adjustment(reason=CONFIRMED, delta=round(1 - tag.confidence, 4))
    proof = tag.proof.model_copy(update={"adjustments": (*tag.proof.adjustments, raised)})
    return tag.model_copy(update={"confidence": 1.0, "proof": proof})


def _given(correction: Correction, talk: Conversation, found: Tag | None, lexicon_version: str) -> Tag:
    """The tag that the person states; where one was found, its place in the recording stays."""
    turns = [t for t in talk.turns if t.turn in correction.turns]
    evidence = found.proof.evidence if found else _evidence(talk, turns, correction.quote)
    kind = TAG_TYPES[correction.tag]
    said = next((t for t in turns if t.speaker.value == kind.speaker), turns[0])
    return Tag(
        conversation_id=talk.conversation_id, client_id=talk.client_id, advisor_id=talk.advisor_id,
        tag=correction.tag, stance=correction.right_stance, value=correction.right_value,
        turns=found.turns if found else correction.turns, quote=found.quote if found else correction.quote,
        confidence=1.0, said_at=found.said_at if found else talk.moment(said.start),
        proof=Proof(
            source="given", rule=f"review:{correction.verdict.value}",
            lexicon_version=correction.lexicon_version or lexicon_version, model_version=correction.model_version,
            base_score=1.0, evidence=evidence,
        ),
    )  # fmt: skip


def _placed(correction: Correction, talk: Conversation) -> list[Turn] | None:
    """The turns of the judgement: those named where the quote is in one, else the only one that holds the quote."""
    proofs = [t for t in talk.turns if not t.recalled]
    named = [t for t in proofs if t.turn in correction.turns]
    if any(correction.quote in t.text for t in named):
        return named
    elsewhere = [t for t in proofs if correction.quote in t.text]
    return elsewhere if len(elsewhere) == 1 else None


def _evidence(talk: Conversation, turns: Sequence[Turn], quote: str) -> tuple[Evidence, ...]:
    """The quote where it stands, then every other turn as a whole."""
    heard = talk.recording is not None
    found = []
    for turn in turns:
        at = turn.text.find(quote)
        start, end = (0, len(turn.text)) if at < 0 else (at, at + len(quote))
        proof = Evidence(
            turn=turn.turn, start=start, end=end, quote=turn.text[start:end],
            audio_start=turn.start if heard else None, audio_end=turn.end if heard else None,
        )  # fmt: skip
        found.append((at < 0, proof))
    return tuple(proof for _, proof in sorted(found, key=lambda f: (f[0], f[1].turn)))


def _fact(conversation_id: str, tag: str, stance: Stance, value: Mapping[str, Any], turns: Iterable[int]) -> Fact:
    place = ",".join(str(t) for t in sorted(turns)) if tag in SEVERAL else ""
    return Fact(conversation_id, tag, TAG_TYPES[tag].discriminate(value) or "", stance.value, place)


def _same(tag: Tag, fact: Fact, turns: Iterable[int]) -> bool:
    if fact_of(tag)[:4] != fact[:4]:
        return False
    return tag.tag not in SEVERAL or bool(set(tag.turns) & set(turns))


def _rivals(other: Tag, made: Tag) -> bool:
    """Whether a tag cannot stand beside the one that a person made: one tag a fact, one level a conversation."""
    if other.tag != made.tag:
        return False
    if TAG_TYPES[made.tag].single:
        return True
    if made.tag in SEVERAL:
        return _same(other, fact_of(made), made.turns)
    return fact_of(other).discriminator == fact_of(made).discriminator

"""The large model's word beside the other taggers': a fixed procedure over figures that are data (lexicons/llm.yaml).

1. A candidate of another tagger is raised where the model tells the same fact, lowered where it read the turn and
   tells nothing of it, lowered more where it tells the opposite. Silence never moves the types in `unmoved`: no words
   in a conversation may talk a complaint or an offence away.
2. What the model tells of a fact fills what the others left open in its value.
3. A fact that no kept candidate tells is added as the model's own.

resolve.py then decides as ever: the threshold, one tag a fact, the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from huiyin.domain.tags import TAG_TYPES
from huiyin.lexicon import load
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.resolve import THRESHOLD

AGREES, SILENT, OPPOSED = "llm_agrees", "llm_silent", "llm_opposed"


@dataclass(frozen=True)
class Opinion:
    """What a large model says of a conversation, of which it read the turns `sent`."""

    candidates: tuple[Candidate, ...]
    sent: frozenset[int]
    model: str


def join(candidates: Iterable[Candidate], opinion: Opinion) -> list[Candidate]:
    """The others' candidates with the model's word on each, then the model's own on facts that none of them tells."""
    judged = [_judged(c, opinion) for c in candidates]
    kept = [c for c in judged if c.final_score >= THRESHOLD]
    own = [c for c in opinion.candidates if not any(_same_fact(c, k) and _agree(c, k) for k in kept)]
    return [*judged, *own]


def _judged(candidate: Candidate, opinion: Opinion) -> Candidate:
    told = [c for c in opinion.candidates if _same_fact(c, candidate)]
    agreeing = [c for c in told if _agree(c, candidate)]
    figures = load("llm")["fusion"]
    if agreeing:
        nearest = min(agreeing, key=lambda c: abs(c.quote.turn - candidate.quote.turn))
        return _spoken(_filled(candidate, nearest), AGREES, figures["agrees"], opinion.model)
    if told:
        return _spoken(candidate, OPPOSED, figures["opposed"], opinion.model)
    if candidate.tag in load("llm")["unmoved"] or candidate.quote.turn not in opinion.sent:
        return candidate
    return _spoken(candidate, SILENT, figures["silent"], opinion.model)


def _same_fact(a: Candidate, b: Candidate) -> bool:
    """Whether two candidates are about one thing, whatever they say of it (spec/tags.md, "How a tagger is scored")."""
    if a.tag != b.tag:
        return False
    if TAG_TYPES[a.tag].single:
        return True
    if a.tag == "external_assets" and not (a.value.get("institution") and b.value.get("institution")):
        return bool(a.value.get("institution_type") == b.value.get("institution_type"))
    return _discriminator(a) == _discriminator(b)


def _agree(a: Candidate, b: Candidate) -> bool:
    return a.stance is b.stance and (not TAG_TYPES[a.tag].single or _discriminator(a) == _discriminator(b))


def _discriminator(candidate: Candidate) -> str | None:
    return TAG_TYPES[candidate.tag].discriminate(candidate.value)


def _spoken(candidate: Candidate, reason: str, delta: float, model: str) -> Candidate:
    before = candidate.model_version
    return replace(
        candidate,
        adjustments=(*candidate.adjustments, (reason, float(delta))),
        model_version=f"{before}, {model}" if before else model,
    )


def _filled(candidate: Candidate, model: Candidate) -> Candidate:
    """The candidate's value, completed by the model's, with the turns that this was read from."""
    value = dict(candidate.value)
    open_fields = [name for name, v in model.value.items() if _is_open(value.get(name)) and not _is_open(v)]
    if not open_fields:
        return candidate
    value.update({name: model.value[name] for name in open_fields})
    have = {candidate.quote.turn, *(s.turn for s in candidate.support)}
    extra = tuple(s for s in (model.quote, *model.support) if s.turn not in have)
    return replace(candidate, value=value, support=(*candidate.support, *extra))


def _is_open(value: Any) -> bool:
    return value is None or (isinstance(value, Sequence) and not isinstance(value, str) and not any(value))

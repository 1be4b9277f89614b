"""Candidates of one conversation into tags: one tag a fact, the last word counts (spec/tags.md, "A tag")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from huiyin.domain.conversation import Speaker
from huiyin.domain.tag import Adjustment, Evidence, Proof, Tag
from huiyin.domain.tags import TAG_TYPES, TagType
from huiyin.lexicon import version
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate, Span

THRESHOLD = 0.5
"""Candidates below it are dropped: more likely wrong than right."""


def resolve(analysis: Analysis, candidates: Iterable[Candidate]) -> tuple[Tag, ...]:
    """One tag for each fact, in order of its first proof."""
    groups: dict[tuple[str, str | None, int], list[Candidate]] = {}
    for candidate in candidates:
        if candidate.final_score >= THRESHOLD:
            groups.setdefault(_key(candidate), []).append(candidate)
    tags = [_join(analysis, TAG_TYPES[key[0]], sorted(group, key=_order)) for key, group in groups.items()]
    return tuple(sorted(tags, key=lambda t: (t.turns, t.tag, t.quote, str(sorted(t.value.items(), key=str)))))


def _key(candidate: Candidate) -> tuple[str, str | None, int]:
    kind = TAG_TYPES[candidate.tag]
    if kind.single:
        return (kind.key, None, 0)
    found = kind.discriminate(candidate.value)
    if kind.key == "external_assets" and not candidate.value.get("institution") and candidate.value.get("product"):
        found = f"{found}/{candidate.value['product']}"  # spec: each product where no institution is named
    return (kind.key, found, candidate.fact)


def _order(candidate: Candidate) -> tuple[tuple[int, int], float, str]:
    return (candidate.position, candidate.final_score, candidate.rule)


def _join(analysis: Analysis, kind: TagType, group: Sequence[Candidate]) -> Tag:
    last = group[-1]
    same = [c for c in group if c.stance is last.stance and kind.discriminate(c.value) == kind.discriminate(last.value)]
    best = max(same, key=lambda c: (c.final_score, c.position))
    value = _merge_values(kind, same)
    quote = readable(analysis, best.quote)
    spans = _unique([s for c in same for s in (readable(analysis, c.quote), *c.support)])
    evidence = tuple(_evidence(analysis, s) for s in [quote, *(s for s in spans if s != quote)])
    turns = tuple(sorted({e.turn for e in evidence}))
    adjustments = tuple(Adjustment(reason=r, delta=d) for r, d in best.adjustments)
    raised = min(0.99, best.final_score + 0.03 * (len({c.quote.turn for c in same}) - 1))
    if raised > best.final_score:
        adjustments += (Adjustment(reason="said_again", delta=round(raised - best.final_score, 4)),)
    conversation = analysis.conversation
    counted = Speaker(kind.speaker)
    said = next((t for t in turns if conversation.turns[t].speaker is counted), turns[0])
    return Tag(
        conversation_id=conversation.conversation_id,
        client_id=conversation.client_id,
        advisor_id=conversation.advisor_id,
        tag=kind.key,
        stance=last.stance,
        value=kind.normalise(value),
        turns=turns,
        quote=evidence[0].quote,
        confidence=round(raised, 4),
        said_at=conversation.moment(conversation.turns[said].start),
        proof=Proof(
            source=best.source,
            rule=best.rule,
            lexicon_version=version(),
            model_version=best.model_version,
            base_score=best.score,
            adjustments=adjustments,
            qualifiers=best.qualifiers,
            repairs=tuple(
                r
                for t in turns
                for r in analysis.turns[t].repairs
                if any(_touches(r.start, r.end, e, t) for e in evidence)
            ),
            evidence=evidence,
        ),
    )


SHORTEST_QUOTE = 6
"""Characters below which a quote takes in a neighbouring clause: "出来" proves nothing to a reader."""


def readable(analysis: Analysis, span: Span) -> Span:
    """The span grown to whole clauses, so that a person who reads the quote alone understands it."""
    clauses = analysis.turns[span.turn].clauses
    touched = [i for i, c in enumerate(clauses) if c.start < span.end and span.start < c.end]
    if not touched:
        return span
    first, last = touched[0], touched[-1]
    while clauses[last].end - clauses[first].start < SHORTEST_QUOTE:
        if first > 0:
            first -= 1
        elif last + 1 < len(clauses):
            last += 1
        else:
            break
    return Span(span.turn, min(span.start, clauses[first].start), max(span.end, clauses[last].end))


def _touches(start: int, end: int, evidence: Evidence, turn: int) -> bool:
    return evidence.turn == turn and start < evidence.end and evidence.start < end


def _merge_values(kind: TagType, group: Sequence[Candidate]) -> dict[str, Any]:
    """Later values replace earlier ones field by field; what was not said again stays."""
    out: dict[str, Any] = {}
    for candidate in group:
        for name, value in candidate.value.items():
            if value is not None or name not in out:
                out[name] = value
    return out


def _unique(spans: Iterable[Span]) -> list[Span]:
    return sorted(set(spans), key=lambda s: (s.turn, s.start, s.end))


def _evidence(analysis: Analysis, span: Span) -> Evidence:
    analysed = analysis.turns[span.turn]
    start, end = analysed.to_raw(span.start, span.end)
    raw = analysed.turn.text
    if end <= start:
        start, end = 0, len(raw)
    audio = _audio(analysis, span.turn, start, end)
    return Evidence(
        turn=span.turn, start=start, end=end, quote=raw[start:end], audio_start=audio[0], audio_end=audio[1]
    )


def _audio(analysis: Analysis, turn: int, start: int, end: int) -> tuple[float | None, float | None]:
    """Seconds of the recording that hold characters [start, end): by word times, else by share of the turn."""
    conversation = analysis.conversation
    spoken = conversation.turns[turn]
    if conversation.medium != "call" or spoken.end is None:
        return (None, None)
    if spoken.words:
        at, first, last = 0, None, None
        for word in spoken.words:
            # punctuation that the text gained after recognition belongs to no word
            found = spoken.text.find(word.text, at)
            if found == -1:
                continue
            if found < end and start < found + len(word.text):
                first = word.start if first is None else first
                last = word.end
            at = found + len(word.text)
        if first is not None and last is not None:
            return (round(first, 2), round(max(first, last), 2))
    length = max(1, len(spoken.text))
    span = spoken.end - spoken.start
    return (round(spoken.start + span * start / length, 2), round(spoken.start + span * end / length, 2))

"""churn_risk (spec/tags.md, "The client's voice"): the client leaves this broker, or weighs it.

The way matters: what comes over to us is no leaving ("能挪过来不"). Staying, said by the client or in answer to the
advisor's question, is the same fact negated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiyin.domain.tag import Stance
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier, Reply
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.rules import RuleMatch, match_rules

TAG = "churn_risk"
NEAR = 8
"""Characters within which the way in takes the way out back."""
OURS_REACH = 2
"""Turns either way in which the talk must be of ours."""
ASKED_REACH = 3
"""Turns back in which the advisor's question about leaving stands."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for churn_risk."""
    for turn in analysis.client_turns():
        stays = list(match_rules(TAG, turn, section="stays"))
        if stays:
            yield from _stays(analysis, turn, stays)
        others = [m for section in ("toward_us", "told") for m in match_rules(TAG, turn, section=section)]
        matches = [
            m
            for m in match_rules(TAG, turn)
            if not any(_near(m, o) for o in [*others, *stays])
            and not any(s.start >= m.end for s in stays)  # 我本来说撤走的 … 不折腾啦
            and not _of_a_story(analysis, turn, m)
        ]
        if not _of_ours(analysis, turn):
            continue
        for match in matches:
            if match.rule.extra.get("yields_to") not in {m.rule.value["kind"] for m in matches}:
                rival = _rival(analysis, turn) if match.rule.extra.get("needs_rival") else None
                if rival is not None or not match.rule.extra.get("needs_rival"):
                    found = candidate_from(TAG, turn.index, match)
                    yield replace(found, support=(rival,)) if rival else found
    yield from _agreed(analysis)


def _of_ours(analysis: Analysis, turn: AnalysedTurn) -> bool:
    """Whether the turn or one beside it is of accounts and investing: a shop may be let out, a flat moved from."""
    around = analysis.turns[max(0, turn.index - OURS_REACH) : turn.index + OURS_REACH + 1]
    return any(True for t in around for _ in match_rules(TAG, t, section="ours"))


def _near(match: RuleMatch, other: RuleMatch) -> bool:
    return other.start - NEAR < match.end and match.start < other.end + NEAR


def _of_a_story(analysis: Analysis, turn: AnalysedTurn, match: RuleMatch) -> bool:
    """A turn with no 我 that goes on about somebody else ("后来报警也没用，回来就把户销了")."""
    if any(w in turn.text for w in ("我", "俺", "咱", "你")):
        return False
    before = next((t for t in reversed(analysis.turns[: turn.index]) if t.is_client), None)
    return before is not None and any(Qualifier.OTHER_PERSON in c.qualifiers() for c in before.clauses)


def _rival(analysis: Analysis, turn: AnalysedTurn) -> Span | None:
    """Another broker or bank, named in the turn or in the client's turns just before it."""
    for index in range(turn.index, max(-1, turn.index - 1 - ASKED_REACH), -1):
        earlier = analysis.turns[index]
        if earlier.is_client:
            for named in earlier.institutions:
                if named.type in ("broker", "bank", "fund_platform"):
                    return Span(index, named.start, named.end)
    return None


def _stays(analysis: Analysis, turn: AnalysedTurn, stays: list[RuleMatch]) -> Iterator[Candidate]:
    """Staying is a tag only where leaving was spoken of: else "我不走" is about something else."""
    for match in stays:
        kind, place = _leaving(analysis, turn, match)
        if kind is not None:
            found = candidate_from(TAG, turn.index, match, kind=kind)
            yield replace(found, stance=Stance.NEGATED, support=(place,) if place else ())


def _leaving(analysis: Analysis, turn: AnalysedTurn, stays: RuleMatch) -> tuple[str | None, Span | None]:
    """What leaving it takes back, said before in the turn, or in an earlier one, with its place."""
    for index in range(turn.index, -1, -1):
        earlier = analysis.turns[index]
        if earlier.is_advisor and turn.index - index > ASKED_REACH:
            continue
        for section in ("rules", "mentioned") if earlier.is_client else ("asked",):
            for m in match_rules(TAG, earlier, section=section):
                kind = m.rule.value.get("kind")
                fits = kind == stays.rule.value["kind"] or stays.rule.extra.get("any_kind")
                if fits and (index < turn.index or m.end <= stays.start + NEAR):
                    return kind, Span(index, m.start, m.end)
    return (stays.rule.value["kind"] if stays.rule.extra.get("alone") else None), None


def _agreed(analysis: Analysis) -> Iterator[Candidate]:
    """Asked whether he leaves, the client says yes; asked why, he does not object."""
    for exchange in analysis.exchanges:
        answer = analysis.turns[exchange.answered]
        if not answer.is_client or any(match_rules(TAG, answer, section="stays")):
            continue
        for index in exchange.asked:
            for match in match_rules(TAG, analysis.turns[index], section="asked"):
                if exchange.reply is not Reply.YES and not match.rule.extra.get("taken_for_granted"):
                    continue
                yield Candidate(
                    tag=TAG,
                    value=match.rule.value,
                    quote=Span(answer.index, 0, len(answer.text)),
                    support=(Span(index, match.start, match.end),),
                    rule=match.rule.id,
                    score=match.rule.score,
                    qualifiers=("assent",),
                )

"""A rule match as a candidate: what most taggers begin with."""

from __future__ import annotations

from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.rules import RuleMatch


def candidate_from(tag: str, turn: int, match: RuleMatch, **value: object) -> Candidate:
    """A candidate for one rule match; `value` adds to the rule's own value."""
    return Candidate(
        tag=tag,
        stance=match.stance,
        value={**match.rule.value, **value},
        quote=Span(turn, match.start, match.end),
        rule=match.rule.id,
        score=match.rule.score,
        qualifiers=tuple(sorted(match.qualifiers)),
    )

"""The plainest tagger: each rule match by the speaker whose word counts is a candidate."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.domain.tags import TAG_TYPES
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.rules import RuleMatch, match_rules


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


def propose_by_rules(tag: str, analysis: Analysis, *, section: str = "rules") -> Iterator[Candidate]:
    """Candidates of all rules of a tag's lexicon section, in the turns of the tag's own speaker."""
    speaker = TAG_TYPES[tag].speaker
    for turn in analysis.turns:
        if turn.speaker == speaker:
            for match in match_rules(tag, turn, section=section):
                yield candidate_from(tag, turn.index, match)

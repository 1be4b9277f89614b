"""compliance_flag (spec/tags.md, "Conduct"): what an advisor must not say or offer, in his own words and in earnest.

A turn in which he states the rule or refuses flags nothing; a refusal by the advisor right after the client's request
is his own turn and so falls under the same test. The client's reaction stands as no proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.rules import RuleMatch, match_rules

TAG = "compliance_flag"
UNSUPPORTED = -0.3
"""Added to a source of information ("他同学在董办") where nothing says that the news is not public."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for compliance_flag."""
    for turn in analysis.advisor_turns():
        if any(match_rules(TAG, turn, section="refuses")):
            continue
        matches = list(match_rules(TAG, turn))
        for match in matches:
            found = candidate_from(TAG, turn.index, match)
            if match.rule.extra.get("extra_needs") and not _is_secret(turn, match, matches):
                found = replace(found, adjustments=(("public_for_all_we_know", UNSUPPORTED),))
            yield found


def _is_secret(turn: AnalysedTurn, match: RuleMatch, matches: list[RuleMatch]) -> bool:
    return any(match_rules(TAG, turn, section="secrets")) or any(
        m is not match and m.rule.value == match.rule.value for m in matches
    )

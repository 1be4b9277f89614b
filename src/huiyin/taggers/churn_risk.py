"""churn_risk (spec/tags.md)."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.phrases import propose_by_rules


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for churn_risk."""
    yield from propose_by_rules("churn_risk", analysis)

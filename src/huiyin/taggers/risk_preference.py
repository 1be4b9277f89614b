"""risk_preference (spec/tags.md)."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.levels import assented, spoken

TAG = "risk_preference"


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for risk_preference."""
    for _turn, _match, candidate in spoken(TAG, analysis):
        yield candidate
    yield from assented(TAG, analysis)

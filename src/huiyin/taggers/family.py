"""family (spec/tags.md)."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.levels import assented, spoken

TAG = "family"


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for family."""
    for _turn, _match, candidate in spoken(TAG, analysis):
        yield candidate
    yield from assented(TAG, analysis)

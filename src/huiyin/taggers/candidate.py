"""What a tagger proposes, before candidates of one fact are joined (resolve.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from huiyin.domain.tag import Stance


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of the analysed text of a turn."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One fact as one place of the conversation tells it.

    `quote` is the span shown to people, in a turn of the speaker whose word counts; `support` are further spans
    that prove it (the question that was answered, the place where 那个 was named). `score` is in [0, 1];
    `adjustments` say what was added to it or taken away, as (reason, delta).
    """

    tag: str
    stance: Stance = Stance.AFFIRMED
    value: Mapping[str, Any] = field(default_factory=dict)
    quote: Span
    support: tuple[Span, ...] = ()
    rule: str
    score: float
    adjustments: tuple[tuple[str, float], ...] = ()
    qualifiers: tuple[str, ...] = ()
    fact: int = 0
    """Tells facts apart that share type and discriminator (a second promise to send something else)."""
    source: Literal["rule", "model", "llm"] = "rule"
    model_version: str | None = None  # of the model that spoke on it, also where a rule found it

    @property
    def final_score(self) -> float:
        return min(1.0, max(0.0, self.score + sum(delta for _, delta in self.adjustments)))

    @property
    def position(self) -> tuple[int, int]:
        """Where it was said: later positions have the last word."""
        return (self.quote.turn, self.quote.start)

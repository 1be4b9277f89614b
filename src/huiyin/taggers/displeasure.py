"""How displeased the client sounds over a few turns, whatever it is about.

Most complaints name no fault in words that a list could hold ("我问一句话你们要酝酿俩月"). They are told by acts that
go with any topic: a rhetorical question, a likeness, a count, "the other way round", a retort; and by the advisor, who
soothes or justifies. Each act is a sign with a weight (section `signs` of lexicons/complaint.yaml); their sum is a
log-odds. The weights were fitted on labelled windows (training pieces a1, a3, b1, b3 and the train and dev sets).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier
from huiyin.taggers.rules import RuleMatch, match_rules

TAG = "complaint"
WINDOW_TURNS = 3
"""Turns of the client, close together, over which signs add up."""
BIAS = -3.4
"""Log-odds of a window without any sign."""
REPEATED = 1.5
"""A sign that stands more than once counts so many times."""
CONTEXT = {Qualifier.OTHER_PERSON: -0.7, Qualifier.HYPOTHETICAL: -0.5}
"""Log-odds of what makes it somebody else's or nobody's."""


@dataclass(frozen=True, slots=True)
class Displeasure:
    """The signs found in one window; `score` is their log-odds."""

    turns: tuple[AnalysedTurn, ...]
    score: float
    signs: tuple[tuple[int, RuleMatch], ...]  # turn and match, of the client's own words


def windows(analysis: Analysis) -> Iterator[tuple[AnalysedTurn, ...]]:
    """Each client turn with the up to two that follow it at once or after one turn of the advisor."""
    turns = [t for t in analysis.client_turns() if t.text]
    for k, first in enumerate(turns):
        yield tuple(t for t in turns[k : k + WINDOW_TURNS] if t.index - first.index < 2 * WINDOW_TURNS - 1)


def weigh(analysis: Analysis, turns: Sequence[AnalysedTurn]) -> Displeasure:
    """The signs in `turns` and in the advisor's answers right after them."""
    found: dict[str, list[tuple[int, RuleMatch]]] = {}
    for turn in turns:
        for match in match_rules(TAG, turn, section="signs"):
            if not match.rule.extra.get("answer"):
                found.setdefault(match.rule.id, []).append((turn.index, match))
    answers = {m.rule.id: m.rule.score for t in _answers(analysis, turns) for m in match_rules(TAG, t, section="signs")
               if m.rule.extra.get("answer")}  # fmt: skip
    context = {q for t in turns for c in t.clauses for q in c.qualifiers()}
    score = BIAS + sum(answers.values()) + sum(w for q, w in CONTEXT.items() if q in context)
    score += sum(hits[0][1].rule.score * (REPEATED if len(hits) > 1 else 1.0) for hits in found.values())
    return Displeasure(tuple(turns), score, tuple(hits[0] for hits in found.values()))


def _answers(analysis: Analysis, turns: Sequence[AnalysedTurn]) -> Iterator[AnalysedTurn]:
    for turn in turns:
        if turn.index + 1 < len(analysis.turns) and analysis.turns[turn.index + 1].is_advisor:
            yield analysis.turns[turn.index + 1]

"""Rules and model together: a fixed procedure over figures that are data (`lexicons/fusion.yaml`).

1. Each candidate of a rule meets the model's probability of that very tag where it was said. Agreement raises its
   score, doubt lowers it, perhaps below what resolve.py keeps. Types without figures are the rules' alone.
2. Where the model is sure of a fact that no kept candidate tells, it proposes one, completed by the value readers.

A proof says which of the two spoke (`source`), and what the other changed (`model_agrees`, `model_doubts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from huiyin.domain.errors import LexiconError
from huiyin.domain.tags import TAG_TYPES
from huiyin.lexicon import load
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.learned.labels import choice_of
from huiyin.taggers.learned.model import Readings
from huiyin.taggers.learned.propose import propose

AGREES, DOUBTS = "model_agrees", "model_doubts"
KEPT = 0.5
"""The score that resolve.py keeps; a fact told by a weaker candidate alone is none yet."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Figures of one tag type. `propose`, `agree`, `doubt` are probabilities of the model, the others score changes.

    None: the model does not propose, or does not doubt, tags of this type.
    """

    propose: float | None
    agree: float
    doubt: float | None
    raised: float
    lowered: float


@cache
def weights() -> Mapping[str, Weight]:
    """The figures of `lexicons/fusion.yaml` by tag type. Raises LexiconError that names a wrong entry."""
    data = load("fusion")
    out: dict[str, Weight] = {}
    for entry in data["types"]:
        try:
            out[entry["id"]] = Weight(
                propose=entry.get("propose"), agree=entry.get("agree", data["defaults"]["agree"]),
                doubt=entry.get("doubt"), raised=entry.get("raised", data["defaults"]["raised"]),
                lowered=entry.get("lowered", data["defaults"]["lowered"]),
            )  # fmt: skip
        except KeyError as error:
            raise LexiconError(f"lexicons/fusion.yaml: an entry has no {error}: {entry}") from None
    if unknown := set(out) - set(TAG_TYPES):
        raise LexiconError(f"lexicons/fusion.yaml: no tag types: {', '.join(sorted(unknown))}")
    return out


def fuse(
    analysis: Analysis,
    candidates: Iterable[Candidate],
    readings: Readings,
    *,
    version: str,
    figures: Mapping[str, Weight] | None = None,
) -> list[Candidate]:
    """The rules' candidates with the model's word on each, and the model's own where the rules say nothing."""
    table = weights() if figures is None else figures
    judged = [_judged(c, readings, table.get(c.tag), version) for c in candidates]
    told = {_fact(c) for c in judged if c.final_score >= KEPT}
    trade = _is_of_the_trade(analysis)
    least = {
        tag: w.propose
        for tag, w in table.items()
        if w.propose is not None and (trade or TAG_TYPES[tag].group != "opportunity")
    }
    own = [c for c in propose(analysis, readings, least=least) if not _is_told(c, told)]
    return [*judged, *(replace(c, model_version=version, score=_confidence(c, least[c.tag])) for c in _best(own))]


def _is_of_the_trade(analysis: Analysis) -> bool:
    """Whether anybody names a thing or a place of this trade: the model has heard little else than such talk, and takes
    a flooded bedroom for money that lies about."""
    return any(
        turn.institutions or any(TAG_TYPES[hit.group].group == "opportunity" for hit in turn.terms)
        for turn in analysis.turns
    )


def _judged(candidate: Candidate, readings: Readings, weight: Weight | None, version: str) -> Candidate:
    if weight is None:
        return candidate
    probability = support_of(candidate, readings)
    change: tuple[tuple[str, float], ...] = ()
    if probability is None:
        return candidate
    if probability >= weight.agree:
        change = ((AGREES, weight.raised),)
    elif weight.doubt is not None and probability < weight.doubt:
        change = ((DOUBTS, -weight.lowered),)
    return replace(candidate, adjustments=(*candidate.adjustments, *change), model_version=version)


def support_of(candidate: Candidate, readings: Readings) -> float | None:
    """The model's probability of the candidate's fact, the highest of the turns that prove it; None where it read none
    of them."""
    turns = {candidate.quote.turn, *(s.turn for s in candidate.support)} & set(readings)
    if not turns:
        return None
    choice = choice_of(candidate.tag, candidate.value)
    return max(
        readings[t].kind((candidate.tag, candidate.stance)) * readings[t].choice(candidate.tag, choice) for t in turns
    )


def _fact(candidate: Candidate) -> tuple[str, str | None]:
    single = TAG_TYPES[candidate.tag].single
    return (candidate.tag, None if single else choice_of(candidate.tag, candidate.value))


def _is_told(candidate: Candidate, told: set[tuple[str, str | None]]) -> bool:
    return _fact(candidate) in told


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of what the model alone says, one candidate a fact and turn (the likelier stance), in order."""
    best: dict[tuple[str, str | None, int], Candidate] = {}
    for candidate in candidates:
        key = (*_fact(candidate), candidate.quote.turn)
        if key not in best or candidate.score > best[key].score:
            best[key] = candidate
    return list(best.values())


def _confidence(candidate: Candidate, least: float) -> float:
    """Confidence from 0.5 at the threshold to 0.9 at certainty: what resolve.py keeps, below what a rule knows."""
    return round(0.5 + 0.4 * (candidate.score - least) / max(1e-9, 1 - least), 4)

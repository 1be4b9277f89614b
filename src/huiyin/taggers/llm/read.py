"""A large model's answer into candidates. Nothing of it is believed that the conversation does not show.

>>> read = read_answer(entries, analysis, sent=prompt.turns, model="qwen3-32b")
>>> read.candidates, read.dropped
((...), Counter({'quote_not_there': 1}))
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from huiyin.domain.errors import FormatError
from huiyin.domain.tag import Stance
from huiyin.domain.tags import INSTITUTION_TYPES, TAG_TYPES
from huiyin.lexicon import load
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.external_assets import own_firm
from huiyin.taggers.llm.quotes import find_quote, in_analysed, is_quoted
from huiyin.taggers.llm.schema import CERTAINTIES, MOST_TAGS, stances_of
from huiyin.taggers.llm.values import Place, checked_value

DROPS: Mapping[str, str] = {
    "not_an_object": "条目不是对象",
    "unknown_type": "没有这种标签",
    "unknown_stance": "立场不合规定",
    "unknown_value": "取值不合规定",
    "unknown_turn": "没有这一句，或没有发给模型",
    "quote_not_there": "引文不在那一句里",
    "quoted_words": "引文是转述别人的话",
    "wrong_speaker": "说话人不算数",
    "own_firm": "说的是本公司",
    "too_many": "条目过多",
}
"""Why an entry of an answer is dropped, with its label for people."""
MOST_SUPPORT = 6
"""Turns of support that an entry may bring; a model that names all of them proves nothing."""


@dataclass(frozen=True)
class Read:
    """The candidates of an answer, and how many of its entries were dropped for which reason (keys of DROPS)."""

    candidates: tuple[Candidate, ...] = ()
    dropped: Counter[str] = field(default_factory=Counter)


class _Drop(Exception):
    """An entry that is not believed; its argument is a key of DROPS."""


def parse_answer(text: str) -> list[Any] | None:
    """The entries of an answer: {"tags": [...]}, bare or within other words; None where there is no such object.

    Takes the last one: models that think aloud give drafts first.
    """
    decoder = json.JSONDecoder()
    found: list[Any] | None = None
    at = text.find("{")
    while at != -1:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if isinstance(value, dict) and isinstance(value.get("tags"), list):
                found = value["tags"]
        at = text.find("{", end)
    return found


def read_answer(entries: Sequence[Any], analysis: Analysis, *, sent: frozenset[int], model: str) -> Read:
    """The entries that hold, as candidates of source "llm"; `sent` are the turns that the model was shown."""
    dropped: Counter[str] = Counter()
    candidates: list[Candidate] = []
    if len(entries) > MOST_TAGS:
        dropped["too_many"] = len(entries) - MOST_TAGS
    for entry in entries[:MOST_TAGS]:
        try:
            candidates.append(_candidate(entry, analysis, sent, model))
        except _Drop as reason:
            dropped[str(reason)] += 1
    return Read(tuple(candidates), dropped)


def _candidate(entry: Any, analysis: Analysis, sent: frozenset[int], model: str) -> Candidate:
    if not isinstance(entry, Mapping):
        raise _Drop("not_an_object")
    key = entry.get("tag")
    if not isinstance(key, str) or key not in TAG_TYPES:
        raise _Drop("unknown_type")
    stance = _stance(key, entry.get("stance", Stance.AFFIRMED.value))
    quote, support = _spans(key, entry, analysis, sent)
    turns = [analysis.turns[t] for t in sorted({quote.turn, *(s.turn for s in support)})]
    place = Place(analysis, analysis.turns[quote.turn], quote.start, tuple(turns))
    certainty = entry.get("certainty")
    return Candidate(
        tag=key,
        stance=stance,
        value=_value(key, stance, entry.get("value"), place),
        quote=quote,
        support=support,
        rule="llm",
        score=float(load("llm")["fusion"][certainty if certainty in CERTAINTIES else "likely"]),
        source="llm",
        model_version=model,
    )


def _stance(key: str, given: Any) -> Stance:
    if given not in stances_of(key):
        raise _Drop("unknown_stance")
    return Stance(given)


def _spans(
    key: str, entry: Mapping[str, Any], analysis: Analysis, sent: frozenset[int]
) -> tuple[Span, tuple[Span, ...]]:
    """The quote and its support, in the analysed text. Where the model quotes the question, and the turn of the
    answer stands in its support, the answer is the quote: only that speaker's word counts."""
    turn = entry.get("turn")
    if not _is_turn(turn, sent):
        raise _Drop("unknown_turn")
    analysed = analysis.turns[turn]
    raw = find_quote(analysed.turn.text, str(entry.get("quote") or ""))
    if raw is None:
        raise _Drop("quote_not_there")
    if is_quoted(analysed.turn, *raw):
        raise _Drop("quoted_words")
    inside = in_analysed(analysed, *raw)
    if inside is None:
        raise _Drop("quote_not_there")
    given = entry.get("support")
    others = [t for t in given if _is_turn(t, sent) and t != turn] if isinstance(given, list) else []
    others = list(dict.fromkeys(others))[:MOST_SUPPORT]
    quote = Span(turn, *inside)
    spans = [Span(t, 0, len(analysis.turns[t].text)) for t in others]
    if analysed.speaker.value == TAG_TYPES[key].speaker:
        return quote, tuple(spans)
    answers = [s for s in spans if analysis.turns[s.turn].speaker.value == TAG_TYPES[key].speaker and s.turn > turn]
    if not answers:
        raise _Drop("wrong_speaker")
    return answers[0], (quote, *(s for s in spans if s != answers[0]))


def _is_turn(given: Any, sent: frozenset[int]) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool) and given in sent


def _value(key: str, stance: Stance, given: Any, place: Place) -> dict[str, Any]:
    kind = TAG_TYPES[key]
    value = checked_value(key, stance, given if isinstance(given, Mapping) else {}, place)
    known = {f.serialization_alias or name for name, f in kind.value_model.model_fields.items()}
    try:
        out = kind.normalise({k: v for k, v in value.items() if k in known})
    except FormatError:
        raise _Drop("unknown_value") from None
    if key == "external_assets":
        if out["institution_type"] not in INSTITUTION_TYPES and stance is Stance.AFFIRMED:
            raise _Drop("unknown_value")
        if out["institution"] is not None and out["institution"] == own_firm(place.analysis):
            raise _Drop("own_firm")
    return out

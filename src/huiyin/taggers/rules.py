"""Phrase rules: what most facts are told by, as data.

A rule entry in `lexicons/<tag>.yaml`, under `rules`:

    - id: complaint.app.stuck        # <tag>.<…>, never a position
      value: {topic: app}            # may leave out what the tagger itself finds (amount, window …)
      pattern: "(?:软件|App).{0,6}(?:卡|闪退)"    # a regular expression over the analysed text of one turn
      score: 0.8                     # how often such a phrase means the tag, out of context
      stance: affirmed               # or negated
      unless: [hypothetical, other_person]   # qualifiers over the match that kill it (default: DEFAULT_UNLESS)
      flip: [negated]                # qualifiers over the match that turn the stance (default: none)
      example: 你们软件天天卡           # must match (tests/taggers/test_lexicons.py)
      counter: 软件挺好用               # must not

`unless: []` switches the defaults off. Each rule matches at most once in a clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from huiyin.domain.errors import LexiconError
from huiyin.domain.tag import Stance
from huiyin.lexicon import load
from huiyin.taggers.analysis import AnalysedTurn, Qualifier

DEFAULT_UNLESS = frozenset(
    {Qualifier.HYPOTHETICAL, Qualifier.OTHER_PERSON, Qualifier.REPORTED, Qualifier.JOKE, Qualifier.NEGATED}
)


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    value: Mapping[str, Any]
    pattern: re.Pattern[str]
    score: float
    stance: Stance
    unless: frozenset[Qualifier]
    flip: frozenset[Qualifier]
    example: str
    counter: str | None
    extra: Mapping[str, Any]  # further keys of the entry, for the tagger that knows them


@dataclass(frozen=True, slots=True)
class RuleMatch:
    rule: Rule
    start: int
    end: int
    stance: Stance
    qualifiers: frozenset[Qualifier]


_KNOWN = {"id", "value", "pattern", "score", "stance", "unless", "flip", "example", "counter"}


def compile_rule(tag: str, entry: Mapping[str, Any]) -> Rule:
    """One entry as a Rule. Raises LexiconError that names the file and the entry."""
    try:
        unless = entry.get("unless")
        return Rule(
            id=entry["id"],
            value=entry.get("value", {}),
            pattern=re.compile(entry["pattern"]),
            score=float(entry["score"]),
            stance=Stance(entry.get("stance", "affirmed")),
            unless=DEFAULT_UNLESS if unless is None else frozenset(Qualifier(q) for q in unless),
            flip=frozenset(Qualifier(q) for q in entry.get("flip", ())),
            example=entry["example"],
            counter=entry.get("counter"),
            extra={k: v for k, v in entry.items() if k not in _KNOWN},
        )
    except KeyError as error:
        raise LexiconError(f"lexicons/{tag}.yaml: rule {entry.get('id', entry)}: {error} is missing") from None
    except (ValueError, re.error) as error:
        raise LexiconError(f"lexicons/{tag}.yaml: rule {entry.get('id', entry)}: {error}") from error


@cache
def rules(tag: str, section: str = "rules") -> tuple[Rule, ...]:
    """The rules of a tag's lexicon, in file order."""
    return tuple(compile_rule(tag, entry) for entry in load(tag).get(section, ()))


def match_rules(tag: str, turn: AnalysedTurn, *, section: str = "rules") -> Iterator[RuleMatch]:
    """All matches of a tag's rules in a turn that its context lets stand."""
    for rule in rules(tag, section):
        for match in rule.pattern.finditer(turn.text):
            if match.end() == match.start() or _quoted(turn, match.start(), match.end()):
                continue
            qualifiers = turn.qualifiers(match.start(), match.end())
            flipped = bool(qualifiers & rule.flip)
            if (qualifiers - rule.flip) & rule.unless:
                continue
            stance = rule.stance
            if flipped:
                stance = Stance.NEGATED if stance is Stance.AFFIRMED else Stance.AFFIRMED
            yield RuleMatch(rule, match.start(), match.end(), stance, qualifiers)


def _quoted(turn: AnalysedTurn, start: int, end: int) -> bool:
    low, high = turn.to_raw(start, end)
    return any(a < high and low < b for a, b in turn.turn.quoted)

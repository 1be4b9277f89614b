"""Phrase rules: what most facts are told by, as data.

A rule entry in `lexicons/<tag>.yaml`, under `rules`:

    - id: complaint.app.stuck        # <tag>.<…>, never a position
      value: {topic: app}            # may leave out what the tagger itself finds (amount, window …)
      pattern: "(?:软件|App).{0,6}(?:卡|闪退)"    # a regular expression over the analysed text of one turn
      score: 0.8                     # how often such a phrase means the tag, out of context
      stance: affirmed               # or negated
      unless: [hypothetical, other_person]   # qualifiers over the match that kill it (default: DEFAULT_UNLESS)
      flip: [negated]                # qualifiers over the match that turn the stance (default: none)
      own_words: true                # 没人理我: a negation inside the match denies nothing, see qualifiers_of
      example: 你们软件天天卡           # must match (tests/taggers/test_lexicons.py)
      counter: 软件挺好用               # must not

`unless: []` switches the defaults off. A lexicon may name what its patterns share: `parts` (name → pattern, written
`{name}` in a pattern; those of `lexicons/parts.yaml` are everyone's) and `defaults` (fields of every entry that does
not set them).
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
from huiyin.taggers.analysis import AnalysedTurn, CueHit, Qualifier

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
    own_words: bool = False


@dataclass(frozen=True, slots=True)
class RuleMatch:
    rule: Rule
    start: int
    end: int
    stance: Stance
    qualifiers: frozenset[Qualifier]


NEGATION_REACH = 6
"""Characters from a negation to the words that it denies, for phrases with `own_words`."""
CONDITION_REACH = 24
"""Characters from 要是 or 的话 to what hangs on it, for phrases with `own_words`: speech without stops runs on."""
_SPEAKER = re.compile(r"我(?!们?(?:同事|朋友|哥|弟|姐|妹|叔|舅|姨|姑|表|堂|邻居|同学|领导|老板|那))")
_KNOWN = {"id", "value", "pattern", "score", "stance", "unless", "flip", "example", "counter", "own_words"}
_PART = re.compile(r"\{([a-z_]+)\}")


@cache
def _parts(tag: str) -> Mapping[str, str]:
    """Named pieces of patterns, everyone's and the lexicon's own, with the pieces inside them filled in."""
    raw = {**load("parts"), **load(tag).get("parts", {})}
    out: dict[str, str] = {}
    for name, pattern in raw.items():
        out[name] = "(?:" + _fill(tag, pattern, out) + ")"
    return out


def _fill(tag: str, pattern: str, parts: Mapping[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        try:
            return parts[match[1]]
        except KeyError:
            raise LexiconError(
                f"lexicons/{tag}.yaml: no part is named {match[1]!r} (or not yet) in {pattern}"
            ) from None

    return _PART.sub(part, pattern)


def pattern_of(tag: str, pattern: str) -> re.Pattern[str]:
    """A pattern of a tag's lexicon, its `{parts}` filled in, compiled."""
    return re.compile(_fill(tag, pattern, _parts(tag)))


def compile_rule(tag: str, entry: Mapping[str, Any]) -> Rule:
    """One entry as a Rule. Raises LexiconError that names the file and the entry."""
    try:
        unless = entry.get("unless")
        return Rule(
            id=entry["id"],
            value=entry.get("value", {}),
            pattern=pattern_of(tag, entry["pattern"]),
            score=float(entry["score"]),
            stance=Stance(entry.get("stance", "affirmed")),
            unless=DEFAULT_UNLESS if unless is None else frozenset(Qualifier(q) for q in unless),
            flip=frozenset(Qualifier(q) for q in entry.get("flip", ())),
            example=entry["example"],
            counter=entry.get("counter"),
            extra={k: v for k, v in entry.items() if k not in _KNOWN},
            own_words=bool(entry.get("own_words", False)),
        )
    except KeyError as error:
        raise LexiconError(f"lexicons/{tag}.yaml: rule {entry.get('id', entry)}: {error} is missing") from None
    except (ValueError, re.error) as error:
        raise LexiconError(f"lexicons/{tag}.yaml: rule {entry.get('id', entry)}: {error}") from error


@cache
def rules(tag: str, section: str = "rules") -> tuple[Rule, ...]:
    """The rules of a tag's lexicon, in file order."""
    defaults = load(tag).get("defaults", {})
    return tuple(compile_rule(tag, {**defaults, **entry}) for entry in load(tag).get(section, ()))


def match_rules(tag: str, turn: AnalysedTurn, *, section: str = "rules") -> Iterator[RuleMatch]:
    """All matches of a tag's rules in a turn that its context lets stand."""
    for rule in rules(tag, section):
        for match in rule.pattern.finditer(turn.text):
            if match.end() == match.start() or _quoted(turn, match.start(), match.end()):
                continue
            qualifiers = qualifiers_of(rule, turn, match.start(), match.end())
            flipped = bool(qualifiers & rule.flip)
            if (qualifiers - rule.flip) & rule.unless:
                continue
            stance = rule.stance
            if flipped:
                stance = Stance.NEGATED if stance is Stance.AFFIRMED else Stance.AFFIRMED
            yield RuleMatch(rule, match.start(), match.end(), stance, qualifiers)


def qualifiers_of(rule: Rule, turn: AnalysedTurn, start: int, end: int) -> frozenset[Qualifier]:
    """The qualifiers over a match; with `own_words`, without the cues that do not bear on the phrase.

    A condition far ahead is that of another clause. A negation that begins inside the match belongs to the phrase,
    and one far ahead of it denies something nearer.
    Somebody else named inside the match or after it is not who it is told of (in Chinese the subject comes first),
    nor is he once the speaker has said 我.
    """
    cues = [c for clause in turn.clauses for c in clause.cues if c.scope[0] < end and start < c.scope[1]]
    if rule.own_words:
        cues = [c for c in cues if not _bears_not(turn.text, c, start, end)]
    return frozenset(c.qualifier for c in cues)


def _bears_not(text: str, cue: CueHit, start: int, end: int) -> bool:
    if cue.qualifier is Qualifier.NEGATED:
        return start <= cue.start < end or start - cue.end > NEGATION_REACH
    if cue.qualifier is Qualifier.HYPOTHETICAL:
        return start - cue.end > CONDITION_REACH
    if cue.qualifier is Qualifier.OTHER_PERSON:
        return start <= cue.start or _SPEAKER.search(text, cue.end, start + 1) is not None
    return False


def _quoted(turn: AnalysedTurn, start: int, end: int) -> bool:
    low, high = turn.to_raw(start, end)
    return any(a < high and low < b for a, b in turn.turn.quoted)

"""Context cues: negation, hypothesis, past, other people, reported speech, questions, irony, postponing.

Cues are data (lexicons/context/*.yaml): `words` or a `pattern`, a `reach` (forward: from the cue to the clause's
end; backward: from the clause's start to the cue; clause: all of it; sentence: this clause and the ones after it
up to the sentence's end) and `unless`, contexts in which the cue means nothing ("不错" negates nothing).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from huiyin.lexicon import load
from huiyin.taggers.analysis import Clause, CueHit, Qualifier
from huiyin.taggers.clauses import split_clauses

FILES = {
    "negation": Qualifier.NEGATED,
    "hypothesis": Qualifier.HYPOTHETICAL,
    "past": Qualifier.PAST,
    "other_person": Qualifier.OTHER_PERSON,
    "reported": Qualifier.REPORTED,
    "question": Qualifier.QUESTION,
    "asks_what": Qualifier.ASKS_WHAT,
    "asks_how": Qualifier.ASKS_HOW,
    "rhetorical": Qualifier.RHETORICAL,
    "joke": Qualifier.JOKE,
    "postponed": Qualifier.POSTPONED,
}
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")


@dataclass(frozen=True, slots=True)
class Cue:
    id: str
    qualifier: Qualifier
    pattern: re.Pattern[str]
    reach: str


def _compile(entry: dict[str, object]) -> re.Pattern[str]:
    parts = []
    words = entry.get("words") or []
    assert isinstance(words, list)
    if words:
        parts.append("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    if entry.get("pattern"):
        parts.append(str(entry["pattern"]))
    body = "(?:" + "|".join(parts) + ")"
    before = str(entry.get("not_after") or "")
    after = str(entry.get("not_before") or "")
    return re.compile((f"(?<!{before})" if before else "") + body + (f"(?!{after})" if after else ""))


@cache
def cues() -> tuple[Cue, ...]:
    return tuple(
        Cue(entry["id"], qualifier, _compile(entry), entry.get("reach", "forward"))
        for name, qualifier in FILES.items()
        for entry in load(f"context/{name}")["entries"]
    )


def analyse_clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a turn, each with the cues whose scope reaches into it."""
    borders = split_clauses(text)
    found: list[CueHit] = []
    for cue in cues():
        for match in cue.pattern.finditer(text):
            scope = _scope(cue.reach, match.start(), match.end(), borders, text)
            if scope is not None:
                found.append(CueHit(cue.qualifier, cue.id, match.start(), match.end(), scope))
    found = _undo_double_negation(text, found)
    return tuple(
        Clause(a, b, text[a:b], tuple(c for c in found if c.scope[0] < b and a < c.scope[1])) for a, b in borders
    )


def _scope(reach: str, start: int, end: int, borders: list[tuple[int, int]], text: str) -> tuple[int, int] | None:
    here = next(((a, b) for a, b in borders if a <= start < b), None)
    if here is None:
        # a cue may be punctuation itself (a question mark): it speaks of the clause before it
        here = next(((a, b) for a, b in reversed(borders) if b <= start), None)
        if here is None:
            return None
    if reach == "forward":
        return (start, max(here[1], end))
    if reach == "backward":
        return (here[0], end)
    if reach == "clause":
        return here
    stop = _SENTENCE_END.search(text, end)
    return (here[0], stop.start() if stop else len(text))


_DOUBLE = re.compile(
    r"(?:不是|并不是|也不是|没有|不能|又不是)(?:说)?(?:不|没)(?:想|要|愿意|考虑|感兴趣|打算)|不得不|不能不|非.{1,6}不可"
)


def _undo_double_negation(text: str, found: list[CueHit]) -> list[CueHit]:
    """'不是不想开' denies the refusal: the negations inside such a phrase negate nothing."""
    doubles = [(m.start(), m.end()) for m in _DOUBLE.finditer(text)]
    if not doubles:
        return found
    return [
        c
        for c in found
        if c.qualifier is not Qualifier.NEGATED or not any(a <= c.start and c.end <= b + 1 for a, b in doubles)
    ]

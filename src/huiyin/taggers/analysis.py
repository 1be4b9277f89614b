"""What the shared components find in a conversation, as frozen values that all taggers read.

All offsets here are characters of `AnalysedTurn.text`, the text after repair and folding; `AnalysedTurn.to_raw`
maps them back to the raw text, which alone may stand in a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from huiyin.domain.conversation import Conversation, Speaker, Turn
from huiyin.domain.tag import Repair
from huiyin.taggers.values.amounts import AmountSpan
from huiyin.taggers.values.institutions import InstitutionSpan
from huiyin.taggers.values.times import TimeSpan


class Qualifier(StrEnum):
    """What a cue says about the words in its scope (design.md, rule 2)."""

    NEGATED = "negated"
    HYPOTHETICAL = "hypothetical"
    PAST = "past"
    OTHER_PERSON = "other_person"
    REPORTED = "reported"
    QUESTION = "question"  # any question
    ASKS_WHAT = "asks_what"  # what is it
    ASKS_HOW = "asks_how"  # what it takes, costs, how to get it
    RHETORICAL = "rhetorical"
    JOKE = "joke"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class TermHit:
    """A lexicon term in the text. `group` is the lexicon (a tag key), `entry` its id there."""

    group: str
    entry: str
    value: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CueHit:
    qualifier: Qualifier
    entry: str
    start: int
    end: int
    scope: tuple[int, int]  # the characters it speaks about


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch in which a cue holds; ends at punctuation, a space of unpunctuated text, or a turning word."""

    start: int
    end: int
    text: str
    cues: tuple[CueHit, ...] = ()

    def qualifiers(self, start: int | None = None, end: int | None = None) -> frozenset[Qualifier]:
        """The qualifiers whose scope touches [start, end) (default: the whole clause)."""
        low = self.start if start is None else start
        high = self.end if end is None else end
        return frozenset(c.qualifier for c in self.cues if c.scope[0] < high and low < c.scope[1])


@dataclass(frozen=True)
class AnalysedTurn:
    """A turn with everything the shared components found in it."""

    turn: Turn
    moment: datetime
    text: str
    to_raw: Callable[[int, int], tuple[int, int]]
    repairs: tuple[Repair, ...]
    tokens: tuple[tuple[int, int], ...]  # jieba words as [start, end)
    clauses: tuple[Clause, ...]
    terms: tuple[TermHit, ...]
    amounts: tuple[AmountSpan, ...]
    times: tuple[TimeSpan, ...]
    institutions: tuple[InstitutionSpan, ...]

    @property
    def index(self) -> int:
        return self.turn.turn

    @property
    def speaker(self) -> Speaker:
        return self.turn.speaker

    @property
    def is_client(self) -> bool:
        return self.turn.speaker is Speaker.CLIENT

    @property
    def is_advisor(self) -> bool:
        return self.turn.speaker is Speaker.ADVISOR

    def clause_at(self, offset: int) -> Clause | None:
        """The clause that holds the character at `offset`."""
        return next((c for c in self.clauses if c.start <= offset < c.end), None)

    def qualifiers(self, start: int, end: int) -> frozenset[Qualifier]:
        """Qualifiers over [start, end) from every clause it touches."""
        out: set[Qualifier] = set()
        for clause in self.clauses:
            if clause.start < end and start < clause.end:
                out |= clause.qualifiers(start, end)
        return frozenset(out)

    def hits(self, group: str) -> tuple[TermHit, ...]:
        return tuple(h for h in self.terms if h.group == group)


class Reply(StrEnum):
    """What a short answer does to the question before it."""

    YES = "yes"
    NO = "no"
    LISTENING = "listening"  # 嗯嗯 to a monologue: assents to nothing
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question or proposal of one speaker and the first answer of the other."""

    asked: tuple[int, ...]  # turns of the asker, in order
    answered: int
    reply: Reply


@dataclass(frozen=True)
class Analysis:
    """A conversation, analysed. Turns that are no evidence (recalled, other speakers) are kept and marked empty."""

    conversation: Conversation
    turns: tuple[AnalysedTurn, ...]
    exchanges: tuple[Exchange, ...] = field(default=())

    def client_turns(self) -> Iterator[AnalysedTurn]:
        return (t for t in self.turns if t.is_client)

    def advisor_turns(self) -> Iterator[AnalysedTurn]:
        return (t for t in self.turns if t.is_advisor)

    def exchange_answered_at(self, turn: int) -> Exchange | None:
        """The exchange in which `turn` is the answer."""
        return next((e for e in self.exchanges if e.answered == turn), None)

    def focus(self, group: str, before: int, *, offset: int | None = None, reach: int = 6) -> TermHit | None:
        """The thing of `group` last spoken of, by either side, in turn `before` ahead of `offset` or in the
        `reach` turns before it: what 那个 or an ellipsis resolves to."""
        found = self.focus_with_turn(group, before, offset=offset, reach=reach)
        return found[1] if found else None

    def focus_with_turn(
        self, group: str, before: int, *, offset: int | None = None, reach: int = 6
    ) -> tuple[int, TermHit] | None:
        """As `focus`, with the turn in which the thing was named."""
        for index in range(before, max(-1, before - reach - 1), -1):
            hits = self.turns[index].hits(group)
            if index == before:
                hits = tuple(h for h in hits if h.end <= offset) if offset is not None else ()
            if hits:
                return index, hits[-1]
        return None

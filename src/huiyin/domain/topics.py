"""The words by which one hears what a conversation is about (`lexicons/topics.yaml`), compiled once.

`TopicData` is the file as records; `TopicBook` answers questions of single utterances. What a lead asks of a whole
conversation stands in `domain/subjects.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from pydantic import AliasChoices, Field

from huiyin.domain.record import Record

_NEVER = re.compile(r"(?!)")
_SHORT_REPLY = 24
_LONGEST_MARK = 12
_MARK_STARTS = frozenset(" \t[【（(<*….。，,?？x×")
_CLAUSES = re.compile(r"[，,。！？!?；;\n]")


class Phrases(Record):
    """Words as they stand, and regular expressions; `not` takes a hit back."""

    id: str
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    not_: tuple[str, ...] = Field(default=(), validation_alias=AliasChoices("not", "not_"))
    near: str | None = None
    example: str | None = None
    counter: str | None = None


class Topic(Phrases):
    tag: str
    key: str | None = None


class External(Record):
    maturity: Phrases
    heads: Phrases
    loose_heads: Phrases
    types: dict[str, Phrases]


class Sent(Record):
    kinds: tuple[str, ...]
    marks: tuple[str, ...]
    said: Phrases
    noted: Phrases


class Entry(Record):
    id: str
    pattern: str
    example: str


class Teaching(Record):
    lessons: tuple[Entry, ...]
    later: str
    explains: str
    terms: tuple[Phrases, ...]
    rules: tuple[Entry, ...]


class ChatMarks(Record):
    events: tuple[str, ...]
    calls: tuple[str, ...]
    call_marks: tuple[str, ...]
    call_unanswered: str
    wordless_kinds: tuple[str, ...]
    wordless: str
    unintelligible: str
    automatic: str


class TopicData(Record):
    """What `lexicons/topics.yaml` holds."""

    topics: tuple[Topic, ...]
    external: External
    offers: Phrases
    brush_off: Phrases
    takes_up: Phrases
    deflect: Phrases
    sent: Sent
    report: Phrases
    meeting: Phrases
    promise_stop: tuple[str, ...]
    teaching: Teaching
    chat: ChatMarks


class Said(NamedTuple):
    """An utterance or message as the audit hears it: who, when, what."""

    turn: int
    firm: bool
    at: datetime
    text: str
    kind: str


def alternation(words: Iterable[str], patterns: Iterable[str] = ()) -> re.Pattern[str]:
    """One pattern for all, longest word first, case aside; of nothing at all: one that never matches."""
    parts = [_word(w) for w in sorted(set(words), key=len, reverse=True)] + [f"(?:{p})" for p in patterns]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else _NEVER


def _word(word: str) -> str:
    """A Latin word must not be a piece of a longer one (PE in "OPEN"); Chinese has no borders to ask for."""
    head = r"(?<![A-Za-z])" if word[:1].isascii() and word[:1].isalpha() else ""
    tail = r"(?![A-Za-z])" if word[-1:].isascii() and word[-1:].isalpha() else ""
    return head + re.escape(word) + tail


class Matcher:
    """Hears phrases in a text; a hit is void where a phrase that takes it back stands in the same clause."""

    def __init__(self, hears: re.Pattern[str], but_not: re.Pattern[str] | None = None) -> None:
        self._hears = hears
        self._but_not = but_not

    @classmethod
    def of(cls, phrases: Phrases) -> Matcher:
        voids = alternation((), phrases.not_) if phrases.not_ else None
        return cls(alternation(phrases.words, phrases.patterns), voids)

    def hears(self, text: str) -> bool:
        if self._hears.search(text) is None:
            return False
        if self._but_not is None or self._but_not.search(text) is None:
            return True
        return any(self._hears.search(c) and not self._but_not.search(c) for c in _CLAUSES.split(text))


_DEAF = Matcher(_NEVER)


class TopicBook:
    """The compiled words. `institutions`: each canonical name with the other names it goes by."""

    def __init__(self, data: TopicData, institutions: Mapping[str, Sequence[str]] | None = None) -> None:
        self._institutions = {name: tuple(names) for name, names in (institutions or {}).items()}
        self._external = data.external
        self._topics: dict[tuple[str, str | None], Matcher] = {}
        for topic in data.topics:
            self._topics[topic.tag, topic.key] = Matcher.of(topic)
        self._offer_words = alternation(data.offers.words)
        self._offer_made = alternation((), data.offers.patterns)
        self._brush_off, self._deflect = Matcher.of(data.brush_off), Matcher.of(data.deflect)
        self._takes_up = Matcher.of(data.takes_up)
        self._sent, self._sent_noted = Matcher.of(data.sent.said), Matcher.of(data.sent.noted)
        self._sent_kinds, self._sent_marks = frozenset(data.sent.kinds), data.sent.marks
        self._report = Matcher.of(data.report)
        self.meeting = Matcher.of(data.meeting)
        self._stop = alternation((), data.promise_stop)
        teaching = data.teaching
        self._lesson = alternation((), (e.pattern for e in teaching.lessons))
        self._later, self._explains = re.compile(teaching.later), re.compile(teaching.explains)
        self._terms = tuple((t.id, alternation(t.words)) for t in teaching.terms)
        self._rules = tuple((r.id, re.compile(r.pattern, re.IGNORECASE)) for r in teaching.rules)
        self.chat = data.chat
        self._wordless = re.compile(data.chat.wordless)
        self._unintelligible = re.compile(data.chat.unintelligible, re.IGNORECASE)
        self._automatic = re.compile(data.chat.automatic)
        self._unanswered = re.compile(data.chat.call_unanswered)
        self._external_pattern = lru_cache(maxsize=4096)(self._compile_external)

    def topic(self, tag: str, key: str | None) -> Matcher:
        """The words of a tag type and discriminator; what hears nothing where none are known."""
        return self._topics.get((tag, key)) or self._topics.get((tag, None)) or _DEAF

    def topics_in(self, text: str) -> frozenset[tuple[str, str | None]]:
        """Every topic whose words the text holds."""
        return frozenset(key for key, topic in self._topics.items() if topic.hears(text))

    def external(self, institution: str | None, kind: str | None, product: str | None) -> Matcher:
        """The words that name an institution, a product there, or its maturity; its kind where no name is known."""
        return self._external_pattern(institution, kind, product)

    def _compile_external(self, institution: str | None, kind: str | None, product: str | None) -> Matcher:
        data = self._external
        words = set(data.maturity.words)
        patterns = list(data.maturity.patterns)
        if institution:
            words |= {institution, *self._institutions.get(institution, ())}
            for tail in ("银行", "证券", "基金", "保险", "信托"):
                stem = institution.removesuffix(tail)
                if len(stem) >= 2:
                    words.add(stem)
        elif kind and kind in data.types:
            words |= set(data.types[kind].words)
        if product:
            words |= {product} - set(data.loose_heads.words)
            words |= {head for head in data.heads.words if head in product}
            loose = [head for head in data.loose_heads.words if head in product]
            patterns += [f"{data.loose_heads.near}{re.escape(head)}" for head in loose]
        return Matcher(alternation(words, patterns))

    def offers_product(self, said: Said) -> bool:
        return said.firm and bool(self._offer_words.search(said.text) and self._offer_made.search(said.text))

    def brushes_off(self, text: str) -> bool:
        """Whether a reply leaves the conversation and says nothing besides."""
        return len(text) <= _SHORT_REPLY and self._brush_off.hears(text) and not self._takes_up.hears(text)

    def deflects(self, text: str) -> bool:
        return self._deflect.hears(text)

    def is_material(self, said: Said) -> bool:
        """A file or link of the firm's, or its words that something was sent."""
        if not said.firm:
            return False
        if said.kind in self._sent_kinds or any(mark in said.text for mark in self._sent_marks):
            return True
        return self.says_sent(said.text)

    def says_sent(self, text: str) -> bool:
        return self._sent.hears(text)

    def notes_sent(self, note: str) -> bool:
        """Whether a note logged by hand tells that something was sent."""
        return self._sent.hears(note) or self._sent_noted.hears(note)

    def says_report(self, text: str) -> bool:
        return self._report.hears(text)

    def contents(self, promise: str) -> frozenset[str]:
        """The pairs of characters that carry a promise's own matter, once what every promise holds is taken out."""
        pieces = self._stop.split(promise)
        return frozenset(p[i : i + 2] for p in pieces if p for i in range(len(p) - 1))

    def gives_lesson(self, said: Said) -> bool:
        return said.firm and bool(self._lesson.search(said.text)) and not self._later.search(said.text)

    def explained(self, said: Said) -> frozenset[str]:
        """Ids of the terms and rules that an utterance of the firm explains."""
        if not said.firm:
            return frozenset()
        found = {rule for rule, pattern in self._rules if pattern.search(said.text)}
        for clause in re.split(r"[。！？!?；;\n]", said.text):
            found |= self._terms_explained(clause)
        return frozenset(found)

    def _terms_explained(self, clause: str) -> set[str]:
        """Terms with an explanation between them and the next term."""
        hits = sorted((m.start(), m.end(), term) for term, pattern in self._terms for m in pattern.finditer(clause))
        found = set()
        for index, (_, end, term) in enumerate(hits):
            stop = next((start for start, _, other in hits[index + 1 :] if start >= end and other != term), None)
            if self._explains.search(clause[end : (stop or len(clause)) + 2]):
                found.add(term)
        return found

    def is_call(self, kind: str, text: str) -> bool:
        return kind in self.chat.calls or text.lstrip().startswith(self.chat.call_marks)

    def call_unanswered(self, text: str) -> bool:
        return bool(self._unanswered.search(text))

    def is_nobodys(self, kind: str, text: str) -> bool:
        """A message that the system wrote."""
        return kind in self.chat.events or bool(self._automatic.match(text))

    def lacks_words(self, kind: str, text: str) -> bool:
        """A voice message that nobody wrote down."""
        return bool(self._wordless.match(text)) or (kind in self.chat.wordless_kinds and not text.strip())

    def is_unintelligible(self, text: str) -> bool:
        """What a recogniser leaves where it understood nothing; blank counts as well."""
        if len(text) > _LONGEST_MARK and text[0] not in _MARK_STARTS:
            return False
        return bool(self._unintelligible.match(text))

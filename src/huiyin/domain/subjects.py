"""Whether a conversation or a note speaks of a lead's subject (spec/audit.md, "Contact", on topic)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from huiyin.domain.lead import ContactReason
from huiyin.domain.record import SHANGHAI
from huiyin.domain.tag import Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.domain.topics import Matcher, Said, TopicBook

_AT_ONCE = timedelta(minutes=1)
_NO_TIME = datetime.min.replace(tzinfo=SHANGHAI)
_QUESTION = re.compile(r"[?？]|吗|呢|多少|什么|怎么|哪")
_STRONG_MENTIONS = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What a lead is about. `matter` and `topics` belong to promises: what was promised, in the promise's words."""

    tag: str
    key: str | None
    institution: str | None = None
    institution_type: str | None = None
    product: str | None = None
    matter: frozenset[str] = frozenset()
    topics: frozenset[tuple[str, str | None]] = frozenset()

    @property
    def any_reached(self) -> bool:
        """Any reached contact is on topic for a callback or a promise to call."""
        return self.tag == "contact_time" or (self.tag == "advisor_commitment" and self.key == "call_back")

    @property
    def wants_material(self) -> bool:
        return self.tag == "advisor_commitment" and self.key == "send_material"

    @property
    def wants_report(self) -> bool:
        return self.tag == "advisor_commitment" and not self.any_reached and not self.wants_material

    @property
    def wants_teaching(self) -> bool:
        return self.tag == "experience_level"

    @property
    def takes_education(self) -> bool:
        return self.wants_material or self.wants_teaching


@dataclass(frozen=True, slots=True)
class Verdict:
    reason: ContactReason
    turns: tuple[int, ...] = ()
    weak: bool = False


def subject_of(
    tag: str, key: str | None, value: Mapping[str, Any], *, book: TopicBook, quote: str = "", around: Sequence[str] = ()
) -> Subject:
    """The subject of a lead; `quote` and `around` are a promise's words and the turns beside them."""
    if tag == "external_assets":
        return Subject(tag, key, value.get("institution"), value.get("institution_type"), value.get("product"))
    if tag == "advisor_commitment":
        topics = frozenset().union(*(book.topics_in(text) for text in (quote, *around)))
        return Subject(tag, key, matter=book.contents(quote), topics=topics)
    return Subject(tag, key)


def same_subject(subject: Subject, tag: Tag) -> bool:
    """Whether a tag of a contact's conversation has the lead's key, of either stance."""
    if tag.tag != subject.tag:
        return False
    if TAG_TYPES[tag.tag].discriminate(tag.value) == subject.key:
        return True
    return tag.tag == "external_assets" and same_assets(
        (subject.institution, subject.institution_type),
        (tag.value.get("institution"), tag.value.get("institution_type")),
    )


Named = tuple[str | None, str | None]
"""Where money lies: the institution and its type."""


def same_assets(one: Named, other: Named) -> bool:
    """The discriminator of external assets: the institution where both name one, else its type (spec/tags.md).

    What names neither speaks of everything that lies elsewhere.
    """
    if (None, None) in (one, other):
        return True
    if one[0] and other[0]:
        return one[0] == other[0]
    return one[1] is not None and one[1] == other[1]


def judge_talk(subject: Subject, said: Sequence[Said], tags: Sequence[Tag], book: TopicBook) -> Verdict | None:
    """Why a reached conversation is on topic, with the turns that show it; None where it is not."""
    if subject.any_reached:
        return Verdict(ContactReason.ANY_REACHED)
    if subject.wants_material:
        return material(said, book)
    if subject.wants_teaching:
        return _teaching(said, book)
    if subject.wants_report:
        return _report(subject, said, book)
    turns = sorted({turn for tag in tags if same_subject(subject, tag) for turn in tag.turns})
    if turns:
        return Verdict(ContactReason.SAME_TAG, tuple(turns))
    words = _words(subject, book)
    offers = subject.tag == "idle_funds"
    return _taken_up(said, lambda s: words.hears(s.text) or (offers and book.offers_product(s)), book)


def judge_note(subject: Subject, note: str, book: TopicBook) -> Verdict | None:
    """Why a note logged by hand is on topic. An empty one never is (spec)."""
    text = note.strip()
    if not text:
        return None
    if subject.any_reached:
        return Verdict(ContactReason.ANY_REACHED)
    said = Said(0, True, _NO_TIME, text, "text")
    if subject.wants_material:
        found = book.is_material(said) or book.notes_sent(text)
    elif subject.wants_teaching:
        found = book.gives_lesson(said) or len(book.explained(said)) >= 2
    elif subject.wants_report:
        found = book.says_report(text) or _speaks_of_matter(subject, text, book)
    else:
        found = _words(subject, book).hears(text)
        found = found or (subject.tag == "idle_funds" and book.offers_product(said))
    return Verdict(ContactReason.NOTE_ON_TOPIC) if found else None


def material(said: Sequence[Said], book: TopicBook) -> Verdict | None:
    """The first material sent."""
    found = next((s for s in said if book.is_material(s)), None)
    return Verdict(ContactReason.MATERIAL_SENT, (found.turn,)) if found else None


def kept_later(
    subject: Subject, said: Sequence[Said], promised_at: datetime, book: TopicBook
) -> tuple[Said, Verdict] | None:
    """What the firm sent later in the chat of the promise that keeps it; `said` follows the promise."""
    for one in said:
        if not one.firm:
            continue
        if subject.wants_material:
            if book.is_material(one):
                return one, Verdict(ContactReason.MATERIAL_SENT, (one.turn,))
        elif subject.wants_report:
            told = one.at - promised_at >= _AT_ONCE and not _QUESTION.search(one.text)
            if book.says_report(one.text) or (told and _speaks_of_matter(subject, one.text, book)):
                return one, Verdict(ContactReason.MATTER_REPORTED, (one.turn,))
        elif book.is_call(one.kind, one.text) and not book.call_unanswered(one.text):
            return one, Verdict(ContactReason.ANY_REACHED, (one.turn,))
    return None


def _words(subject: Subject, book: TopicBook) -> Matcher:
    if subject.tag == "external_assets":
        return book.external(subject.institution, subject.institution_type, subject.product)
    return book.topic(subject.tag, subject.key)


def _taken_up(said: Sequence[Said], raises: Callable[[Said], bool], book: TopicBook) -> Verdict | None:
    """One side raises the subject, the other takes it up; a passing mention suffices and is marked weak."""
    raised = [raises(s) for s in said]
    weak: tuple[int, ...] | None = None
    for index, hit in enumerate(raised):
        if not hit:
            continue
        answer = next((j for j in range(index + 1, len(said)) if said[j].firm != said[index].firm), None)
        if answer is None or not said[answer].text.strip() or book.deflects(said[answer].text):
            continue
        if raised[answer]:
            return Verdict(ContactReason.TOPIC_WORDS, (said[index].turn, said[answer].turn))
        if weak is None and not book.brushes_off(said[answer].text):
            weak = (said[index].turn, said[answer].turn)
    if weak is None:
        return None
    return Verdict(ContactReason.TOPIC_WORDS, weak, weak=sum(raised) < _STRONG_MENTIONS)


def _report(subject: Subject, said: Sequence[Said], book: TopicBook) -> Verdict | None:
    def raises(one: Said) -> bool:
        if one.firm and book.says_report(one.text):
            return True
        return _speaks_of_matter(subject, one.text, book)

    found = _taken_up(said, raises, book)
    if found is None or not any(s.firm and raises(s) for s in said):
        return None  # the client asked, and the firm told nothing
    return Verdict(ContactReason.MATTER_REPORTED, found.turns, found.weak)


def _speaks_of_matter(subject: Subject, text: str, book: TopicBook) -> bool:
    if subject.key == "arrange_meeting" and book.meeting.hears(text):
        return True
    if any(book.topic(*topic).hears(text) for topic in subject.topics):
        return True
    shared = sum(pair in text for pair in subject.matter)
    return shared >= 2 or (shared == 1 and len(subject.matter) == 1)


def _teaching(said: Sequence[Said], book: TopicBook) -> Verdict | None:
    """A lesson, or two terms or rules explained."""
    lesson = next((s for s in said if book.gives_lesson(s)), None)
    if lesson is not None:
        return Verdict(ContactReason.TEACHING, (lesson.turn,))
    explained: set[str] = set()
    turns = []
    for one in said:
        if new := book.explained(one) - explained:
            explained |= new
            turns.append(one.turn)
    return Verdict(ContactReason.TEACHING, tuple(turns)) if len(explained) >= 2 else None

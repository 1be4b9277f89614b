"""The shared spaCy components: repair, terms, amounts, times, institutions, context.

A turn becomes a spaCy `Doc` over jieba words (used for word borders; terms are matched on characters). Each
component writes its findings to `doc.user_data` under its own key; `analyse` collects them as frozen values.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import jieba
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from huiyin.domain.calendar import TradingCalendar
from huiyin.domain.conversation import Conversation, Speaker, Turn
from huiyin.domain.tag import Repair
from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.context import analyse_clauses
from huiyin.taggers.dialogue import find_exchanges
from huiyin.taggers.terms import matcher
from huiyin.taggers.values.amounts import find_amounts
from huiyin.taggers.values.institutions import find_institutions
from huiyin.taggers.values.repair import repair
from huiyin.taggers.values.times import find_times

COMPONENTS = ("huiyin_terms", "huiyin_institutions", "huiyin_amounts", "huiyin_times", "huiyin_context")


class JiebaTokenizer:
    """Words of jieba whose concatenation is the text itself, whatever the string holds."""

    def __init__(self, vocab: Any) -> None:
        self.vocab = vocab
        jieba.setLogLevel(60)

    def __call__(self, text: str) -> Doc:
        words = [w for w in jieba.cut(text) if w]
        if "".join(words) != text:
            words = list(text)
        return Doc(self.vocab, words=words, spaces=[False] * len(words))

    def to_bytes(self, **_: Any) -> bytes:
        return b""

    def from_bytes(self, _: bytes, **__: Any) -> JiebaTokenizer:
        return self


def _component(name: str, find: Callable[[Doc], Any]) -> None:
    def factory(nlp: Language, name: str) -> Callable[[Doc], Doc]:
        def run(doc: Doc) -> Doc:
            doc.user_data[name] = find(doc)
            return doc

        return run

    Language.factory(name, func=factory)


_component("huiyin_terms", lambda doc: matcher().find(doc.text))
_component("huiyin_institutions", lambda doc: tuple(find_institutions(doc.text)))
_component("huiyin_amounts", lambda doc: tuple(find_amounts(doc.text)))
_component(
    "huiyin_times",
    lambda doc: tuple(find_times(doc.text, anchor=doc.user_data["anchor"], calendar=doc.user_data["calendar"])),
)
_component("huiyin_context", lambda doc: analyse_clauses(doc.text))


@cache
def build_nlp() -> Language:
    """The spaCy pipeline: blank Chinese, jieba words, our components in order."""
    nlp = spacy.blank("zh")
    nlp.tokenizer = JiebaTokenizer(nlp.vocab)
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


def analyse(conversation: Conversation, calendar: TradingCalendar) -> Analysis:
    """The conversation with everything the shared components found in it."""
    turns = tuple(_analyse_turn(conversation, t, calendar) for t in conversation.turns)
    return Analysis(conversation=conversation, turns=turns, exchanges=find_exchanges(turns))


def _analyse_turn(conversation: Conversation, turn: Turn, calendar: TradingCalendar) -> AnalysedTurn:
    moment: datetime = conversation.moment(turn.start)
    evidence = not turn.recalled and turn.speaker is not Speaker.OTHER
    repaired = repair(turn.text if evidence else "", finance_context=True)
    nlp = build_nlp()
    doc = nlp.make_doc(repaired.text)
    doc.user_data["anchor"] = moment
    doc.user_data["calendar"] = calendar
    for _, component in nlp.pipeline:
        doc = component(doc)
    return AnalysedTurn(
        turn=turn,
        moment=moment,
        text=repaired.text,
        to_raw=repaired.to_raw,
        repairs=tuple(
            Repair(turn=turn.turn, start=r.start, end=r.end, raw=r.raw, term=r.term) for r in repaired.repairs
        ),
        tokens=tuple((t.idx, t.idx + len(t)) for t in doc),
        clauses=doc.user_data["huiyin_context"],
        terms=doc.user_data["huiyin_terms"],
        amounts=doc.user_data["huiyin_amounts"],
        times=doc.user_data["huiyin_times"],
        institutions=doc.user_data["huiyin_institutions"],
    )

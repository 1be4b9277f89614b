"""Taggers of attitudes that are told by phrases, or by a yes to the advisor's question (risk, experience)."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.taggers.analysis import AnalysedTurn, Analysis, Reply
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.rules import RuleMatch, match_rules, rules


def spoken(tag: str, analysis: Analysis) -> Iterator[tuple[AnalysedTurn, RuleMatch, Candidate]]:
    """Each match of the tag's rules in a client's turn with its candidate, the question before it as support."""
    for turn in analysis.client_turns():
        for match in match_rules(tag, turn):
            yield turn, match, candidate_from(tag, turn.index, match)


def assented(tag: str, analysis: Analysis) -> Iterator[Candidate]:
    """What section `asked` finds in an advisor's question that the client answers with yes."""
    for exchange in analysis.exchanges:
        answer = analysis.turns[exchange.answered]
        if not answer.is_client or exchange.reply is not Reply.YES:
            continue
        for index in exchange.asked:
            asked = analysis.turns[index]
            for rule in rules(tag, "asked"):
                match = rule.pattern.search(asked.text)
                if match:
                    yield Candidate(
                        tag=tag,
                        value=rule.value,
                        quote=Span(answer.index, 0, len(answer.text)),
                        support=(Span(index, match.start(), match.end()),),
                        rule=rule.id,
                        score=rule.score,
                        qualifiers=("assent",),
                    )

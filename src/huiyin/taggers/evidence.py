"""Evidence for and against one thing in one block of a client's turns, weighed into a stance.

The gates say which acts count at all (his own, meant, about this thing); `weigh` joins those that do by noisy-or and
lets what he said last and clearly decide (spec/tags.md: "the last word counts").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from huiyin.domain.tag import Stance
from huiyin.taggers.analysis import AnalysedTurn, Qualifier
from huiyin.taggers.attitudes import Act, Block, Mention, Offer, about_other
from huiyin.taggers.candidate import Candidate, Span

Piece = tuple[Act, Mention]
FOR = frozenset({"want", "ask", "blocked", "like", "habit", "accept"})
AGAINST = frozenset({"refuse", "dislike"})
FLAT = 6
"""A refusal that begins within so many characters of an answer is flat: what is asked after it is rhetoric."""
DISLIKE_ALONE = 0.5
"""What an answer that only runs an offered thing down weighs at least to be a refusal."""
YOU = re.compile(r"(?:你|您|他|她|人家|大家)[^我俺]*$")
THEY = re.compile(r"(?:银行|公司|单位|客服|平台)的人[^我俺你您]*$")
LONG_AGO = re.compile(r"上回|上次|那回|那次|那年|当时|当初|以前|去年|前年|早先|原先")
OBJECT = re.compile(r"把(?!那个|这个|它|那|这|俩|两个|剩下|后面|前面)([^，。？！ ]{1,8})$")
SOMEDAY = re.compile(
    r"(?:要是|等|真要|如果|若是)[^，。]{0,4}哪天|哪天(?:要是|我)?(?:真)?(?:有|中|发|成|站|涨|翻)|有朝一日|下辈子"
    r"|等(?:我|咱|俺)?(?:有了?钱|发了?(?:横|大)?财|发达|中(?:了|个)?(?:大)?奖|暴富|翻身)"
)
LONG_AGO_REACH = 16
"""Characters within which a word of another time makes a 给我弄了 a story."""


@dataclass(frozen=True, slots=True)
class Verdict:
    stance: Stance
    pieces: tuple[Piece, ...]
    weight: float


def noisy_or(weights: Iterable[float]) -> float:
    """1 - Π(1 - w): independent pieces of evidence for one thing."""
    out = 1.0
    for weight in weights:
        out *= 1.0 - weight
    return 1.0 - out


def counts(act: Act, mention: Mention, block: Block, named: dict[int, tuple[Mention, ...]]) -> bool:
    """Whether an act is the client's own and meant: not another person's, not a joke, not a far-off if."""
    turn = next(t for t in block.client if t.index == act.turn)
    if Qualifier.JOKE in turn.qualifiers(act.start, act.end) or _someday(turn, act):
        return False
    offered = all(mention.turn != t.index for t in block.client)
    if act.kind == "refuse" and offered:
        return True
    if act.kind == "want" and _long_ago(turn, act):
        return False
    if (act.kind == "habit" and _told_of(turn, act, YOU)) or (act.kind == "want" and _told_of(turn, act, THEY)):
        return False
    if about_other(turn, act.start, act.end) or _has_other_object(turn, act, named[turn.index]):
        return False
    if offered:
        return True
    said = next(t for t in block.client if t.index == mention.turn)
    return not (about_other(said, mention.start, mention.end) and about_other(turn, act.start, act.end))


def _someday(turn: AnalysedTurn, act: Act) -> bool:
    """等哪天有钱了我就开十个: a far-off if; 保不齐哪天要用 is none."""
    return bool(SOMEDAY.search(turn.text[: act.end]))


def _long_ago(turn: AnalysedTurn, act: Act) -> bool:
    """上回在别家给我勾了八个: told of another time."""
    low = max(turn.text.rfind("。", 0, act.start) + 1, act.start - LONG_AGO_REACH)
    told = "了" in turn.text[act.start : act.end] or "来着" in turn.text[act.end : act.end + 8]
    return told and bool(LONG_AGO.search(turn.text[low : act.start]))


def _told_of(turn: AnalysedTurn, act: Act, who: re.Pattern[str]) -> bool:
    """你们天天喊打新, 银行的人天天给我推保险: somebody else does it."""
    clause = turn.clause_at(act.start)
    return bool(who.search(turn.text[clause.start if clause else 0 : act.start]))


def _has_other_object(turn: AnalysedTurn, act: Act, mentions: Sequence[Mention]) -> bool:
    """你就把过户给我办利索: the act has an object of its own, and it is none of the things."""
    clause = turn.clause_at(act.start)
    before = turn.text[clause.start if clause else 0 : act.start]
    found = OBJECT.search(before)
    if not found:
        return False
    low = act.start - len(before) + found.start(1)
    return not any(m.start < act.start and low < m.end for m in mentions if m.turn == turn.index)


def weigh(
    pieces: Sequence[Piece], offer: Offer, *, dislike_alone: float = DISLIKE_ALONE, postponing: bool = True
) -> Verdict | None:
    """The stance that one thing's pieces carry, or None: he has it already, or nothing weighs enough."""
    ordered = sorted(pieces, key=lambda p: p[0].position)
    has = [a for a, _ in ordered if a.kind == "has"]
    after = has[-1].position if has else (-1, -1)
    wants = [p for p in ordered if p[0].kind in FOR and p[0].position > after]
    flat = any(a.kind == "refuse" and a.start <= FLAT for a, _ in ordered) and bool(offer.mentions)
    against = [p for p in ordered if p[0].kind in AGAINST and (flat or not has)]
    refusals = [p for p in against if p[0].kind == "refuse"]
    postponed = [p for p in ordered if p[0].kind == "postpone"]
    pro, con = (noisy_or(a.weight for a, _ in side) for side in (wants, against))
    if has and not wants and not flat:
        return None
    if refusals or (con >= dislike_alone and offer.mentions and con > pro and not postponed):
        turning = [a for a, _ in wants if a.weight >= (0.7 if flat else 0.6) and not (flat and a.kind == "ask")]
        last_want = max((a.position for a in turning), default=(-1, -1))
        last_no = max((a.position for a, _ in refusals), default=(-1, -1))
        if not wants or last_no > last_want:
            return Verdict(Stance.NEGATED, tuple(against), con)
    if wants:
        return Verdict(Stance.AFFIRMED, (*wants, *postponed), pro)
    if postponed and offer.mentions and postponing:
        return Verdict(Stance.AFFIRMED, tuple(postponed), noisy_or(a.weight for a, _ in postponed))
    return None


def candidate_of(tag: str, field: str, value: str, verdict: Verdict, offer: Offer) -> Candidate:
    """The verdict on one thing as a candidate: the heaviest words are the quote, all others its support."""
    best = max(verdict.pieces, key=lambda p: (p[0].weight, p[0].position))[0]
    quote = Span(best.turn, best.start, best.end)
    support = {Span(a.turn, a.start, a.end) for a, _ in verdict.pieces}
    support |= {Span(m.turn, m.start, m.end) for _, m in verdict.pieces}
    return Candidate(
        tag=tag,
        stance=verdict.stance,
        value={field: value},
        quote=quote,
        support=tuple(sorted(support - {quote}, key=lambda s: (s.turn, s.start))),
        rule=best.rule,
        score=round(min(0.95, verdict.weight), 4),
        adjustments=(("offered", offer.strength),) if offer.strength else (),
        qualifiers=tuple(sorted({a.kind for a, _ in verdict.pieces})),
    )

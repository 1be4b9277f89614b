"""external_assets: what the client holds elsewhere now, one tag for each institution (spec/tags.md).

An institution alone is nothing: the client must hold something there. Words, sum and maturity may be spread over
his next turns ("余额宝呗" … "八万多吧"); a block runs from one institution to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from huiyin.domain.tag import Stance
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier, TermHit
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.money import Money, day_in, money_in
from huiyin.taggers.rules import match_rules
from huiyin.taggers.values.institutions import InstitutionSpan

TAG = "external_assets"
REACH = 3
"""How many turns after the institution was named still tell of it."""
NEAR = 12
"""Characters before the name, and twice as many after it, in which a word of holding belongs to it."""
TYPE_OF_PRODUCT = {
    "deposit": "bank",
    "demand": "bank",
    "wealth": "bank",
    "yuebao": "fund_platform",
    "lingqian": "fund_platform",
    "trust": "trust",
    "insurance": "insurance",
    "private_fund": "private_fund",
}
PLATFORM = {"yuebao": "支付宝", "lingqian": "微信理财通"}
_FIRM = re.compile(r"我是|我这边|这里是|我们是|这边是|我(?=[\u4e00-\u9fff]{2,6}(?:证券|的))|您好|你好|喂")
_MATURITY = re.compile(r"到|满|出来|续|取|开放|封|解")
_BLOCKING = frozenset({Qualifier.HYPOTHETICAL, Qualifier.OTHER_PERSON, Qualifier.JOKE})


@dataclass(frozen=True, slots=True)
class Holding:
    """One place where something is held: the turn and characters that tell of it first, and what follows."""

    institution: str | None
    type: str
    turn: int
    start: int
    end: int
    until: int  # characters of the first turn that still belong to it
    last_turn: int


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for external_assets."""
    firm = own_firm(analysis)
    holdings = list(_holdings(analysis, firm))
    for holding in holdings:
        candidate = _judge(analysis, holding)
        if candidate is not None:
            yield candidate
    yield from _nothing(analysis)


def own_firm(analysis: Analysis) -> str | None:
    """The firm that the advisor speaks for: the broker named where he introduces himself."""
    for turn in analysis.turns[:6]:
        if turn.is_advisor and _FIRM.search(turn.text):
            for found in turn.institutions:
                if found.type == "broker" and found.institution:
                    return found.institution
    return None


def _places(turn: AnalysedTurn) -> list[InstitutionSpan | TermHit]:
    """Institutions of a turn, and the products that name one by themselves (余额宝), in order."""
    places: list[InstitutionSpan | TermHit] = list(turn.institutions)
    places.extend(
        hit
        for hit in turn.hits(TAG)
        if hit.value in PLATFORM and not any(i.institution == PLATFORM[hit.value] for i in turn.institutions)
    )
    return sorted(places, key=lambda p: p.start)


def _holdings(analysis: Analysis, firm: str | None) -> Iterator[Holding]:
    for turn in analysis.client_turns():
        places = [p for p in _places(turn) if getattr(p, "institution", None) != firm or firm is None]
        for position, place in enumerate(places):
            name = PLATFORM[place.value] if isinstance(place, TermHit) else place.institution
            kind = "fund_platform" if isinstance(place, TermHit) else place.type
            until = places[position + 1].start if position + 1 < len(places) else len(turn.text)
            last = turn.index if position + 1 < len(places) else _block_end(analysis, turn.index)
            yield Holding(name, kind, turn.index, place.start, place.end, until, last)
        if not places:
            yield from _unnamed(analysis, turn)


def _unnamed(analysis: Analysis, turn: AnalysedTurn) -> Iterator[Holding]:
    """A product without an institution ("都在定期里头拴着"), or one that the advisor's question named."""
    for hit in turn.hits(TAG):
        kind = TYPE_OF_PRODUCT.get(hit.value)
        if kind is None or hit.value in PLATFORM or hit.value == "demand":
            continue
        named = _named_around(analysis, turn.index, kind)
        until = len(turn.text)
        yield Holding(named, kind, turn.index, hit.start, hit.end, until, _block_end(analysis, turn.index))
        return


def _named_around(analysis: Analysis, index: int, kind: str) -> str | None:
    for other in (index + 1, index + 2, index - 1, index - 2):
        if 0 <= other < len(analysis.turns):
            for found in analysis.turns[other].institutions:
                if found.type == kind and found.institution:
                    return found.institution
    return None


def _block_end(analysis: Analysis, index: int) -> int:
    last = index
    for other in range(index + 1, min(index + REACH + 1, len(analysis.turns))):
        turn = analysis.turns[other]
        if turn.is_client and _places(turn):
            break
        last = other
    return last


def _judge(analysis: Analysis, holding: Holding) -> Candidate | None:
    turn = analysis.turns[holding.turn]
    clause_start = _sentence_start(turn, holding.start)
    said = turn.text[clause_start : holding.until]
    qualifiers = turn.qualifiers(holding.start, holding.end)
    if qualifiers & _BLOCKING:
        return None
    held = [
        m
        for m in match_rules(TAG, turn, section="holding")
        if max(clause_start, holding.start - NEAR) <= m.start < min(holding.until, holding.end + 2 * NEAR)
    ]
    if not held and len(turn.text) > 8:
        return None
    product = next((h for h in turn.hits(TAG) if clause_start <= h.start < holding.until), None)
    money = _money(analysis, holding, clause_start)
    matures, day_span = _maturity(analysis, holding, clause_start)
    asked = _asked_elsewhere(analysis, turn)
    adjustments: list[tuple[str, float]] = []
    if product is not None:
        adjustments.append(("product_named", 0.12))
    if money is not None:
        adjustments.append(("sum_named", 0.12))
    if matures is not None:
        adjustments.append(("maturity_named", 0.08))
    if asked is not None:
        adjustments.append(("asked_about_elsewhere", 0.12))
    if holding.institution is None:
        owns = any(True for _ in match_rules(TAG, turn, section="owns"))
        certain = owns or (money is not None and (asked is not None or matures is not None))
        adjustments.append(("no_institution", -0.05 if certain and product is not None else -0.4))
    if any(True for _ in match_rules(TAG, turn, section="talk")) and money is None:
        adjustments.append(("mere_talk", -0.2 if holding.institution else -0.4))
    if any(m.rule.id == "idle_funds.company" for m in match_rules("idle_funds", turn, section="spoken_for")):
        adjustments.append(("not_his_own", -0.5))
    if any(True for m in match_rules(TAG, turn, section="gone") if m.rule.id == "external_assets.closed"):
        adjustments.append(("gone", -0.5))
    if Qualifier.NEGATED in qualifiers and money is None:
        adjustments.append(("negated", -0.3))
    if Qualifier.PAST in qualifiers and not re.search(r"现在|还|目前|一直", turn.text):
        adjustments.append(("past", -0.3))
    if (
        product is None
        and money is None
        and any(m.rule.id == "external_assets.offer" for m in match_rules(TAG, turn, section="gone"))
    ):
        adjustments.append(("speaks_of_an_offer", -0.3))
    support = [Span(i, 0, len(analysis.turns[i].text)) for i in (asked or ())]
    if money is not None and money.turn != turn.index:
        support.append(Span(money.turn, money.span.start, money.span.end))
    if day_span is not None and day_span.turn != turn.index:
        support.append(day_span)
    value: dict[str, object] = {
        "institution": holding.institution,
        "institution_type": holding.type,
        "product": product.text if product else None,
        "amount": money.amount if money else None,
        "matures_on": matures,
    }
    if money and money.span.currency:
        value["currency"] = money.span.currency
    best = max((m.rule.score for m in held), default=0.5)
    rule = max(held, key=lambda m: m.rule.score).rule.id if held else "external_assets.named"
    start, end = clause_start, min(len(turn.text), max(holding.end, *(m.end for m in held), clause_start + len(said)))
    return Candidate(
        tag=TAG,
        value=value,
        quote=Span(turn.index, start, end),
        support=tuple(support),
        rule=rule,
        score=best - 0.1,
        adjustments=tuple(adjustments),
        qualifiers=tuple(sorted(qualifiers)),
    )


def _sentence_start(turn: AnalysedTurn, at: int) -> int:
    cut = max(turn.text.rfind(mark, 0, at) for mark in "。！？；!?;")
    return cut + 1


def _money(analysis: Analysis, holding: Holding, start: int) -> Money | None:
    turn = analysis.turns[holding.turn]
    found = money_in(turn, holding.start, holding.until) or money_in(turn, start, holding.until)
    if found:
        return found
    after = range(holding.turn + 1, holding.last_turn + 1)
    for index in (*after, holding.turn - 1):
        other = analysis.turns[index] if index >= 0 else turn
        if other.is_client and (found := money_in(other)):
            return found
    return None


def _maturity(analysis: Analysis, holding: Holding, start: int) -> tuple[tuple[str, str] | None, Span | None]:
    for index in range(holding.turn, holding.last_turn + 1):
        turn = analysis.turns[index]
        low, high = (start, holding.until) if index == holding.turn else (0, None)
        if not turn.is_client or not _MATURITY.search(turn.text[low:high]):
            continue
        found = day_in(turn, low, high)
        if found and found[0][1] >= turn.moment.date().isoformat():
            return found
    return None, None


def _asked_elsewhere(analysis: Analysis, turn: AnalysedTurn) -> tuple[int, ...] | None:
    exchange = analysis.exchange_answered_at(turn.index)
    if exchange is None:
        return None
    asked = tuple(
        i
        for i in exchange.asked
        if analysis.turns[i].is_advisor and any(True for _ in match_rules(TAG, analysis.turns[i], section="elsewhere"))
    )
    return asked or None


def _nothing(analysis: Analysis) -> Iterator[Candidate]:
    for turn in analysis.client_turns():
        asked = _asked_elsewhere(analysis, turn)
        for match in match_rules(TAG, turn, section="nothing"):
            if match.rule.extra.get("needs") == "elsewhere" and not asked:
                continue
            if any(h.value not in ("cash",) for h in turn.hits(TAG)) and turn.amounts:
                continue
            kind = _asked_type(analysis, asked, turn)
            yield Candidate(
                tag=TAG,
                stance=Stance.NEGATED,
                value={
                    "institution": None,
                    "institution_type": kind,
                    "product": None,
                    "amount": None,
                    "matures_on": None,
                },
                quote=Span(turn.index, match.start, match.end),
                support=tuple(Span(i, 0, len(analysis.turns[i].text)) for i in (asked or ())),
                rule=match.rule.id,
                score=match.rule.score,
                adjustments=(("asked_about_elsewhere", 0.1),) if asked else (),
                qualifiers=tuple(sorted(match.qualifiers)),
            )


def _asked_type(analysis: Analysis, asked: tuple[int, ...] | None, turn: AnalysedTurn) -> str | None:
    text = "".join(analysis.turns[i].text for i in (asked or ())) + turn.text
    kinds = {
        k for k, words in (("broker", "券商|证券|户头|个户|开户"), ("bank", "银行|存款")) if re.search(words, text)
    }
    return kinds.pop() if len(kinds) == 1 else None

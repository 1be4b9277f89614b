"""idle_funds: money not invested, or none (spec/tags.md, "Business opportunity" and "Idle or elsewhere").

A sum alone is nothing: it must lie unused, come in, or come out of a product and need a place. The sum and the
day may stand in the turns around, and the advisor may have named them ("账上还有十一万没动吧" "嗯，是").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from huiyin.domain.tag import Stance
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier, Reply
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.money import Money, day_near, dialogue_turns, money_in, money_near
from huiyin.taggers.rules import RuleMatch, match_rules

TAG = "idle_funds"
REACH = 2
"""How many client turns around the words may bring the sum or the day."""
_ARRIVAL = re.compile(r"发|到|打|给|还|放|下来|进账|结|出来|拿到|批|取|分|补|赔|退|收|领|卖|回")


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for idle_funds."""
    for turn in analysis.client_turns():
        if not turn.text:
            continue
        yield from _none(analysis, turn)
        yield from _has(analysis, turn)
        yield from _agreed(analysis, turn)


def _has(analysis: Analysis, turn: AnalysedTurn) -> Iterator[Candidate]:
    homeless = _near(analysis, turn, "homeless")
    blocked = _near(analysis, turn, "spoken_for")
    for section in ("state", "income", "release"):
        for match in match_rules(TAG, turn, section=section):
            money = money_near(analysis, turn, match.start, reach=REACH)
            day = day_near(analysis, turn, reach=REACH)
            need = match.rule.extra.get("needs")
            arrival = bool(_ARRIVAL.search(turn.text))
            if need == "amount" and money is None:
                continue
            if need == "amount_or_date_and_arrival" and not (arrival and (money or day)):
                continue
            if section == "release" and money is None and day is None:
                continue
            adjustments: list[tuple[str, float]] = []
            if money is not None and money.turn == turn.index:
                adjustments.append(("sum_in_same_turn", 0.08))
            elif money is None and section != "state":
                adjustments.append(("no_sum", -0.1))
            if homeless:
                adjustments.append(("no_place_yet", 0.15))
            if Qualifier.QUESTION in match.qualifiers and money is None:
                adjustments.append(("a_question", -0.2))
            if _not_his_own(analysis, turn):
                adjustments.append(("not_his_own", -0.6))
            if any(m.rule.id == "idle_funds.spends" for m in match_rules(TAG, turn, section="spoken_for")):
                adjustments.append(("to_be_spent", -0.25 if section == "state" else -0.4))
            if money is None and not any(True for _ in match_rules(TAG, turn, section="money_words")):
                adjustments.append(("no_word_of_money", -0.5))
            if section == "release" and any(m.rule.id == "idle_funds.rolls_over" for m in blocked):
                adjustments.append(("rolls_over", -0.4))
            if section != "release" and _invested(turn, match) and not homeless:
                adjustments.append(("invested_elsewhere", -0.3))
            yield _candidate(analysis, turn, match, money, day if _future(analysis, turn) else None, adjustments)


def _not_his_own(analysis: Analysis, turn: AnalysedTurn) -> bool:
    """The money is a firm's or a school's, said here or in the client's next turn, and not called his own."""
    said = [turn, *(t for t in analysis.turns[turn.index + 1 : turn.index + 3] if t.is_client)]
    found = {m.rule.id for t in said for m in match_rules(TAG, t, section="spoken_for")}
    return "idle_funds.company" in found and "idle_funds.own" not in found


def _invested(turn: AnalysedTurn, match: RuleMatch) -> bool:
    """Money in a product elsewhere is external_assets; plain demand money at a bank stays idle."""
    clause = turn.clause_at(match.start)
    low, high = (clause.start, clause.end) if clause else (match.start, match.end)
    products = [h for h in turn.hits("external_assets") if h.value not in ("demand", "cash") and low <= h.start < high]
    return bool(products) and not re.search(
        r"活期|卡[里上]|存折|折子", turn.text[max(0, match.start - 15) : match.end + 15]
    )


def _future(analysis: Analysis, turn: AnalysedTurn) -> bool:
    return bool(_ARRIVAL.search(turn.text)) or any(
        _ARRIVAL.search(analysis.turns[i].text) for i in dialogue_turns(analysis, turn.index, reach=1)
    )


def _candidate(
    analysis: Analysis,
    turn: AnalysedTurn,
    match: RuleMatch,
    money: Money | None,
    day: tuple[tuple[str, str], Span] | None,
    adjustments: list[tuple[str, float]],
) -> Candidate:
    support = []
    if money is not None and money.turn != turn.index:
        support.append(Span(money.turn, money.span.start, money.span.end))
    if day is not None and day[1].turn != turn.index:
        support.append(day[1])
    value: dict[str, object] = {"amount": money.amount if money else None, "available_from": day[0] if day else None}
    if money and money.span.currency:
        value["currency"] = money.span.currency
    return Candidate(
        tag=TAG,
        stance=Stance.AFFIRMED,
        value=value,
        quote=Span(turn.index, match.start, match.end),
        support=tuple(support),
        rule=match.rule.id,
        score=match.rule.score,
        adjustments=tuple(adjustments),
        qualifiers=tuple(sorted(match.qualifiers)),
    )


def _none(analysis: Analysis, turn: AnalysedTurn) -> Iterator[Candidate]:
    asked = _asked_before(analysis, turn)
    on_topic = any(any(True for _ in match_rules(TAG, a, section="funds_topic")) for a in asked)
    for match in match_rules(TAG, turn, section="none"):
        need = match.rule.extra.get("needs")
        if need is not None and not any(any(True for _ in match_rules(TAG, a, section=need)) for a in asked):
            continue
        adjustments = [("asked_about_funds", 0.12)] if on_topic else []
        yield Candidate(
            tag=TAG,
            stance=Stance.NEGATED,
            value={"amount": None, "available_from": None},
            quote=Span(turn.index, match.start, match.end),
            support=tuple(Span(a.index, 0, len(a.text)) for a in asked if on_topic and a.text),
            rule=match.rule.id,
            score=match.rule.score,
            adjustments=tuple(adjustments),
            qualifiers=tuple(sorted(match.qualifiers)),
        )


def _asked_before(analysis: Analysis, turn: AnalysedTurn) -> list[AnalysedTurn]:
    """What the advisor asked that this turn answers; without a question, what he said last, not long before."""
    exchange = analysis.exchange_answered_at(turn.index)
    if exchange is not None:
        return [analysis.turns[i] for i in exchange.asked if analysis.turns[i].is_advisor]
    before = [t for t in analysis.turns[max(0, turn.index - 3) : turn.index] if t.is_advisor]
    return before[-1:]


def _agreed(analysis: Analysis, turn: AnalysedTurn) -> Iterator[Candidate]:
    """The advisor names idle money in a question and the client says yes."""
    exchange = analysis.exchange_answered_at(turn.index)
    if exchange is None or exchange.reply is not Reply.YES:
        return
    for index in exchange.asked:
        asked = analysis.turns[index]
        if not asked.is_advisor:
            continue
        for match in match_rules(TAG, asked, section="state"):
            money = money_in(asked) or money_in(turn)
            if money is None:
                continue
            yield Candidate(
                tag=TAG,
                value={"amount": money.amount, "available_from": None},
                quote=Span(turn.index, 0, len(turn.text)),
                support=(Span(index, match.start, match.end),),
                rule=match.rule.id,
                score=match.rule.score,
                adjustments=(("assent_to_question", 0.05),),
                qualifiers=("assent",),
            )


def _near(analysis: Analysis, turn: AnalysedTurn, section: str) -> list[RuleMatch]:
    out = list(match_rules(TAG, turn, section=section))
    for index in dialogue_turns(analysis, turn.index, reach=REACH):
        other = analysis.turns[index]
        if other.is_client:
            out.extend(match_rules(TAG, other, section=section))
    return out

"""What becomes of tags once people have judged them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from store_records import START, conversation, tag

from huiyin.domain.correction import Correction, Verdict, apply_corrections, fact_of, judge
from huiyin.domain.tag import Stance, Tag

TALK = conversation("d1", "我想开两融", "好的", "手上有三十万闲钱", "明天三点给您打电话", "后天也打一个")
OPTIONS = {"permission": "options"}
MARGIN = {"permission": "margin"}


def said(on: Tag, verdict: Verdict, *, after: int = 0, **values: Any) -> Correction:
    return judge(on, verdict, at=START + timedelta(minutes=after), by="王", **values)


def applied(tags: list[Tag], *corrections: Correction) -> tuple[Tag, ...]:
    return apply_corrections(TALK, tags, corrections, lexicon_version="v2").tags


def told(tags: tuple[Tag, ...]) -> list[tuple[str, str, Any]]:
    return [(t.tag, t.stance.value, t.value) for t in tags]


def promise(turn: int) -> Tag:
    quote = TALK.turns[turn].text
    return tag(key="advisor_commitment", value={"action": "call_back", "due": None}, turns=(turn,), quote=quote)


def test_a_wrong_tag_is_gone_and_the_others_stay() -> None:
    other = tag(key="idle_funds", value={"amount": None, "available_from": None}, turns=(2,), quote="三十万闲钱")
    assert applied([tag(), other], said(tag(), Verdict.WRONG)) == (other,)


def test_wrong_holds_though_another_rule_finds_it_on_other_words() -> None:
    again = tag(turns=(2,), quote="三十万")
    assert applied([again], said(tag(), Verdict.WRONG)) == ()


def test_wrong_does_not_hold_for_the_other_stance_or_another_thing() -> None:
    refused, options = tag(stance="negated"), tag(value=OPTIONS)
    assert set(map(fact_of, applied([refused, options], said(tag(), Verdict.WRONG)))) == {
        fact_of(refused),
        fact_of(options),
    }


def test_a_changed_tag_has_the_new_value_and_says_that_a_person_gave_it() -> None:
    (made,) = applied([tag()], said(tag(), Verdict.CHANGED, new_value=OPTIONS))
    assert (made.value, made.stance, made.confidence) == (OPTIONS, Stance.AFFIRMED, 1.0)
    assert (made.proof.source, made.proof.rule) == ("given", "review:changed")
    assert made.proof.evidence == tag().proof.evidence


def test_a_change_holds_though_nothing_is_found_any_more() -> None:
    (made,) = applied([], said(tag(), Verdict.CHANGED, new_stance=Stance.NEGATED))
    assert (made.value, made.stance) == (MARGIN, Stance.NEGATED)
    assert all(TALK.turns[e.turn].text[e.start : e.end] == e.quote for e in made.proof.evidence)


def test_a_change_is_one_tag_though_the_tagger_learns_the_right_value() -> None:
    tags = applied([tag(), tag(value=OPTIONS, confidence=0.7)], said(tag(), Verdict.CHANGED, new_value=OPTIONS))
    assert told(tags) == [("permission_intent", "affirmed", OPTIONS)]


def test_who_changes_and_then_calls_it_wrong_wants_neither() -> None:
    change = said(tag(), Verdict.CHANGED, new_value=OPTIONS)
    (made,) = applied([tag()], change)
    assert applied([tag()], said(made, Verdict.WRONG, after=1), change) == ()


def test_a_right_tag_is_certain_and_stays_when_it_is_no_longer_found() -> None:
    right = said(tag(), Verdict.RIGHT)
    (kept,) = applied([tag()], right)
    assert (kept.confidence, kept.proof.source, kept.proof.rule) == (1.0, "rule", "margin.want")
    assert kept.confidence == pytest.approx(kept.proof.base_score + sum(a.delta for a in kept.proof.adjustments))
    (restored,) = applied([], right)
    assert (restored.value, restored.proof.source) == (MARGIN, "given")


def test_a_missing_tag_is_added_with_its_proof() -> None:
    missing = Correction(
        conversation_id="d1", tag="idle_funds", value={"amount": [300000.0, 300000.0], "available_from": None},
        turns=(2,), quote="三十万闲钱", verdict=Verdict.MISSING, at=START,
    )  # fmt: skip
    first, second = applied([tag()], missing)
    assert first == tag()
    assert (second.quote, second.proof.lexicon_version, second.said_at) == ("三十万闲钱", "v2", TALK.moment(8.0))
    assert applied([first, second], missing)[1].value == second.value


def test_of_two_promises_only_the_one_judged_goes() -> None:
    one, other = promise(3), promise(4)
    assert applied([one, other], said(other, Verdict.WRONG)) == (one,)


def test_one_level_a_conversation() -> None:
    low = tag(key="risk_preference", value={"level": "conservative"})
    high = tag(key="risk_preference", value={"level": "aggressive"})
    change = said(low, Verdict.CHANGED, new_value={"level": "balanced"})
    assert told(applied([high], change)) == [("risk_preference", "affirmed", {"level": "balanced"})]


def test_words_that_are_gone_leave_the_judgement_without_effect() -> None:
    stale = said(tag(quote="完全另外的话"), Verdict.WRONG)
    result = apply_corrections(TALK, [tag()], [stale], lexicon_version="v2")
    assert result.tags == (tag(),)
    assert result.unplaced == (stale,)


def test_words_that_moved_to_another_turn_are_found_again() -> None:
    moved = conversation("d1", "喂", "您好", "我想开两融")
    made = apply_corrections(moved, [], [said(tag(), Verdict.RIGHT)], lexicon_version="v2").tags
    assert made[0].turns == (2,)


@pytest.mark.parametrize(
    "values",
    [
        {"verdict": "changed"},
        {"verdict": "changed", "new_value": MARGIN},
        {"verdict": "right", "new_value": OPTIONS},
        {"verdict": "wrong", "new_stance": "negated"},
        {"verdict": "wrong", "tag": "hobby"},
        {"verdict": "wrong", "turns": ()},
        {"verdict": "perhaps"},
    ],
)
def test_judgements_that_contradict_themselves_are_refused(values: dict[str, Any]) -> None:
    good = said(tag(), Verdict.WRONG).model_dump(mode="json")
    with pytest.raises(ValidationError):
        Correction.model_validate({**good, **values})


levels = st.sampled_from(["margin", "options", "bse"])


@given(
    st.lists(levels, unique=True), st.lists(st.tuples(levels, st.sampled_from(["right", "wrong", "changed"]), levels))
)
def test_judgements_applied_twice_are_applied_once(found: list[str], judgements: list[tuple[str, str, str]]) -> None:
    tags = [tag(value={"permission": p}) for p in found]
    corrections = []
    for n, (on, verdict, to) in enumerate(judgements):
        if verdict == "changed" and on == to:
            continue
        new = {"new_value": {"permission": to}} if verdict == "changed" else {}
        corrections.append(said(tag(value={"permission": on}), Verdict(verdict), after=n, **new))
    last = {c.fact: c for c in corrections}
    once = applied(tags, *last.values())
    assert once == applied(tags, *reversed(list(last.values())))
    facts = [fact_of(t) for t in once]
    assert len(facts) == len(set(facts))

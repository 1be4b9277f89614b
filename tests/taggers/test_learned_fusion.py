"""The fusion of rules and model, with a model in memory that says what the test wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from marked import conversation

from huiyin.domain.tag import Stance
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.components import analyse
from huiyin.taggers.learned.fusion import AGREES, DOUBTS, Weight, fuse, support_of, weights
from huiyin.taggers.learned.labels import CHOICE_AT, CHOICES, KIND_AT, KINDS, TYPES
from huiyin.taggers.learned.model import TurnReading

Said = tuple[int, str, Stance, str | None, float]

FIGURES = {t: Weight(propose=0.6, agree=0.5, doubt=0.05, raised=0.05, lowered=0.35) for t in TYPES}
YES, NO = Stance.AFFIRMED, Stance.NEGATED


def _analysis(text: str) -> Analysis:
    return analyse(conversation(text), load_calendar())


def _readings(analysis: Analysis, *said: Said) -> dict[int, TurnReading]:
    """Each of `said` is (turn, type, stance, discriminator, probability); all else is improbable."""
    out = {}
    for turn in analysis.turns:
        kinds, choices = [0.001] * len(KINDS), [0.01] * len(CHOICES)
        for index, tag, stance, choice, probability in said:
            if index == turn.index:
                kinds[KIND_AT[tag, stance]] = probability
                if choice is not None:
                    choices[CHOICE_AT[tag, choice]] = 0.98
        out[turn.index] = TurnReading(tuple(kinds), tuple(choices), tuple((0, 2) for _ in TYPES))
    return out


def _rule(turn: int = 0, *, permission: str = "margin", stance: Stance = YES, score: float = 0.8) -> Candidate:
    return Candidate(
        tag="permission_intent", stance=stance, value={"permission": permission}, quote=Span(turn, 0, 2), rule="r",
        score=score,
    )  # fmt: skip


def _fused(
    analysis: Analysis, rules: Iterable[Candidate], *said: Said, figures: dict[str, Weight] = FIGURES
) -> list[Candidate]:
    return fuse(analysis, rules, _readings(analysis, *said), version="abc", figures=figures)


def test_agreement_raises_a_rule_and_says_so() -> None:
    analysis = _analysis("C: 开两融要什么条件")
    (only,) = _fused(analysis, [_rule()], (0, "permission_intent", YES, "margin", 0.9))
    assert only.adjustments == ((AGREES, 0.05),)
    assert (only.source, only.model_version, only.rule) == ("rule", "abc", "r")


def test_doubt_lowers_a_rule_below_what_is_kept() -> None:
    analysis = _analysis("C: 两融是什么")
    (only,) = _fused(analysis, [_rule()])
    assert only.adjustments == ((DOUBTS, -0.35),)
    assert only.final_score < 0.5


def test_between_doubt_and_agreement_the_rule_stands_as_it_is() -> None:
    analysis = _analysis("C: 两融")
    (only,) = _fused(analysis, [_rule()], (0, "permission_intent", YES, "margin", 0.3))
    assert only.adjustments == ()
    assert only.score == 0.8


def test_another_discriminator_is_no_agreement() -> None:
    analysis = _analysis("C: 开两融要什么条件")
    found = _fused(analysis, [_rule()], (0, "permission_intent", YES, "options", 0.5))
    assert [c.adjustments for c in found] == [((DOUBTS, -0.35),)]


def test_the_other_stance_is_no_agreement() -> None:
    analysis = _analysis("C: 两融我不开")
    found = _fused(analysis, [_rule()], (0, "permission_intent", NO, "margin", 0.9))
    assert (found[0].stance, found[0].final_score < 0.5) == (YES, True)
    assert (found[1].stance, found[1].source) == (NO, "model")


def test_a_type_without_figures_is_the_rules_alone() -> None:
    analysis = _analysis("C: 两融是什么")
    assert _fused(analysis, [_rule()], figures={}) == [_rule()]
    assert _fused(analysis, [], (0, "permission_intent", YES, "margin", 0.99), figures={}) == []


def test_figures_without_proposals_never_propose() -> None:
    analysis = _analysis("C: 把票押给你们借钱")
    figures = {t: replace(w, propose=None) for t, w in FIGURES.items()}
    assert _fused(analysis, [], (0, "permission_intent", YES, "margin", 0.99), figures=figures) == []


def test_the_model_proposes_what_no_rule_says() -> None:
    analysis = _analysis("A: 您好\nC: 把票押给你们借钱那个我也弄一个")
    (only,) = _fused(analysis, [], (1, "permission_intent", YES, "margin", 0.95))
    assert (only.tag, only.value, only.quote.turn) == ("permission_intent", {"permission": "margin"}, 1)
    assert (only.source, only.model_version) == ("model", "abc")
    assert 0.5 <= only.final_score <= 0.9


def test_the_model_does_not_repeat_what_a_rule_tells() -> None:
    analysis = _analysis("C: 开两融\nA: 好\nC: 开吧")
    found = _fused(
        analysis,
        [_rule()],
        (0, "permission_intent", YES, "margin", 0.9),
        (2, "permission_intent", YES, "margin", 0.9),
    )
    assert [c.source for c in found] == ["rule"]


def test_an_unsure_model_proposes_nothing() -> None:
    analysis = _analysis("C: 嗯那个东西")
    assert _fused(analysis, [], (0, "permission_intent", YES, "margin", 0.55)) == []


def test_only_the_words_of_the_speaker_who_counts() -> None:
    analysis = _analysis("A: 我们给您开个两融吧\nC: 我今晚把资料发你")
    found = _fused(
        analysis,
        [],
        (0, "permission_intent", YES, "margin", 0.99),
        (1, "advisor_commitment", YES, "send_material", 0.99),
    )
    assert found == []


def test_of_two_stances_in_one_turn_the_likelier_is_proposed() -> None:
    analysis = _analysis("C: 科创板那个不要")
    (only,) = _fused(
        analysis, [], (0, "complaint", YES, "app", 0.1), (0, "permission_intent", YES, "margin", 0.7),
        (0, "permission_intent", NO, "margin", 0.9),
    )  # fmt: skip
    assert only.stance is NO


def test_the_value_readers_complete_what_the_model_proposes() -> None:
    analysis = _analysis("C: 手头有三十万没地方搁，国债太低")
    (only,) = _fused(analysis, [], (0, "idle_funds", YES, None, 0.95))
    assert only.value["amount"] == (300000, 300000)


def test_where_nobody_names_a_thing_of_the_trade_no_opportunity_is_proposed() -> None:
    analysis = _analysis("A: 漏水了？\nC: 都滴我床上了，你们服务真差")
    found = _fused(analysis, [], (1, "idle_funds", YES, None, 0.97), (1, "complaint", YES, "service", 0.97))
    assert [c.tag for c in found] == ["complaint"]


def test_a_named_bank_is_read_beside_the_model() -> None:
    analysis = _analysis("C: 我在招商银行搁了二十万")
    (only,) = _fused(analysis, [], (0, "external_assets", YES, "bank", 0.95))
    assert (only.value["institution"], only.value["institution_type"]) == ("招商银行", "bank")
    assert only.value["amount"] == (200000, 200000)


def test_an_institution_of_another_kind_lends_no_name() -> None:
    analysis = _analysis("C: 我在招商银行旁边那家保险买了一份")
    (only,) = _fused(analysis, [], (0, "external_assets", YES, "insurance", 0.95))
    assert only.value["institution"] is None


def test_the_support_of_a_candidate_is_the_likeliest_of_its_turns() -> None:
    analysis = _analysis("A: 两融要开吗\nC: 对对")
    readings = _readings(analysis, (1, "permission_intent", YES, "margin", 0.8))
    asked = replace(_rule(0), support=(Span(1, 0, 2),))
    assert support_of(asked, readings) == pytest.approx(0.8 * 0.98)
    assert support_of(_rule(0), readings) == pytest.approx(0.001 * 0.01)
    assert support_of(_rule(0), {}) is None


def test_the_shipped_figures_are_ordered() -> None:
    table = weights()
    assert table
    for tag, figure in table.items():
        assert tag in TYPES
        assert figure.doubt is None or figure.doubt < figure.agree, tag
        assert figure.propose is None or figure.agree <= figure.propose <= 1, tag

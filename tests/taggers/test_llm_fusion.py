"""Rules and a large model together: agreement, silence, the opposite, and what only one of them tells."""

from __future__ import annotations

from typing import Any

import pytest
from marked import conversation

from huiyin.domain.tag import Stance
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.llm.fusion import AGREES, OPPOSED, SILENT, Opinion, join
from huiyin.taggers.tagger import ConversationTagger


def candidate(tag: str, value: dict[str, Any], *, turn: int = 0, score: float = 0.6, **more: Any) -> Candidate:
    return Candidate(tag=tag, value=value, quote=Span(turn, 0, 2), rule="r", score=score, **more)


def opinion(*candidates: Candidate, sent: int = 3) -> Opinion:
    return Opinion(candidates, frozenset(range(sent)), "qwen")


def reasons(found: Candidate) -> list[str]:
    return [reason for reason, _ in found.adjustments]


MARGIN = candidate("permission_intent", {"permission": "margin"})


def test_agreement_raises_and_is_told_once() -> None:
    found = join([MARGIN], opinion(candidate("permission_intent", {"permission": "margin"}, turn=2)))
    assert len(found) == 1
    assert reasons(found[0]) == [AGREES]
    assert found[0].final_score > MARGIN.final_score
    assert found[0].model_version == "qwen"
    assert found[0].source == "rule"


def test_silence_lowers_what_the_model_read_and_nothing_else() -> None:
    assert reasons(join([MARGIN], opinion())[0]) == [SILENT]
    assert join([MARGIN], opinion(sent=0)) == [MARGIN]
    assert reasons(join([MARGIN], opinion(candidate("permission_intent", {"permission": "options"})))[0]) == [SILENT]


@pytest.mark.parametrize(
    ("tag", "value"),
    [("do_not_contact", {}), ("compliance_flag", {"kind": "guaranteed_return"}), ("complaint", {"topic": "app"}),
     ("churn_risk", {"kind": "transfer_out"})],
)  # fmt: skip
def test_no_silence_talks_an_offence_or_a_complaint_away(tag: str, value: dict[str, Any]) -> None:
    rule = candidate(tag, value, score=0.5)
    assert join([rule], opinion()) == [rule]


def test_the_opposite_lowers_more_and_stands_beside_it() -> None:
    no = candidate("permission_intent", {"permission": "margin"}, turn=1, stance=Stance.NEGATED)
    found = join([MARGIN], opinion(no))
    assert reasons(found[0]) == [OPPOSED]
    assert found[0].final_score < 0.5
    assert found[1] is no


def test_another_level_is_the_opposite_of_a_level() -> None:
    rule = candidate("risk_preference", {"level": "conservative"})
    other = candidate("risk_preference", {"level": "aggressive"})
    assert reasons(join([rule], opinion(other))[0]) == [OPPOSED]
    assert reasons(join([rule], opinion(candidate("risk_preference", {"level": "conservative"})))[0]) == [AGREES]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (("招商银行", "bank"), ("招商银行", "bank"), True),
        (("招商银行", "bank"), ("工商银行", "bank"), False),
        (("招商银行", "bank"), (None, "bank"), True),
        ((None, "bank"), (None, "broker"), False),
    ],
)
def test_assets_are_compared_by_name_where_both_have_one(
    a: tuple[str | None, str], b: tuple[str | None, str], same: bool
) -> None:
    one, two = (candidate("external_assets", {"institution": n, "institution_type": t}) for n, t in (a, b))
    assert len(join([one], opinion(two))) == (1 if same else 2)


def test_what_a_rule_left_open_is_filled_and_what_it_has_stays() -> None:
    rule = candidate("idle_funds", {"amount": (300000.0, 300000.0), "available_from": None})
    model = candidate(
        "idle_funds", {"amount": (1.0, 2.0), "available_from": ("2026-03-18", "2026-03-18")}, turn=2, score=0.75
    )
    found = join([rule], opinion(model))
    assert len(found) == 1
    assert found[0].value == {"amount": (300000.0, 300000.0), "available_from": ("2026-03-18", "2026-03-18")}
    assert found[0].support == (model.quote,)


def test_a_rule_too_weak_to_be_kept_does_not_hide_the_model() -> None:
    weak = candidate("permission_intent", {"permission": "margin"}, score=0.3)
    model = candidate("permission_intent", {"permission": "margin"}, score=0.75)
    assert join([weak], opinion(model))[1] is model


def test_a_model_before_it_stays_named() -> None:
    learned = candidate("permission_intent", {"permission": "margin"}, source="model", model_version="abc")
    assert join([learned], opinion())[0].model_version == "abc, qwen"


def test_the_tagger_takes_an_opinion_and_needs_none() -> None:
    talk = conversation("A: 您好\nC: 我那个软件最近看着心里堵得慌")
    own = Candidate(
        tag="complaint", value={"topic": "app"}, quote=Span(1, 0, 6), rule="llm", score=0.75, source="llm",
        model_version="qwen",
    )  # fmt: skip
    calendar = load_calendar()
    alone = ConversationTagger(calendar=calendar)(talk)
    assert ConversationTagger(calendar=calendar, large=lambda _: None)(talk) == alone
    tags = ConversationTagger(calendar=calendar, taggers={}, model=None, large=lambda _: opinion(own))(talk)
    assert [(t.tag, t.proof.source, t.proof.model_version) for t in tags] == [("complaint", "llm", "qwen")]

"""churn_risk: the client leaves this broker, or weighs it."""

from __future__ import annotations

import pytest
from marked import tags_of

HITS = [
    ("C: 我准备把股票全转到华泰去", "transfer_out"),
    ("C: 下周我就去办转户，你别劝我了", "transfer_out"),
    ("C: 平安那边户都开好了，过两天仓位就搬过去", "transfer_out"),
    ("C: 撤指定要带什么材料", "transfer_out"),
    ("C: 你把销户的流程发我一下，我不打算炒了", "close_account"),
    ("C: 这个账户我想注销掉", "close_account"),
    ("C: 账上那二十万我明天要提走，儿子买房差一截", "withdraw_funds"),
    ("C: 把那只卖了，钱转到我银行卡里，住院等着交押金", "withdraw_funds"),
    ("C: 人家东方财富才万一，你们怎么还万二点五", "comparing"),
    ("C: 国信给我报的融资利率四点五，你这边能不能跟上", "comparing"),
    ("C: 你们这个比别家贵多了", "comparing"),
    ("A: 您是想销户吗\nC: 对", "close_account"),
]
MISSES = [
    "C: 我那边券商的股票能挪到你们这儿来吗",
    "C: 我在华泰还有个账户，放着没动",
    "C: 工行那张卡我销户了，三方存管怎么换",
    "C: 我同事上个月把户转到中信去了",
    "C: 转托管是什么意思啊",
    "C: 钱随时能取出来吧",
    "C: 那个户头前年早销了",
    "C: 定期下个月到期，我正愁往哪儿挪呢",
    "C: 听说好多人都在转户",
    "C: 等我中了彩票就把钱全提走",
    "C: 我把手机号换了，你记一下新号",
    "A: 听说那家给的费率低\nC: 我懒得比",
]


@pytest.mark.parametrize(("said", "kind"), HITS)
def test_leaving(said: str, kind: str) -> None:
    assert f"churn_risk:{kind}" in tags_of(said, "churn_risk")


@pytest.mark.parametrize("said", MISSES)
def test_not_leaving(said: str) -> None:
    assert tags_of(said, "churn_risk") == set()


def test_staying_after_the_question_is_the_negated_fact() -> None:
    assert tags_of("A: 您该不会要转户吧\nC: 不转不转，懒得折腾", "churn_risk") == {"churn_risk!:transfer_out"}


def test_the_last_word_counts() -> None:
    said = "C: 我想把股票转到国信去\nA: 您再考虑考虑\nC: 算了，不转了，就放你这儿吧"
    assert tags_of(said, "churn_risk") == {"churn_risk!:transfer_out"}


def test_money_out_is_no_complaint() -> None:
    assert tags_of("C: 我要从账上转走十万，闺女结婚用", "complaint", "churn_risk") == {"churn_risk:withdraw_funds"}

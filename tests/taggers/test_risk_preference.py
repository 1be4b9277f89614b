"""risk_preference: an attitude said or clearly shown.

Marked-up dialogues (tests/taggers/marked.py): what is said, and the tags that it tells; as many that tell none.
"""

from __future__ import annotations

import pytest
from marked import tags_of

TELL = [
    ("C: 这是我养老的钱，一点风险都不能冒", {"risk_preference:conservative"}),
    ("A: 您能接受多大亏损\nC: 不能亏，亏一分我都心疼", {"risk_preference:conservative"}),
    ("C: 我就想保本，利息低点没关系", {"risk_preference:conservative"}),
    ("C: 钱不多，经不起折腾，稳当最要紧", {"risk_preference:conservative"}),
    ("C: 少赚可以，亏钱不行", {"risk_preference:conservative"}),
    ("C: 你给我找个不会亏的就行", {"risk_preference:conservative"}),
    ("C: 我胆子小，见不得绿", {"risk_preference:conservative"}),
    ("A: 您是偏保守的吧\nC: 对的", {"risk_preference:conservative"}),
    ("C: 有点波动没事，别亏太多就行，五六个点吧", {"risk_preference:balanced"}),
    ("C: 亏个百分之五我还能接受，再多不行", {"risk_preference:balanced"}),
    ("C: 我比较稳健，不追求太高收益，也不想放银行", {"risk_preference:balanced"}),
    ("A: 回撤十个点以内您能接受吗\nC: 可以", {"risk_preference:balanced"}),
    ("C: 不要太激进的，也别太保守，适中就好", {"risk_preference:balanced"}),
    ("C: 我不怕亏，要买就买能翻倍的", {"risk_preference:aggressive"}),
    ("C: 富贵险中求嘛，亏了就当交学费", {"risk_preference:aggressive"}),
    ("C: 年轻人嘛，搏一搏，亏光了再赚", {"risk_preference:aggressive"}),
    ("C: 我喜欢短线，追涨停板，图的就是刺激", {"risk_preference:aggressive"}),
    ("C: 高风险高收益的给我来，低的看不上", {"risk_preference:aggressive"}),
]
TELL_NOTHING = [
    "C: 保守估计要等半小时",
    "C: 我买了个新手机",
    "C: 我儿子刚学开车，新手上路",
    "C: 我同事炒股二十年了，还是亏",
    "A: 我们做这行十几年了\nC: 哦，厉害",
    "C: 我年轻的时候胆子大，敢爬山",
    "C: 你们家保本的产品有吗，我帮邻居问的",
    "C: 赌一顿火锅，明天肯定涨",
    "C: 老手机不好用了，换了一个",
    "C: 我住这小区十五年了",
    "C: 中签要拼运气",
    "A: 您属于激进型吗\nC: 啥意思",
    "C: 我朋友说亏光了也不怕",
    "C: 开户流程我第一次弄完就忘了密码\nA: 可以找回",
    "C: 孩子他姥爷炒了一辈子股",
    "C: 这个月稳稳地下了三场雨",
    "C: 我家装修做了两年了",
    "A: 波动比较大您注意\nC: 嗯嗯",
    "C: 看新闻说有人梭哈了比特币",
    "C: 我就在银行上班十年了",
]


@pytest.mark.parametrize(("text", "expected"), TELL)
def test_tells(text: str, expected: set[str]) -> None:
    assert tags_of(text, "risk_preference") == expected


@pytest.mark.parametrize("text", TELL_NOTHING)
def test_tells_nothing(text: str) -> None:
    assert tags_of(text, "risk_preference") == set()

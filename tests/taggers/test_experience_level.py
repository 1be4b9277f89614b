"""experience_level: beginners and old hands.

Marked-up dialogues (tests/taggers/marked.py): what is said, and the tags that it tells; as many that tell none.
"""

from __future__ import annotations

import pytest
from marked import tags_of

TELL = [
    ("C: 我是新手，刚开户一个礼拜，啥也不懂", {"experience_level:novice"}),
    ("C: 我这是头一次买基金，你慢点说", {"experience_level:novice"}),
    ("C: 我从来没碰过股票，不知道从哪看起", {"experience_level:novice"}),
    ("C: 什么叫限价啊，我看不懂，都是瞎点", {"experience_level:novice"}),
    ("C: 我对理财一点都不懂，你说啥是啥", {"experience_level:novice"}),
    ("C: 我老公以前管这些，我一窍不通", {"experience_level:novice"}),
    ("C: 小白一枚 求带", {"experience_level:novice"}),
    ("C: 我炒股炒了二十年，什么风浪没见过", {"experience_level:experienced"}),
    ("C: 我九六年就进股市了，比你岁数还大", {"experience_level:experienced"}),
    ("C: 两融我做了八年了，规则不用你讲", {"experience_level:experienced"}),
    ("C: 老股民了，这点道理我懂", {"experience_level:experienced"}),
    ("C: 经历过三轮牛熊了，心态早练出来了", {"experience_level:experienced"}),
    ("C: 我以前在期货公司上班，做过交易员", {"experience_level:experienced"}),
    ("C: 07年6000点我就在里面，08年亏了一半", {"experience_level:experienced"}),
    ("A: 您之前做过期权吗\nC: 做了五六年卖方了", {"experience_level:experienced"}),
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
    assert tags_of(text, "experience_level") == expected


@pytest.mark.parametrize("text", TELL_NOTHING)
def test_tells_nothing(text: str) -> None:
    assert tags_of(text, "experience_level") == set()

"""complaint: what of this broker a client is unhappy about."""

from __future__ import annotations

import pytest
from marked import tags_of

HITS = [
    ("C: 你们这软件一开盘就卡死，我单子都挂不上去", "app"),
    ("C: 登录登了八遍都进不去，什么破玩意儿", "app"),
    ("C: 改版以后行情页面找半天找不着，真难用", "app"),
    ("C: 手续费也太贵了吧，我做一个月全给你们打工了", "commission"),
    ("C: 都老客户了还收我万二点五，这不是欺负老实人嘛", "commission"),
    ("C: 给你发了四条消息一条都没回，你们就是这么服务客户的？", "service"),
    ("C: 一年给我换了三个客户经理，没一个跟我打过招呼的", "service"),
    ("C: 柜台那个小姑娘态度恶劣得很，问一句翻个白眼", "service"),
    ("C: 你们一个礼拜给我打了五个电话，烦不烦", "disturbance"),
    ("C: 我说过不要再推销了，结果昨天又给我打", "disturbance"),
    ("C: 亏了十几万，我这几天觉都睡不着，饭也吃不下", "loss"),
    ("C: 养老钱都套在里头了，我老伴天天跟我吵", "loss"),
    ("C: 买的时候跟我讲随时能取，现在又说要锁一年，这不是坑人吗", "product"),
    ("C: 你们推荐的那个基金越跌越锁，想赎还赎不出来", "product"),
]
MISSES = [
    "C: 佣金是多少来着，我记账要填",
    "C: 软件改版了是吧，新的我还没更",
    "C: 我同事说他们那家券商软件老闪退",
    "C: 上回那个卡的毛病后来好了，是我手机内存满了",
    "C: 楼下快递把我东西弄丢了，气死我了",
    "C: 高铁退票扣我二十块，真黑\nA: 哈哈是",
    "C: 今天亏了两百块，正好一顿火锅钱，哈哈",
    "C: 以前亏过一回，就当交学费了，早过去了",
    "C: 我要是亏一分钱都睡不着，所以只存定期",
    "C: 手续费不贵，挺好的",
    "A: 是不是我们服务不周到惹您生气了\nC: 没有没有，挺满意的",
    "A: 您那个软件是不是老闪退\nC: 我这没有啊，挺顺的",
    "C: 股市又是四千多家绿，神仙也没办法",
    "C: 这个转托管是啥意思啊，要办什么手续不",
]


@pytest.mark.parametrize(("said", "topic"), HITS)
def test_unhappy(said: str, topic: str) -> None:
    assert f"complaint:{topic}" in tags_of(said, "complaint")


@pytest.mark.parametrize("said", MISSES)
def test_not_a_complaint(said: str) -> None:
    assert tags_of(said, "complaint") == set()


def test_displeasure_takes_its_topic_from_the_turn_before() -> None:
    assert tags_of("C: 你们佣金收我万三啊\nA: 您是老户\nC: 这像话吗", "complaint") == {"complaint:commission"}


def test_displeasure_at_the_firm_with_nothing_named_is_other() -> None:
    assert tags_of("C: 你们这样做太过分了", "complaint") == {"complaint:other"}


def test_weak_signs_add_up() -> None:
    said = "C: 头一趟说没带证，第二趟说缺复印件\nA: 不好意思\nC: 你们真行啊，第三趟又说人不在"
    assert tags_of(said, "complaint") == {"complaint:service"}

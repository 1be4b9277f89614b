"""Everyday talk about calls, fees and accounts: as much that holds no voice or service fact as holds one."""

from __future__ import annotations

import pytest
from marked import tags_of

TYPES = (
    "contact_time",
    "contact_channel",
    "complaint",
    "churn_risk",
    "do_not_contact",
    "advisor_commitment",
    "compliance_flag",
)
NOTHING = [
    "C: 今天大盘跌了一百多点",
    "C: 我老公昨天下午三点的飞机",
    "C: 上礼拜给我妈打电话她说睡不着",
    "A: 这只基金去年亏了不少，您也别太着急\nC: 嗯，我知道有风险",
    "C: 你微信头像换了啊",
    "A: 我把短信验证码给您再发一次\nC: 收到了",
    "C: 我大舅子转户到华泰了，说那边便宜",
    "C: 卡里的钱转进来大概多久到账",
    "A: 我们不承诺收益的，投资有风险\nC: 知道",
    "C: 我们单位中午十二点到一点半休息",
    "C: 佣金万一对吧，可以的",
    "A: 您对我们服务还满意吗\nC: 挺好的没啥意见",
    "C: 软件在哪里看持仓收益啊",
    "C: 我儿子让我问问销户是什么意思",
    "C: 你们几点下班",
    "A: 下周三有个直播您可以看看\nC: 好的",
    "C: 这个月底房租到期，我得搬家",
    "C: 谢谢啊，你每次都这么快回我",
    "C: 我同事天天被推销电话骚扰",
    "A: 以后有什么新产品我再通知您\nC: 行",
]
SOMETHING = [
    ("C: 我说你们那个手机软件啊，动不动就卡住不动，害我少赚两千块", "complaint:app"),
    ("C: 别人家都免五了，你们还抠那五块钱，抠抠搜搜的", "complaint:commission"),
    ("C: 微信上问你个事，过了三天才回我一句在忙", "complaint:service"),
    ("C: 说好给我申请降佣，拖到现在连个响都没有", "complaint:service"),
    ("C: 我在手术室门口呢，你们又来推销，有没有点眼力见", "complaint:disturbance"),
    ("C: 一打开账户就难受，跌了四成了", "complaint:loss"),
    ("C: 买你们的投顾组合一年了，跑得还不如余额宝，净收我服务费", "complaint:product"),
    ("C: 你们这边我不想做了，户要迁走", "churn_risk:transfer_out"),
    ("C: 帮我把户销了吧，反正也不用", "churn_risk:close_account"),
    ("C: 下礼拜我要从账户里转三十万出去付首付", "churn_risk:withdraw_funds"),
    ("C: 你这个收益比人家银行的还低", "churn_risk:comparing"),
    ("C: 我不是你们客户了，以后有什么活动都别通知我，也别联系我", "do_not_contact"),
    ("C: 我耳朵不好，你有事打字发微信给我", "contact_channel:wecom"),
    ("C: 微信我眼睛看不清，你打电话给我讲就好", "contact_channel:phone"),
    ("C: 我想去你们营业部当面了解一下", "contact_channel:in_person"),
    ("A: 这个产品绝对不会亏的，您就放心吧", "compliance_flag:guaranteed_return"),
    ("A: 您把手机银行和交易密码都给我，我每天替您做T", "compliance_flag:discretionary_trading"),
    ("A: 服务费不用走公司账，微信转给我就好", "compliance_flag:private_payment"),
    ("A: 我跟领导申请一下，礼拜五前一定给您消息", "advisor_commitment:check_and_reply"),
    ("A: 那我们周三下午两点营业部见，我在门口等您\nC: 好", "advisor_commitment:arrange_meeting"),
]


@pytest.mark.parametrize("said", NOTHING)
def test_nothing_is_read_into_it(said: str) -> None:
    assert tags_of(said, *TYPES) == set()


@pytest.mark.parametrize(("said", "expected"), SOMETHING)
def test_the_fact_is_read(said: str, expected: str) -> None:
    assert expected in tags_of(said, *TYPES)

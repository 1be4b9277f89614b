"""Facts told without a set phrase: by an act and its object, over turns; and what only looks so."""

from __future__ import annotations

import pytest
from marked import tags_of

from huiyin.domain.conversation import Channel

TOLD = [
    ("C: 你们那个菜单跟迷宫一样，谁想出来的？我找了三回都没找着\nA: 对不起，我帮您反映", "complaint:app"),
    ("C: 你们一天三条短信，当我是开邮局的吗？第五回了\nA: 真对不起", "complaint:disturbance"),
    ("A: 那我给您发短信\nC: 短信我从来不看，你写成邮件吧", "contact_channel!:sms"),
    ("A: 那我给您发短信\nC: 短信我从来不看，你写成邮件吧", "contact_channel:email"),
    ("A: 那通知我放APP消息里？\nC: 别推那上头，我一年开不了两回", "contact_channel!:app"),
    ("A: 见个面细聊？我去您公司\nC: 免了免了，忙得很", "contact_channel!:in_person"),
    ("C: 户头我寻思一块儿注了，省心", "churn_risk:close_account"),
    ("C: 上回说要销户是气话，户不销", "churn_risk!:close_account"),
    ("C: 本来要转户的，想想不折腾啦", "churn_risk!:transfer_out"),
    ("C: 电话、短信、微信，都到此为止吧", "do_not_contact"),
    ("A: 您上回亏的三千，我下个月发了工资先转一千给您", "compliance_flag:loss_compensation"),
    ("A: 您看要不要追加两万\nC: 房租都是跟我妹凑的，你看我像吗", "idle_funds!"),
    ("A: 您做个网格？\nC: 网格？是那条黄线吗", "experience_level:novice"),
    ("C: 我那会儿还是电话委托呢，牛市见过三轮了", "experience_level:experienced"),
]
NOT_TOLD = [
    ("C: 洗衣机又转圈圈，气死我了，房东也不管", "complaint"),
    ("C: 九六年那时候手续费真黑，现在好多了", "complaint"),
    ("C: 我昨天照片没了，心疼得很", "complaint"),
    ("C: 刚才有人加我微信，是不是骗子", "contact_channel"),
    ("C: 下午两点你打给我", "contact_channel"),
    ("A: 今天开会吗\nC: 明天开电话会议", "contact_channel"),
    ("C: 这个月底房租到期，我得搬家", "churn_risk"),
    ("C: 我国庆哪都不去，在家带孙子", "churn_risk"),
    ("C: 有个骗子电话，我拉黑了", "do_not_contact"),
    ("A: 融资就是您钱不够，我们借给您，您拿持仓担保", "compliance_flag"),
    ("A: 这只收益凭证保本，年化两个点多", "compliance_flag"),
    ("C: 这个月房租又涨了", "idle_funds"),
    ("A: 保险您考虑吗\nC: 我身上背着房贷，想弄个重疾", "idle_funds"),
    ("C: 一五年我还在念初中", "experience_level"),
]


@pytest.mark.parametrize(("said", "expected"), TOLD)
def test_told_by_parts(said: str, expected: str) -> None:
    assert expected in tags_of(said, expected.split(":")[0].rstrip("!"))


@pytest.mark.parametrize(("said", "kind"), NOT_TOLD)
def test_only_looks_so(said: str, kind: str) -> None:
    assert tags_of(said, kind) == set()


def test_here_is_the_chat_and_nothing_on_the_phone() -> None:
    said = "A: 那我发您邮箱\nC: 别，有事写这儿\nA: 好"
    assert "contact_channel:wecom" in tags_of(said, "contact_channel", channel=Channel.WECOM)
    assert "contact_channel:wecom" not in tags_of(said, "contact_channel")

"""compliance_flag: the advisor's words, in earnest and not denied."""

from __future__ import annotations

import pytest
from marked import tags_of

HITS = [
    ("A: 这个产品稳赚不赔，您放心买", "guaranteed_return"),
    ("A: 我跟您打包票，年底最少二十个点", "guaranteed_return"),
    ("A: 您就闭着眼睛买，绝对亏不了", "guaranteed_return"),
    ("A: 真要亏了，差多少我补给您", "loss_compensation"),
    ("A: 跌了算我的，我自己掏腰包", "loss_compensation"),
    ("A: 您把账号密码发给我，我来替您操作", "discretionary_trading"),
    ("A: 昨天您忙，我就帮您把那只票卖了", "discretionary_trading"),
    ("A: 您啥也不用管，怎么买怎么卖全听我的，赚了咱们三七分", "discretionary_trading"),
    ("A: 我同学在他们董秘办，下周要重组，您别往外说", "insider_information"),
    ("A: 公告还没出来，领导开会讲的，您先进一点", "insider_information"),
    ("A: 会员费您直接转我个人微信就行", "private_payment"),
    ("A: 这个不走公司，您私下给我两千", "private_payment"),
]
MISSES = [
    "A: 我不能保证收益，过往业绩也不代表未来",
    "C: 你能保证不亏吗\nA: 这个谁也保证不了",
    "C: 亏了你赔不赔\nA: 我可赔不起",
    "C: 密码给你，你帮我操作吧\nA: 那不行，代客操作是违规的",
    "A: 密码您自己保管好，谁要都别给",
    "A: 您问有没有内幕消息，真有我也不敢讲，那是犯法的",
    "A: 最近有人冒充我们公司收会员费，说稳赚不赔，您千万别信",
    "A: 可用保证金还有八万",
    "C: 我朋友跟我打包票说稳赚",
    "A: 前年有个客户把密码给了别人，最后打官司",
    "A: 钱会转到您的银行卡，两个工作日到账",
    "A: 您填好以后我帮您提交申请",
]


@pytest.mark.parametrize(("said", "kind"), HITS)
def test_flagged(said: str, kind: str) -> None:
    assert f"compliance_flag:{kind}" in tags_of(said, "compliance_flag")


@pytest.mark.parametrize("said", MISSES)
def test_not_flagged(said: str) -> None:
    assert tags_of(said, "compliance_flag") == set()

"""product_preference: likes, wants, keeps using, avoids; holding and asking are none.

Marked-up dialogues (tests/taggers/marked.py): what is said, and the tags that it tells; as many that tell none.
"""

from __future__ import annotations

import pytest
from marked import tags_of

TELL = [
    ("A: 您平常偏好哪类产品\nC: 我喜欢国债，省心", {"product_preference:fixed_income"}),
    ("C: 最近金价跌了点，我想定投一点黄金ETF", {"product_preference:gold"}),
    ("A: 黄金要不要配置一些\nC: 涨成这样了谁还买，不要", {"product_preference!:gold"}),
    ("C: 有没有R2以下的纯债基金，推荐两只", {"product_preference:bond_fund"}),
    ("A: 给您推荐一只债基\nC: 债基我去年亏怕了，别推了", {"product_preference!:bond_fund"}),
    ("C: 我一般就做做逆回购，月底做得多", {"product_preference:money_market"}),
    ("A: 咱们有个雪球产品票息十二\nC: 雪球把我朋友埋里头了，我可不敢碰", {"product_preference!:structured_note"}),
    ("C: 你们收益凭证下期什么时候发，给我留点额度", {"product_preference:structured_note"}),
    ("C: 想找个靠谱的私募投一笔，你们有白名单吗", {"product_preference:private_fund"}),
    ("A: 这只量化私募业绩不错\nC: 私募水太深，不考虑", {"product_preference!:private_fund"}),
    ("C: 我打算每个月定投沪深300指数", {"product_preference:index_fund"}),
    ("A: 指数基金您看看？\nC: 指数涨得太慢，没兴趣", {"product_preference!:index_fund"}),
    ("C: 固收加那种的帮我挑一个，稳一点能多赚点的", {"product_preference:fixed_income_plus"}),
    ("C: 我还是喜欢自己买股票，刺激", {"product_preference:stock"}),
    ("A: 有几只票您看看\nC: 股票我是再也不碰了，伤透了心", {"product_preference!:stock"}),
    ("C: 纳指现在还能买吗，我想配点美股", {"product_preference:overseas"}),
    ("A: 港股基金您考虑吗\nC: 港股坑太多，不看", {"product_preference!:overseas"}),
    ("C: 新股申购我每天都打，中了两次了", {"product_preference:ipo"}),
    ("A: 新股今天可以申购\nC: 打新现在老破发，我不打了", {"product_preference!:ipo"}),
    ("A: 年金险收益锁定\nC: 买保险就算了，我家已经买够多了", {"product_preference!:insurance"}),
    ("C: 高速公路REITs分红不错，再出新的喊我一声", {"product_preference:reits"}),
    ("A: REITs配一点？\nC: 跌成那样还配，不要", {"product_preference!:reits"}),
    ("C: 可转债我玩了好几年，挺喜欢的，T加零方便", {"product_preference:convertible_bond"}),
    ("A: 可转债您玩吗\nC: 搞不懂那些条款，不玩", {"product_preference!:convertible_bond"}),
    ("C: 银行理财我就认，到期自己回来多省事，你们有代销的吗", {"product_preference:bank_wealth"}),
    ("A: 理财子的产品您看看\nC: 银行理财收益越来越低，不想买了", {"product_preference!:bank_wealth"}),
    ("C: 我不想自己选，你们那种一键跟投的组合给我介绍介绍", {"product_preference:fund_advisory"}),
    ("A: 混合基金要不要来点\nC: 基金经理换来换去，信不过，不买", {"product_preference!:equity_fund"}),
    ("C: 想买点医药主题的主动基金，你看哪个经理好", {"product_preference:equity_fund"}),
    ("A: 大额存单您考虑吗\nC: 可以，三年期的给我留二十万", {"product_preference:fixed_income"}),
    ("C: 货基太低了，我不要", {"product_preference!:money_market"}),
    ("C: 侬有啥国债好推荐伐，我就欢喜稳的", {"product_preference:fixed_income"}),
    ("C: 我要买日经那个基金，在哪买", {"product_preference:overseas"}),
    ("C: 股票不要，基金也不要，你就给我存单", {"product_preference!:stock", "product_preference:fixed_income"}),
]
TELL_NOTHING = [
    "C: 雪球是什么意思",
    "C: 我在招行有三十万大额存单，明年到期",
    "C: 黄金周你们放几天假",
    "C: 我同事天天买黄金，都魔怔了",
    "C: 今天黄金涨了多少",
    "A: 国债利率最近又下调了\nC: 哦",
    "C: 保险公司天天给我打电话烦死了",
    "C: 那个股票型和混合型有什么区别",
    "A: 我们新发了一只债基，今天开售\nC: 嗯嗯\nA: 费率一折\nC: 嗯",
    "C: 我们单位用公款买了国债，跟我没关系",
    "C: 当年我妈排队买国库券",
    "C: 支付宝里有两万块基金，放着呢",
    "C: 新股东大会什么时候开",
    "C: 港股今天休市吗",
    "C: 我家保险丝烧了",
    "C: 可转债强赎是哪天",
    "A: REITs昨天分红了\nC: 到账了吗",
    "C: 听说私募又爆雷了",
    "C: 我那只股票停牌了，啥时候复牌",
    "C: 逆回购几点截止",
    "C: 股票账户密码忘了咋办",
    "C: 要是哪天我中了五百万，全买黄金",
    "C: 美股昨晚跌惨了",
    "C: 我工行的理财到期了，钱转过来了",
    "C: 指数今天收多少点",
    "A: 我给您寄个黄金纪念卡\nC: 不用寄",
    "C: 我表弟让我劝你们别推雪球",
    "C: 打新中签了钱怎么交",
    "C: 公司年会发了个金豆子",
    "C: 医保卡能在你们那儿查吗",
    "C: 我妹夫就认国债，别的不买",
    "A: 您以前打过新吗\nC: 什么叫打新",
    "C: 银行的人天天给我推保险，我躲都躲不及他",
    "C: 你们那本基金手册给我寄一份",
    "C: 债券型基金的申购费怎么算",
    "C: 我们工会买了一批黄金当奖品",
]


@pytest.mark.parametrize(("text", "expected"), TELL)
def test_tells(text: str, expected: set[str]) -> None:
    assert tags_of(text, "product_preference") == expected


@pytest.mark.parametrize("text", TELL_NOTHING)
def test_tells_nothing(text: str) -> None:
    assert tags_of(text, "product_preference") == set()

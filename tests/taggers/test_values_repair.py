"""Repair of recognition errors by sound, and all the ordinary words that must stay (domain-facts D.15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import lexicon
from huiyin.taggers.values.repair import fold, repair
from huiyin.taggers.values.sounds import codes, same_tones

REPAIRED = [
    ("我想开两荣", "我想开两融"),
    ("那个荣资荣券费率", "那个融资融券费率"),
    ("弃权账户您考虑的怎么样", "期权账户您考虑的怎么样"),
    ("公司发了点七全分四年归属", "公司发了点期权分四年归属"),
    ("客创板那个权限", "科创板那个权限"),
    ("北郊所也挺活跃", "北交所也挺活跃"),
    ("港古通您要不要开", "港股通您要不要开"),
    ("可转寨那个权限", "可转债那个权限"),
    ("拥金这边是万二", "佣金这边是万二"),
    ("大额村单到期", "大额存单到期"),
    ("六万美金 做的定村", "六万美金 做的定存"),
    ("在建航有个李财这个月底到", "在建行有个理财这个月底到"),
    ("做个国债逆回够", "做个国债逆回购"),
    ("思慕产品一百万起投", "私募产品一百万起投"),
    ("公墓基金跌了", "公募基金跌了"),
    ("固收家是比较受欢迎的", "固收加是比较受欢迎的"),
    ("维持单保比例二百八", "维持担保比例二百八"),
    ("黄金一踢爱抚", "黄金ETF"),
    ("太平的分洪险", "太平的分红险"),
    ("支付包里有两万", "支付宝里有两万"),
    ("拿去买銀行理財", "拿去买银行理财"),
    ("李财年华三点左右", "理财年化三点左右"),
]
KEPT = [
    "他投了弃权票", "汇款给我妈", "市中心那边", "重金求购", "他家小户型", "我很思慕她", "去公墓扫墓", "固守阵地",
    "似水年华", "按一下回车", "龙卷风来了", "关系良好融洽", "在这里才知道", "先前说过了", "力气用尽了",
    "到七月再说", "他不理睬我", "水库分洪了", "左权县的亲戚", "稳定器", "不平衡性", "三国演义", "两人一起去",
    "欠钱不还", "手里的现钱", "开户要带身份证", "我要转户口", "这个消息到齐了没", "双路并进", "他先签了字",
    "年纪大了", "一万二零五百", "打心里高兴",
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), REPAIRED)
def test_errors_are_repaired(text: str, wanted: str) -> None:
    assert repair(text, finance_context=True).text == wanted


@pytest.mark.parametrize("text", KEPT)
def test_ordinary_words_stay(text: str) -> None:
    assert repair(text, finance_context=True).text == text


def test_without_talk_of_finance_nothing_is_repaired() -> None:
    assert repair("那个两荣啊").text == "那个两荣啊"
    assert repair("那个两荣的利率").text == "那个两融的利率"


def test_terms_themselves_stay() -> None:
    terms = lexicon.load("repairs")["terms"]
    for term in (*terms["toneless"], *terms["same_tones"], *terms["long"]):
        found = repair(f"问一下{term}的事", finance_context=True)
        assert found.repairs == (), term


def test_every_error_heard_is_repaired_in_its_example() -> None:
    for row in lexicon.load("repairs")["heard"]:
        assert row["term"] in repair(row["example"], finance_context=True).text, row["id"]


def test_the_raw_text_is_kept() -> None:
    raw = "黄金一踢爱抚跟大额村单"
    found = repair(raw, finance_context=True)
    assert found.text == "黄金ETF跟大额存单"
    assert [(r.raw, r.term) for r in found.repairs] == [("一踢爱抚", "ETF"), ("大额村单", "大额存单")]
    assert all(raw[r.start : r.end] == r.raw for r in found.repairs)


@pytest.mark.parametrize(
    ("term", "raw"), [("ETF", "一踢爱抚"), ("大额存单", "大额村单"), ("黄金", "黄金"), ("跟", "跟"), ("到期", "到期")]
)
def test_offsets_lead_back_to_the_raw_words(term: str, raw: str) -> None:
    text = "黄金一踢爱抚跟大额村单到期"
    found = repair(text, finance_context=True)
    at = found.text.index(term)
    start, end = found.to_raw(at, at + len(term))
    assert text[start:end] == raw


def test_inside_a_repaired_term_the_whole_term_is_meant() -> None:
    text = "买一踢爱抚吧"
    found = repair(text, finance_context=True)
    start, end = found.to_raw(found.text.index("T"), found.text.index("T") + 1)
    assert text[start:end] == "一踢爱抚"


def test_folding_keeps_the_length() -> None:
    assert fold("銀行理財產品 ABC") == "银行理财产品 ABC"


def test_syllables_are_as_long_as_the_text() -> None:
    text = "招行ETF理财，12个"
    assert len(codes(text)) == len(text)
    assert codes("招航") == codes("招行")
    assert same_tones("两荣", "两融") and not same_tones("良融", "两融")


ERRORS = st.lists(
    st.sampled_from(["一踢爱抚", "大额村单", "两荣", "理财", "銀行", "我", "，", "abc", "拥金", "想买", "的"]),
    max_size=12,
).map("".join)


@given(ERRORS | st.text(max_size=40), st.booleans())
def test_offsets_always_lead_back(raw: str, context: bool) -> None:
    found = repair(raw, finance_context=context)
    assert found.to_raw(0, len(found.text)) == (0, len(raw))
    for span in found.repairs:
        assert raw[span.start : span.end] == span.raw
    last = 0
    for i in range(len(found.text)):
        start, end = found.to_raw(i, i + 1)
        assert 0 <= start < end <= len(raw) and start >= last - 4
        last = start
        if not any(r.start <= start < r.end for r in found.repairs):
            assert fold(raw[start:end]) == found.text[i]


@given(st.text(st.sampled_from("我你他的是在有不好吗吧啊今天吃饭孩子学校医院天气开车"), max_size=40))
def test_talk_without_errors_stays(text: str) -> None:
    assert repair(text, finance_context=True).text == text

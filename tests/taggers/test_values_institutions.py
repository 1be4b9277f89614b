"""Institutions as clients name them, and the words they collide with (domain-facts D.4 to D.6, D.15, D.17)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import lexicon
from huiyin.domain.tags import INSTITUTION_TYPES
from huiyin.taggers.values.institutions import find_institutions

NAMED = [
    ("我涨乐里头还有二十几万的票", "华泰证券", "broker"),
    ("招商那边直接给我4.2的", "招商证券", "broker"),
    ("招商那边有三十万理财", "招商银行", "bank"),
    ("中信那边开了七八年了，主要压着沪市的门票", "中信证券", "broker"),
    ("中信的卡里还有点", "中信银行", "bank"),
    ("银河有个老户头", "银河证券", "broker"),
    ("还一个平安信托的", "平安信托", "trust"),
    ("平安的年金险", "平安人寿", "insurance"),
    ("平安那边的理财", "平安银行", "bank"),
    ("太平的分红险十年前买的", "太平人寿", "insurance"),
    ("光大行有一笔理财", "光大银行", "bank"),
    ("中行定着三万美金", "中国银行", "bank"),
    ("余额宝里有四万多", "支付宝", "fund_platform"),
    ("天天基金12万多", "天天基金", "fund_platform"),
    ("且慢跟投6w", "且慢", "fund_platform"),
    ("我们村信用社存着呢", "农村信用社", "bank"),
    ("在农信社里", "农村信用社", "bank"),
    ("邮政那个五月初到", "邮储银行", "bank"),
    ("老虎上头还有一点美股", "老虎证券", "broker"),
    ("国君那边融资报给我四个五", "国泰君安", "broker"),
    ("顺德农商行存了", "顺德农商行", "bank"),
    ("苏州农村商业银行", "苏州农商行", "bank"),
    ("桂林银行", "桂林银行", "bank"),
    ("中融的信托", "中融信托", "trust"),
    ("高毅的产品", "高毅资产", "private_fund"),
    # recognition errors
    ("在花泰那头还扔着票", "华泰证券", "broker"),
    ("在建航有个理财", "建设银行", "bank"),
    ("招伤的大额存单", "招商银行", "bank"),
    ("那个 会丰有一点 六万美金", "汇丰银行", "bank"),
    ("大头都在中心建投那头", "中信建投", "broker"),
    ("国京就不挤我已经弄过去了", "国金证券", "broker"),
    ("余鹅宝嘛十一万", "支付宝", "fund_platform"),
    ("国连那边客户经理天天问我", "国联证券", "broker"),
]
UNNAMED = [
    ("您在别的券商还有户吗", "broker"),
    ("另外一家证券公司", "broker"),
    ("银行那边还有点定期", "bank"),
    ("村镇银行", "bank"),
    ("保险公司那边", "insurance"),
]
NONE = [
    "我就两百股中行", "招行涨了不少", "平安银行的股票", "手机银行上看", "在银行门口排队",
    "中国联通", "八国联军", "东方红基金", "京东方涨了", "东方明珠", "上海证券交易所", "招商引资", "一路平安",
    "给您报个平安", "发扬光大", "其中行情不好", "化工行业", "那中行不行", "开源节流", "美联储降息", "滚雪球",
    "想买雪球", "信用卡", "守信用", "南京那边下雨", "中心那边", "联通那边", "我们那边", "银行股涨了",
    "这波银行您抓得不错", "恒生科技", "新华书店", "老虎机", "方方正正", "民生问题", "太康县", "安邦治国",
    "住到华西的", "同花顺上看行情",
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "kind"), NAMED)
def test_named(text: str, name: str, kind: str) -> None:
    found = find_institutions(text)
    assert [(i.institution, i.type) for i in found] == [(name, kind)]


@pytest.mark.parametrize(("text", "kind"), UNNAMED)
def test_unnamed(text: str, kind: str) -> None:
    assert [(i.institution, i.type) for i in find_institutions(text)] == [(None, kind)]


@pytest.mark.parametrize("text", NONE)
def test_collisions(text: str) -> None:
    assert find_institutions(text) == []


def test_a_name_of_several_houses_keeps_the_others() -> None:
    (found,) = find_institutions("平安那边有点理财")
    assert {a.type for a in found.alternatives} >= {"broker", "insurance", "trust"}


def test_the_longest_name_wins() -> None:
    (found,) = find_institutions("中信银行存了点")
    assert (found.text, found.institution) == ("中信银行", "中信银行")


def test_a_merged_firm_keeps_the_name_said_and_tells_its_successor() -> None:
    (found,) = find_institutions("海通证券那边还有户")
    assert (found.institution, found.successor) == ("海通证券", "国泰海通")


def test_every_entry_is_found_in_its_example() -> None:
    for entry in lexicon.load("institutions")["entries"]:
        assert entry["type"] in INSTITUTION_TYPES
        found = [i for i in find_institutions(entry["example"]) if i.institution == entry["name"]]
        assert found and found[0].type == entry["type"], entry["id"]


def test_every_sure_name_and_error_is_read() -> None:
    for entry in lexicon.load("institutions")["entries"]:
        for name in (*entry["sure"], *entry.get("heard_as", ())):
            found = find_institutions(f"我在{name}还有一点")
            names = {i.institution for i in found} | {a.institution for i in found for a in i.alternatives}
            assert entry["name"] in names, name


def test_ids_are_unique_and_generic_examples_match() -> None:
    data = lexicon.load("institutions")
    ids = [row["id"] for row in (*data["entries"], *data["generic"])]
    assert len(ids) == len(set(ids))
    for row in data["generic"]:
        assert any(i.entry == row["id"] for i in find_institutions(row["example"])), row["id"]


@given(
    st.text(max_size=40)
    | st.text(st.sampled_from("中信平安招商银行证券那边在其国泰君安行业建航有户的 ，"), max_size=24)
)
def test_any_text_is_read_and_spans_index_it(text: str) -> None:
    end = 0
    for span in find_institutions(text):
        assert text[span.start : span.end] == span.text and span.text
        assert span.start >= end
        end = span.end

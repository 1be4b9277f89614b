"""lexicons/topics.yaml: every topic is there, every example is heard, no counter-example is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audit_world import at

from huiyin.domain.tags import TAG_TYPES
from huiyin.domain.topics import Matcher, Phrases, Said, TopicBook
from huiyin.pipeline.reference import load_topic_data, load_topics

DATA = load_topic_data()
BOOK: TopicBook = load_topics()


def firm(text: str, kind: str = "text") -> Said:
    return Said(0, True, at("03-02 10:00"), text, kind)


WORDED = [t for t in TAG_TYPES.values() if t.lead and t.key in {x.tag for x in DATA.topics} and t.choices]


def test_every_discriminator_of_a_lead_that_is_told_by_words_has_its_topic() -> None:
    assert [t.key for t in WORDED] == ["permission_intent", "product_preference", "complaint", "churn_risk"]
    for kind in WORDED:
        assert {t.key for t in DATA.topics if t.tag == kind.key} == set(kind.choices or {})
    assert [t.key for t in DATA.topics if t.tag == "idle_funds"] == [None]


def test_ids_are_unique() -> None:
    ids = [t.id for t in DATA.topics] + [t.id for t in DATA.teaching.terms] + [r.id for r in DATA.teaching.rules]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("topic", DATA.topics, ids=lambda t: t.id)
def test_a_topic_hears_its_example(topic: Phrases) -> None:
    assert topic.example
    assert Matcher.of(topic).hears(topic.example)


def others() -> Iterator[tuple[str, str, str | None, str]]:
    """Pairs that must be told apart: one's example is not the other's subject."""
    for text, tag, key in [
        ("两融利率多少", "permission_intent", "options"),
        ("科创板要两年", "permission_intent", "chinext"),
        ("北交所可以开了", "permission_intent", "neeq"),
        ("可转债权限", "permission_intent", "margin"),
        ("债基波动小", "product_preference", "equity_fund"),
        ("货币基金随时取", "product_preference", "equity_fund"),
        ("我们基金公司的", "product_preference", "equity_fund"),
        ("黄金涨了", "product_preference", "stock"),
        ("佣金降到万一", "churn_risk", "transfer_out"),
        ("股票转过来", "churn_risk", "transfer_out"),
        ("万一跌了呢", "complaint", "commission"),
        ("万一亏了怎么办", "churn_risk", "comparing"),
        ("工行那张旧卡销掉了", "churn_risk", "close_account"),
        ("没打扰您吧", "complaint", "disturbance"),
        ("那我先不打扰了", "complaint", "disturbance"),
        ("我是您的客户经理小李", "complaint", "service"),
        ("OPEN的时候", "complaint", "app"),
    ]:
        yield text, tag, key, f"{key}: {text}"


@pytest.mark.parametrize(("text", "tag", "key"), [o[:3] for o in others()], ids=[o[3] for o in others()])
def test_a_topic_is_deaf_to_another_subject(text: str, tag: str, key: str) -> None:
    assert not BOOK.topic(tag, key).hears(text)


@pytest.mark.parametrize("entry", [*DATA.teaching.rules, *DATA.teaching.lessons], ids=lambda e: e.id)
def test_rules_and_lessons_hear_their_example(entry: object) -> None:
    example = entry.example  # type: ignore[attr-defined]
    assert BOOK.gives_lesson(firm(example)) or entry.id in BOOK.explained(firm(example))  # type: ignore[attr-defined]


@pytest.mark.parametrize("term", DATA.teaching.terms, ids=lambda t: t.id)
def test_terms_are_explained_in_their_example_and_not_by_being_named(term: Phrases) -> None:
    assert term.example
    assert term.id in BOOK.explained(firm(term.example))
    assert term.id not in BOOK.explained(firm(f"您看{term.words[0]}怎么样"))


@pytest.mark.parametrize(
    "text", ["这只基金是R3的", "这个基金叫稳健一号", "基金指数今年涨了", "国债是两年期的", "您的仓位是多少"]
)
def test_a_pitch_explains_nothing(text: str) -> None:
    assert BOOK.explained(firm(text)) == frozenset()


def test_sent_report_meeting_offers_and_replies() -> None:
    assert BOOK.says_sent(DATA.sent.said.example or "")
    assert not BOOK.says_sent(DATA.sent.said.counter or "")
    assert BOOK.notes_sent(DATA.sent.noted.example or "")
    assert not BOOK.notes_sent(DATA.sent.noted.counter or "")
    assert BOOK.says_report(DATA.report.example or "")
    assert not BOOK.says_report(DATA.report.counter or "")
    assert BOOK.meeting.hears(DATA.meeting.example or "")
    assert BOOK.offers_product(firm(DATA.offers.example or ""))
    assert not BOOK.offers_product(firm("今天大盘跌了不少"))
    assert BOOK.brushes_off(DATA.brush_off.example or "")
    assert not BOOK.brushes_off("我没时间去营业部，但是想问一下那个条件到底要多少钱才能开")
    assert not BOOK.brushes_off(DATA.takes_up.example or "")
    assert BOOK.deflects(DATA.deflect.example or "")


@pytest.mark.parametrize(
    "text",
    [
        "给您发了份纪要",
        "邮件已发，您查收",
        "资料上午发您微信了",
        "步骤给您发过去了",
        "早上给您发的看到没",
        "合同已经寄出了",
    ],
)
def test_said_to_be_sent(text: str) -> None:
    assert BOOK.says_sent(text)


@pytest.mark.parametrize(
    "text",
    [
        "公司刚发了一只新基金",
        "隔壁那家银行又推了新的一期",
        "对的今天就可以转了",
        "恭喜呀 等上市就发了",
        "我等下发您",
        "今晚八点之前发到您邮箱",
        "还没来得及发您",
        "年终奖发了吗",
    ],
)
def test_not_said_to_be_sent(text: str) -> None:
    assert not BOOK.says_sent(text)


@pytest.mark.parametrize(
    "text",
    [
        "您申请的那笔赎回我跟基金公司问过了",
        "那个问题总部回复了",
        "关于那个事情我查了一下",
        "批下来了",
        "佣金给您调到万一点五",
        "已经给您开好了",
        "审批结果出来了",
        "外呼名单已经撤了",
        "佣金给您申请下来了",
    ],
)
def test_reported(text: str) -> None:
    assert BOOK.says_report(text)


@pytest.mark.parametrize(
    "text",
    [
        "我去系统里查一下，今天收盘以后给您回话",
        "最晚周五批下来",
        "外面那个关税的消息出来了",
        "测评结果是C2哦",
        "我看看能申请到多少",
        "那您当时是弄到哪一步了",
        "这些股票您打算留着还是处理掉",
        "上次您说那个软件卡现在怎么样了",
        "收盘了，跟您汇报一下今天的行情",
        "看到了没",
        "还没批下来",
        "等您手续办完",
        "我明天上午给您撤掉重新设一张",
        "下午收盘后给您回复",
    ],
)
def test_not_reported(text: str) -> None:
    assert not BOOK.says_report(text)


@pytest.mark.parametrize(
    "text",
    ["我来给您讲一下流程", "风险我要跟您讲清楚的", "要不我现在就带您操作？", "改天给您讲讲", "我先跟您讲一下为什么跌"],
)
def test_no_lesson(text: str) -> None:
    assert not BOOK.gives_lesson(firm(text))


def test_external_assets_are_named_by_institution_product_or_maturity() -> None:
    named = BOOK.external("招商银行", "bank", "三年定期")
    assert all(named.hears(t) for t in ("招商银行那边", "招行的钱", "金葵花", "那笔定期", "什么时候到期", "三年定期"))
    assert not any(named.hears(t) for t in ("我们的理财", "建行的钱", "银行利率降了", "大盘跌了"))
    wealth = BOOK.external("招商银行", "bank", "理财")
    assert wealth.hears("您那边的理财怎么样")
    assert not wealth.hears("我们有一款理财")
    assert BOOK.external(None, "trust", None).hears("信托那笔")
    assert not BOOK.external(None, None, None).hears("信托那笔")


def test_kinds_of_messages() -> None:
    assert BOOK.is_material(firm("两融指引.pdf", kind="file"))
    assert BOOK.is_material(firm("[链接] 开户流程"))
    assert not BOOK.is_material(firm("[图片]", kind="image"))
    assert BOOK.is_nobodys("agree", "")
    assert BOOK.is_nobodys("text", "我通过了你的朋友验证请求，现在我们可以开始聊天了")
    assert not BOOK.is_nobodys("text", "我通过了测评")
    assert BOOK.lacks_words("voice", "[语音]")
    assert BOOK.lacks_words("voice", "[语音] 12″")
    assert not BOOK.lacks_words("voice", "明天打给我")
    assert BOOK.is_call("text", "[语音通话] 3:15")


@pytest.mark.parametrize("text", ["", "……", "[听不清]", "（无法识别）", "***", "[inaudible]"])
def test_what_a_recogniser_writes_where_it_understood_nothing(text: str) -> None:
    assert BOOK.is_unintelligible(text)


@pytest.mark.parametrize("text", ["嗯", "喂", "听不清，你大声点", "噪音太大了听不见"])
def test_words_are_words(text: str) -> None:
    assert not BOOK.is_unintelligible(text)

"""spec/audit.md, "Contact", on topic: what each kind of lead asks of a conversation, a note, an event."""

from __future__ import annotations

from typing import Any

import pytest
from audit_world import World, at, callback, promise

from huiyin.domain.lead import ContactReason, LeadStatus


def opened(tag: str, value: dict[str, Any]) -> World:
    return World().call("a", "03-02 10:00", "A 您好", "C 嗯").tag("a", tag, value)


def judged(tag: str, value: dict[str, Any], *lines: str) -> tuple[bool, bool]:
    """Whether a call of these lines is on topic, and whether only in passing."""
    contact = opened(tag, value).call("c", "03-02 15:00", *lines).lead("04-30 18:00").contacts[0]
    return contact.kind == "on_topic", contact.weak


MARGIN = ("permission_intent", {"permission": "margin"})
IDLE: tuple[str, dict[str, Any]] = ("idle_funds", {})
CMB = ("external_assets", {"institution": "招商银行", "institution_type": "bank", "product": "三年定期"})
BANK = ("external_assets", {"institution_type": "bank"})
COMPARING = ("churn_risk", {"kind": "comparing"})
TRANSFER = ("churn_risk", {"kind": "transfer_out"})
FEE = ("complaint", {"topic": "commission"})

ON = [
    (MARGIN, ("A 上次您问的两融，资料给您准备好了", "C 两融利率现在多少")),
    (MARGIN, ("A 信用账户线上就能开", "C 那我试试开信用账户")),
    (("permission_intent", {"permission": "star_market"}), ("C 科创板怎么样了", "A 科创板要两年交易经验")),
    (("permission_intent", {"permission": "hk_connect"}), ("A 港股通的测评您做了吗", "C 港股通还没做")),
    (IDLE, ("A 您账上那笔钱想好怎么放了吗", "C 那笔钱先放着")),
    (IDLE, ("A 我们这周有一款固收产品，三万起购", "C 收益率多少", "A 年化三个点的理财", "C 理财可以看看")),
    (CMB, ("A 您招行那边的钱怎么安排", "C 招行那个还没动")),
    (CMB, ("A 您那笔什么时候到期", "C 下个月到期")),
    (CMB, ("A 那个定期利率多少", "C 定期两个点")),
    (BANK, ("A 银行那笔想好了吗", "C 银行的先不动")),
    (("product_preference", {"product": "gold"}), ("A 黄金ETF最近涨得多", "C 黄金还能买吗")),
    (COMPARING, ("A 佣金我们也能谈", "C 佣金能给到多少")),
    (FEE, ("A 佣金给您申请到万一点五了", "C 佣金降了就好")),
    (TRANSFER, ("A 您说要转户是哪里不满意", "C 转户主要是嫌麻烦")),
    (("complaint", {"topic": "app"}), ("A App闪退的问题修好了", "C App还是卡")),
    (("complaint", {"topic": "disturbance"}), ("A 以后电话给您停了，不再打", "C 电话少打就行")),
    (("complaint", {"topic": "service"}), ("A 上次没人接您电话，跟您道个歉", "C 你们那个服务真不行")),
    (("complaint", {"topic": "product"}), ("A 您买的那只产品净值回来一点", "C 那个产品还亏着")),
    (("churn_risk", {"kind": "withdraw_funds"}), ("A 您要把钱转走是有用处吗", "C 钱转回卡里交首付")),
    (("churn_risk", {"kind": "close_account"}), ("A 您说要销户是为什么", "C 户头用不上了，销了吧")),
    (MARGIN, ("A 荣资荣券的门槛您够了", "C 良融利率多少")),
    (("complaint", {"topic": "loss"}), ("A 您套着的那只怎么处理", "C 被套着呢，亏了两成")),
]
OFF = [
    (MARGIN, ("A 祝您生日快乐", "C 谢谢")),
    (MARGIN, ("A 期权要不要了解", "C 期权太复杂")),
    (MARGIN, ("A 两融现在有优惠活动",)),
    (MARGIN, ("A 两融现在有优惠活动", "C 我在开会，先挂了")),
    (MARGIN, ("C 两融那个呢", "A 这个先不说，我先跟您讲一下我们的新基金", "C 哦")),
    (IDLE, ("A 今天大盘跌了不少", "C 是啊，看着难受")),
    (IDLE, ("A 您的身份证过期了要更新", "C 好的")),
    (IDLE, ("A 佣金给您调了", "C 谢谢")),
    (CMB, ("A 我们有一款固收产品三万起购", "C 收益率多少")),
    (CMB, ("A 银行利率又降了", "C 是啊")),
    (BANK, ("A 今天大盘怎么看", "C 不看好")),
    (TRANSFER, ("A 佣金给您降到万一", "C 佣金降了啊")),
    (("product_preference", {"product": "gold"}), ("A 债基可以看看", "C 债基波动小")),
    (("complaint", {"topic": "app"}), ("A 佣金给您降了", "C 佣金多少")),
    (COMPARING, ("A 祝您新年好", "C 新年好")),
    (("complaint", {"topic": "disturbance"}), ("A 没打扰您吧", "C 没事你说")),
    (("complaint", {"topic": "service"}), ("A 您好，我是您的客户经理小郑", "C 小郑啊，你说")),
    (("complaint", {"topic": "loss"}), ("A 今天大盘跌了两个点", "C 是跌得厉害")),
    (("complaint", {"topic": "product"}), ("A 我们新发一只基金您看看", "C 什么基金")),
    (IDLE, ("A 您好，我是您的理财顾问小李", "C 李经理你说")),
    (("churn_risk", {"kind": "withdraw_funds"}), ("A 您那只票转出到信用户了", "C 对，当担保")),
]


@pytest.mark.parametrize(("lead", "lines"), ON)
def test_on_topic_when_both_speak_of_it(lead: tuple[str, dict[str, Any]], lines: tuple[str, ...]) -> None:
    assert judged(*lead, *lines) == (True, False)


@pytest.mark.parametrize(("lead", "lines"), OFF)
def test_off_topic(lead: tuple[str, dict[str, Any]], lines: tuple[str, ...]) -> None:
    assert judged(*lead, *lines) == (False, False)


@pytest.mark.parametrize(
    ("lead", "lines"),
    [
        (MARGIN, ("A 对了，两融您还考虑吗", "C 再看看吧")),
        (MARGIN, ("A 对了，两融您还考虑吗", "C 嗯")),
        (MARGIN, ("A 您上次说想开两融", "C 不用了，我在忙")),
        (MARGIN, ("A 两融资料准备好了", "C 好的我考虑一下，回头联系你")),
        (IDLE, ("A 您那五十万打算怎么安排", "C 还没想好")),
        (IDLE, ("A 年终奖到了吧，给您找了几个稳健的方向", "C 嗯你说")),
        (TRANSFER, ("A 听说您想把账户转走，是我们哪里做得不好吗", "C 也不是")),
        (("complaint", {"topic": "service"}), ("A 上次您反映的情况我们主管很重视", "C 嗯")),
        (CMB, ("A 您在招行的大额存单是下个月到期吧", "C 嗯")),
        (IDLE, ("A 给您推荐一款短债，R2的", "C 发我看看")),
    ],
)
def test_a_passing_mention_suffices_and_is_weak(lead: tuple[str, dict[str, Any]], lines: tuple[str, ...]) -> None:
    assert judged(*lead, *lines) == (True, True)


@pytest.mark.parametrize("stance", ["affirmed", "negated"])
def test_a_tag_of_the_same_key_is_on_topic_in_either_stance(stance: str) -> None:
    world = opened(*MARGIN).call("c", "03-02 15:00", "A 那个事您看", "C 那个我知道了")
    world.tag("c", *MARGIN, stance=stance)
    contact = world.lead("04-30 18:00").contacts[0]
    assert (contact.reason, contact.turns) == (ContactReason.SAME_TAG, (1,))


def test_a_tag_of_another_key_is_not() -> None:
    world = opened(*MARGIN).call("c", "03-02 15:00", "A 那个事您看", "C 那个我知道了")
    world.tag("c", "permission_intent", {"permission": "bse"}, stance="negated")
    assert world.lead("04-30 18:00").status is LeadStatus.OFF_TOPIC


# --- promises --------------------------------------------------------------------------------------------------------


def promised(words: str, action: str) -> World:
    """A promise on the phone; due on Tuesday 3 March at 18:00."""
    world = World().call("a", "03-02 10:00", f"A {words}", "C 好的")
    return world.tag("a", "advisor_commitment", promise(action), turns=(0,))


@pytest.mark.parametrize("action", ["callback", "call_back"])
def test_any_reached_contact_keeps_a_callback(action: str) -> None:
    if action == "callback":
        world = opened("contact_time", callback("03-03T15:00", "03-03T18:00"))
    else:
        world = promised("我明天给您回电话", "call_back")
    world.call("c", "03-03 16:00", "A 今天天气不错", "C 是啊")
    assert world.lead("03-31 18:00").status is LeadStatus.FOLLOWED_UP


@pytest.mark.parametrize(("note", "status"), [("和客户聊了聊", LeadStatus.FOLLOWED_UP), ("", LeadStatus.OFF_TOPIC)])
def test_an_empty_note_keeps_nothing(note: str, status: LeadStatus) -> None:
    world = promised("我明天给您回电话", "call_back").event("activity", "03-03 10:00", note=note)
    assert world.lead("03-31 18:00").status is status


@pytest.mark.parametrize(
    "text",
    [
        "[文件] 两融开户指引.pdf",
        "[链接] 开户流程",
        "资料发您微信了",
        "已经给您发过去了",
        "刚发您邮箱了，请查收",
        "资料已发送",
    ],
)
def test_material_sent_keeps_the_promise_unanswered_though_it_is(text: str) -> None:
    world = promised("我等下把资料发您", "send_material").chat("w", "03-02 15:00", "A 您好", f"15:05 A {text}")
    lead = world.lead("03-31 18:00")
    assert (lead.status, lead.contacts[0].time) == (LeadStatus.FOLLOWED_UP, at("03-02 15:05"))
    assert lead.contacts[0].turns == (1,)


@pytest.mark.parametrize(
    "text", ["资料还没发您", "明天发您", "资料我晚点发给您", "年终奖发了吗", "您好", "最近行情怎么看"]
)
def test_what_is_no_sending(text: str) -> None:
    world = promised("我等下把资料发您", "send_material").chat("w", "03-02 15:00", f"A {text}")
    assert world.lead("03-31 18:00").status is LeadStatus.UNREACHED


def test_a_file_from_the_client_keeps_no_promise() -> None:
    world = promised("我等下把资料发您", "send_material").chat("w", "03-02 15:00", "C [文件] 身份证.pdf", "A 收到")
    assert world.lead("03-31 18:00").status is LeadStatus.OFF_TOPIC


def test_education_sent_keeps_a_promise_of_material() -> None:
    world = promised("我等下把资料发您", "send_material").event("education_sent", "03-02 15:00")
    assert world.lead("03-31 18:00").contacts[0].reason is ContactReason.EDUCATION_SENT


def in_chat(action: str, words: str, *lines: str, kinds: dict[int, str] | None = None) -> World:
    world = World().chat("w", "03-02 10:00", "C 在吗", f"A {words}", *lines, kinds=kinds)
    return world.tag("w", "advisor_commitment", promise(action), turns=(1,))


@pytest.mark.parametrize(
    ("action", "words", "line"),
    [
        ("send_material", "等下把资料发您", "11:00 A [文件] 两融指引.pdf"),
        ("send_material", "等下把资料发您", "11:00 A 发您邮箱了"),
        ("check_and_reply", "两融利率我帮您问一下", "11:00 A 问到了，五点二"),
        ("check_and_reply", "两融利率我帮您问一下", "11:00 A 两融利率是五点二"),
        ("arrange_meeting", "我约好营业部时间告诉您", "11:00 A 约好了，周三下午三点营业部见"),
    ],
)
def test_a_promise_in_a_chat_is_kept_by_what_is_sent_later_in_it(action: str, words: str, line: str) -> None:
    lead = in_chat(action, words, line).lead("03-31 18:00")
    assert (lead.status, lead.contacts[0].time) == (LeadStatus.FOLLOWED_UP, at("03-02 11:00"))
    assert lead.response_minutes == pytest.approx(59.5)


@pytest.mark.parametrize(
    ("action", "words", "line"),
    [
        ("send_material", "等下把资料发您", "11:00 A 稍等一下"),
        ("send_material", "等下把资料发您", "11:00 C [文件] 身份证.pdf"),
        ("check_and_reply", "两融利率我帮您问一下", "11:00 A 我再帮您问问，明天答复您"),
        ("check_and_reply", "两融利率我帮您问一下", "11:00 A 您现在两融利率是多少呢"),
        ("call_back", "我下午给您打电话", "11:00 A 好的没问题"),
    ],
)
def test_what_is_sent_later_and_keeps_nothing(action: str, words: str, line: str) -> None:
    assert in_chat(action, words, line).lead("03-31 18:00").status is LeadStatus.MISSED


def test_a_call_inside_the_chat_keeps_a_promise_to_call() -> None:
    world = in_chat("call_back", "我下午给您打电话", "15:00 A [语音通话] 通话时长 2:10", kinds={2: "voiptext"})
    assert world.lead("03-31 18:00").status is LeadStatus.FOLLOWED_UP
    world = in_chat("call_back", "我下午给您打电话", "15:00 A [语音通话] 未接听", kinds={2: "voiptext"})
    assert world.lead("03-31 18:00").status is LeadStatus.MISSED


def test_sent_in_the_same_second_it_is_sent_later() -> None:
    world = World().chat(
        "w", "03-02 10:00", "C 发我看看", "10:01 A 这就发您", "10:01 A [文件] 指引.pdf", "10:01 A 收到了吗"
    )
    world.tag("w", "advisor_commitment", promise("send_material"), turns=(1,))
    contact = world.lead("03-31 18:00").contacts[0]
    assert (contact.turns, contact.time) == ((2,), at("03-02 10:01"))


def test_material_said_to_be_sent_on_the_phone_keeps_the_promise() -> None:
    world = promised("我等下把资料发您", "send_material").call(
        "c", "03-03 10:00", "A 资料上午发您微信了，看到了吧", "C 看到了"
    )
    assert world.lead("03-31 18:00").contacts[0].reason is ContactReason.MATERIAL_SENT


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("A 您好", "C [语音]"), "unknown"),
        (("A 两融的事您看", "C 两融好的", "C [语音]"), "on_topic"),
        (("A 您好", "C [图片]"), "reached"),
    ],
)
def test_a_voice_message_that_nobody_wrote_down_cannot_be_told(lines: tuple[str, ...], kind: str) -> None:
    contact = opened(*MARGIN).chat("w", "03-03 10:00", *lines).lead("03-31 18:00").contacts[0]
    assert contact.kind == kind


def test_what_was_sent_before_the_promise_keeps_nothing() -> None:
    world = World().chat("w", "03-02 10:00", "A [文件] 别的.pdf", "C 收到", "A 等下把资料发您")
    world.tag("w", "advisor_commitment", promise("send_material"), turns=(2,))
    assert world.lead("03-31 18:00").status is LeadStatus.MISSED


@pytest.mark.parametrize(
    ("action", "words", "lines", "kept"),
    [
        ("check_and_reply", "佣金能不能调我查一下明天答复您", ("A 您问的佣金我查到了，能给万一点五", "C 行"), True),
        ("check_and_reply", "佣金能不能调我查一下明天答复您", ("A 佣金给您申请下来了", "C 好啊"), True),
        ("check_and_reply", "佣金能不能调我查一下明天答复您", ("A 祝您生日快乐", "C 谢谢"), False),
        (
            "check_and_reply",
            "佣金能不能调我查一下明天答复您",
            ("C 我那个佣金呢", "A 还没批下来，您再等等", "C 好吧"),
            False,
        ),
        ("other", "我把您的号从外呼名单里摘出来", ("A 外呼名单里已经给您摘出来了", "C 谢谢"), True),
        ("other", "我把您的号从外呼名单里摘出来", ("A 我们有一款理财", "C 不用了"), False),
        ("arrange_meeting", "我给您约营业部见面", ("A 那周三下午营业部见面行吗", "C 行，周三营业部见"), True),
        ("arrange_meeting", "我给您约营业部见面", ("A 今天大盘跌了", "C 是啊"), False),
    ],
)
def test_its_own_matter_is_reported(action: str, words: str, lines: tuple[str, ...], kept: bool) -> None:
    world = promised(words, action).call("c", "03-03 10:00", *lines)
    assert world.lead("03-31 18:00").status is (LeadStatus.FOLLOWED_UP if kept else LeadStatus.OFF_TOPIC)


@pytest.mark.parametrize(
    ("lead", "note", "on_topic"),
    [
        (IDLE, "向客户介绍固收产品", True),
        (IDLE, "节日问候", False),
        (CMB, "客户招行存单下月到期，约好再谈", True),
        (CMB, "介绍我司理财", False),
        (COMPARING, "沟通佣金，客户满意", True),
        (TRANSFER, "沟通佣金，客户满意", False),
        (TRANSFER, "挽留成功", True),
        (("complaint", {"topic": "service"}), "致电道歉并安抚", True),
        (("advisor_commitment", promise("send_material")), "微信发送两融开户资料", True),
        (("advisor_commitment", promise("send_material")), "资料未发送，客户出差", False),
        (("advisor_commitment", promise("check_and_reply")), "已答复客户", True),
        (("advisor_commitment", promise("check_and_reply")), "节日问候", False),
        (("advisor_commitment", promise("arrange_meeting")), "约客户周三到营业部", True),
        (("experience_level", {"level": "novice"}), "讲解交易规则", True),
        (("experience_level", {"level": "novice"}), "推荐基金一只", False),
    ],
)
def test_notes(lead: tuple[str, dict[str, Any]], note: str, on_topic: bool) -> None:
    contact = opened(*lead).event("activity", "03-03 10:00", note=note).lead("03-31 18:00").contacts[0]
    assert (contact.kind == "on_topic") is on_topic

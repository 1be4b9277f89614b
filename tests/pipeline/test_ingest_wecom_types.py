"""Every documented message type is accepted and reads as something; forwarded and quoted words are marked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from huiyin.domain.conversation import Speaker
from huiyin.pipeline.ingest.folder import read_folder
from huiyin.pipeline.ingest.wecom_render import MAX_NODES, Rendered, render
from huiyin.pipeline.ingest.wecom_types import MESSAGE_TYPES

Json = dict[str, Any]
T0 = 1_764_550_800_000


def inner(**body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)


BODIES: list[tuple[str, str, Json, str]] = [
    ("text", "text", {"content": "您好[微笑]"}, "您好[微笑]"),
    ("image", "image", {"md5sum": "a"}, "[图片]"),
    ("revoke", "revoke", {"pre_msgid": "x"}, "[撤回消息]"),
    ("agree", "agree", {"userid": "wmOne", "agree_time": T0}, "[同意存档]"),
    ("disagree", "disagree", {"userid": "wmOne"}, "[不同意存档]"),
    ("voice", "voice", {"md5sum": "a", "play_length": 3}, "[语音]"),
    ("video", "video", {"md5sum": "a"}, "[视频]"),
    ("card", "card", {"corpname": "某公司", "Userid": "x"}, "[名片] 某公司"),
    ("location", "location", {"title": "营业部", "address": "南京路1号"}, "[位置] 营业部 南京路1号"),
    ("emotion", "emotion", {"type": 1}, "[表情]"),
    ("file", "file", {"filename": "资料.pdf"}, "[文件] 资料.pdf"),
    ("link", "link", {"title": "两融知识", "description": "长文"}, "[链接] 两融知识"),
    ("weapp", "weapp", {"title": "开户"}, "[小程序] 开户"),
    ("chatrecord", "chatrecord", {"title": "群聊的聊天记录", "item": []}, "[聊天记录] 群聊的聊天记录"),
    ("todo", "todo", {"title": "回电", "content": "周三"}, "[待办] 回电 周三"),
    ("vote", "vote", {"votetitle": "去哪", "voteitem": ["东", "西"]}, "[投票] 去哪 东 西"),
    ("collect", "collect", {"title": "登记", "details": [{"ques": "姓名"}]}, "[填表] 登记 姓名"),
    ("redpacket", "redpacket", {"wish": "恭喜"}, "[红包] 恭喜"),
    ("external_redpacket", "redpacket", {"wish": "恭喜"}, "[红包] 恭喜"),
    ("meeting", "meeting", {"topic": "策略会"}, "[会议邀请] 策略会"),
    ("meeting_notification", "info", {"content": "会议开始"}, "[会议控制] 会议开始"),
    ("docmsg", "doc", {"title": "季度表"}, "[在线文档] 季度表"),
    ("markdown", "info", {"content": "**早报**"}, "**早报**"),
    ("news", "info", {"item": [{"title": "甲"}, {"title": "乙"}]}, "[图文] 甲 乙"),
    ("calendar", "calendar", {"title": "面谈", "place": "营业部"}, "[日程] 面谈 营业部"),
    ("mixed", "mixed", {"item": [{"type": "text", "content": inner(content="看图")}]}, "看图"),
    ("voip_doc_share", "voip_doc_share", {"filename": "说明.pdf"}, "[音频共享文档] 说明.pdf"),
    ("sphfeed", "sphfeed", {"sph_name": "某某", "feed_desc": "直播"}, "[视频号] 某某 直播"),
    ("qydiskfile", "info", {"filename": "表.xlsx"}, "[微盘文件] 表.xlsx"),
    ("solitaire", "solitaire", {"title": "报名"}, "[接龙] 报名"),
    ("note", "info", {"title": "笔记一"}, "[笔记] 笔记一"),
]
CALLS: list[tuple[str, str, Json]] = [
    ("meeting_voice_call", "meeting_voice_call", {"endtime": T0 // 1000 + 5}),
    ("voiptext", "info", {"callduration": 5, "invitetype": 2}),
]


def test_the_cases_below_are_all_the_types() -> None:
    assert {b[0] for b in BODIES} | {c[0] for c in CALLS} == set(MESSAGE_TYPES)


@pytest.mark.parametrize(("msgtype", "key", "body", "text"), BODIES, ids=[b[0] for b in BODIES])
def test_each_type_is_a_turn(tmp_path: Path, msgtype: str, key: str, body: Json, text: str) -> None:
    base = {"action": "send", "from": "wmOne", "tolist": ["li"], "msgtime": T0}
    records = [
        base | {"msgid": "m0", "msgtype": "text", "text": {"content": "在吗"}},
        base | {"msgid": "m1", "msgtype": msgtype, key: body},
    ]
    (tmp_path / "wecom.jsonl").write_text("\n".join(json.dumps(r) for r in records))
    data = read_folder(tmp_path)
    turn = data.conversations[0].turns[1]
    assert (turn.text, turn.kind, turn.msgid) == (text, msgtype, "m1")
    assert turn.speaker is (Speaker.OTHER if MESSAGE_TYPES[msgtype].system else Speaker.CLIENT)
    assert data.errors == () and data.rejects == ()


@pytest.mark.parametrize(("msgtype", "key", "body", "text"), BODIES, ids=[b[0] for b in BODIES])
def test_each_type_may_lack_its_body(msgtype: str, key: str, body: Json, text: str) -> None:
    assert render(msgtype, {}).text.startswith("[")
    assert render(msgtype, dict.fromkeys(body)).text.startswith("[")


def test_an_unknown_type_is_kept_as_an_event(tmp_path: Path) -> None:
    record = {"msgid": "m1", "action": "send", "from": "wmOne", "tolist": ["li"], "msgtime": T0, "msgtype": "hologram",
              "hologram": {"x": 1}}  # fmt: skip
    (tmp_path / "wecom.jsonl").write_text(json.dumps(record))
    data = read_folder(tmp_path)
    turn = data.conversations[0].turns[0]
    assert (turn.text, turn.kind) == ("[未知消息] hologram", "hologram")
    (event,) = data.archive_events
    assert event.kind == "hologram" and json.loads(event.raw or "") == record
    assert any(i.value == "hologram" for i in data.warnings)


# ---------------------------------------------------------------- somebody else's words


def own(reads: Rendered) -> str:
    """What is left of the text without the quoted ranges."""
    keep = [c for i, c in enumerate(reads.text) if not any(a <= i < b for a, b in reads.quoted)]
    return "".join(keep)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('这是一条引用/回复消息：\n"张伟：两融怎么开"\n------\n好的', "好的"),
        ('这是一条引用/回复消息：\n"张伟：\n第一行\n\n第二行"\n------\n@张伟 明天', "@张伟 明天"),
        ('这是一条引用/回复消息：\n"这是一条引用/回复消息：\n"甲"\n------\n乙"\n------\n丙', "丙"),
        ("这是一条引用/回复消息：\n“张伟：两融”\n------\n\n行", "\n行"),
        ("这是一条引用/回复消息:\n张伟：两融\n-----\n行", "行"),
        ("这是一条引用/回复消息：\n张伟：两融", ""),
        ("「张伟：两融怎么开？」\n- - - - - - - - - - - - - - -\n我不开", "我不开"),
        ("「张伟：\n两融」\n—— 不是引用", "「张伟：\n两融」\n—— 不是引用"),
        ("我看了「两融」的资料", "我看了「两融」的资料"),
        ("他说这是一条引用/回复消息", "他说这是一条引用/回复消息"),
        ("价格\n------\n三块", "价格\n------\n三块"),
    ],
)
def test_quoted_replies(text: str, left: str) -> None:
    reads = render("text", {"content": text})
    assert reads.text == text
    assert own(reads) == left


def test_titles_and_names_are_not_the_senders_words() -> None:
    assert own(render("link", {"title": "两融开户"})) == "[链接]"
    assert own(render("file", {"filename": "招商银行流水.pdf"})) == "[文件]"
    assert own(render("todo", {"title": "回电"})) == "[待办] 回电"


def test_a_forwarded_record_is_nobodys_words() -> None:
    items = [
        {"type": "ChatRecordText", "msgtime": 1764550000, "content": inner(content="大额存单下周到期")},
        {"type": "CHATRECORDIMAGE", "msgtime": 1764550000000, "content": inner(md5sum="")},
        {"type": "chatrecord", "content": inner(title="里面的", item=[{"type": "text", "content": "又一句"}])},
    ]
    reads = render("chatrecord", {"title": "群聊的聊天记录", "item": items})
    assert reads.text == (
        "[聊天记录] 群聊的聊天记录\n2025-12-01 08:46 大额存单下周到期\n2025-12-01 08:46 [图片]\n"
        "[聊天记录] 里面的\n又一句"
    )
    assert own(reads) == "[聊天记录]"


def test_a_mixed_message_keeps_the_senders_words_his() -> None:
    items = [
        {"type": "text", "content": inner(content='这是一条引用/回复消息：\n"甲"\n------\n见图')},
        {"type": "image", "content": inner(md5sum="a")},
        {"type": "link", "content": {"title": "文章"}},
    ]
    assert own(render("mixed", {"item": items})) == "见图\n[图片]\n[链接]"


def test_nesting_is_cut_at_a_depth() -> None:
    body: Json = {"title": "底", "item": []}
    for _ in range(60):
        body = {"title": "层", "item": [{"type": "chatrecord", "content": body}]}
    reads = render("chatrecord", body)
    assert reads.text.endswith("[…]") and reads.text.count("层") < 12


def test_breadth_is_cut_at_a_number_of_nodes() -> None:
    items = [{"type": "text", "content": inner(content=str(n))} for n in range(5000)]
    assert render("mixed", {"item": items}).text.count("\n") <= MAX_NODES
    assert render("chatrecord", {"item": items}).text.count("\n") <= MAX_NODES + 1


@pytest.mark.parametrize("item", [None, "x", 5, {"a": 1}, [None, 1, "x", [], {"type": None, "content": 5}]])
def test_items_of_any_shape(item: Any) -> None:
    for msgtype in ("mixed", "chatrecord", "news"):
        assert render(msgtype, {"item": item}).text

"""Every documented WeCom message type as data: where its body stands, and how it reads (domain-facts A.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class MessageType:
    """`keys` are the names that the body may have, in order. `label` reads in place of what has no text; the texts of
    `fields` follow it. `own_words`: those texts are the sender's own, else they are quoted (a link's title, a file's
    name). `system`: an event that nobody wrote. `call`: a conversation of its own."""

    label: str
    keys: tuple[str, ...]
    fields: tuple[str, ...] = ()
    own_words: bool = False
    system: bool = False
    call: bool = False


def _type(
    key: str, label: str, *fields: str, own: bool = False, system: bool = False, call: bool = False
) -> MessageType:
    return MessageType(label=label, keys=(key,), fields=fields, own_words=own, system=system, call=call)


MESSAGE_TYPES: Mapping[str, MessageType] = MappingProxyType(
    {
        "text": _type("text", "", "content", own=True),
        "image": _type("image", "[图片]"),
        "revoke": _type("revoke", "[撤回消息]", system=True),
        "agree": _type("agree", "[同意存档]", system=True),
        "disagree": _type("disagree", "[不同意存档]", system=True),
        "voice": _type("voice", "[语音]"),
        "video": _type("video", "[视频]"),
        "card": _type("card", "[名片]", "corpname"),
        "location": _type("location", "[位置]", "title", "address"),
        "emotion": _type("emotion", "[表情]"),
        "file": _type("file", "[文件]", "filename"),
        "link": _type("link", "[链接]", "title"),
        "weapp": _type("weapp", "[小程序]", "title"),
        "chatrecord": _type("chatrecord", "[聊天记录]", "title"),
        "todo": _type("todo", "[待办]", "title", "content", own=True),
        "vote": _type("vote", "[投票]", "votetitle", "voteitem", own=True),
        "collect": _type("collect", "[填表]", "title", "details", own=True),
        "redpacket": _type("redpacket", "[红包]", "wish"),
        "external_redpacket": _type("redpacket", "[红包]", "wish"),
        "meeting": _type("meeting", "[会议邀请]", "topic", own=True),
        "meeting_notification": _type("info", "[会议控制]", "content", system=True),
        "docmsg": _type("doc", "[在线文档]", "title"),
        "markdown": _type("info", "", "content", own=True),
        "news": _type("info", "[图文]", "item"),
        "calendar": _type("calendar", "[日程]", "title", "place", own=True),
        "mixed": _type("mixed", ""),
        "meeting_voice_call": _type("meeting_voice_call", "[语音通话]", call=True),
        "voip_doc_share": _type("voip_doc_share", "[音频共享文档]", "filename"),
        "sphfeed": _type("sphfeed", "[视频号]", "sph_name", "feed_desc"),
        "voiptext": _type("info", "[音视频通话]", call=True),
        "qydiskfile": _type("info", "[微盘文件]", "filename"),
        "solitaire": _type("solitaire", "[接龙]", "title", "content", own=True),
        "note": _type("info", "[笔记]", "title", "content", own=True),
    }
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {"doc": "docmsg", "picture": "image", "meetingvoicecall": "meeting_voice_call"}
)
"""Other spellings that exports use, also inside mixed messages and forwarded records."""

UNKNOWN_LABEL = "[未知消息]"
EMPTY_LABEL = "[空消息]"
CUT_LABEL = "[…]"

INVITE_TYPES: Mapping[int, str] = MappingProxyType({1: "视频通话", 2: "语音通话", 3: "多人视频通话", 4: "多人语音通话"})
"""`voiptext.info.invitetype`; the meanings are from memory (domain-facts, Least certain facts, 1)."""

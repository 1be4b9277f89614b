"""The chats of the story as decrypted WeCom archive records, in the shapes that the vendor's SDK delivers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

SHANGHAI = timezone(timedelta(hours=8))
STRANGERS = {"X1": "wmSampleStrangerAAAAAAAAAAAAAX1", "X2": "wmSampleStrangerAAAAAAAAAAAAAX2"}
ROOMS = {"G1": ("wrSampleGroupAAAAAAAAAAAAAAAAAG1", ("A01", "A02", "C1013", "C1014", "X1"))}
SILENCE = timedelta(hours=12)
CONTROL = "␋"  # stands in the story for a raw control character, as real archives have them
_LINE = re.compile(r"^(?P<clock>\d\d:\d\d(?::\d\d)?) (?P<who>\w+) (?P<text>.+)$")
_KIND = re.compile(r"^\[(?P<kind>[a-z_]+)(?: (?P<argument>[^\]]+))?\](?: (?P<text>.*))?$")


@dataclass(frozen=True)
class Chat:
    """A stretch of chat: its records, and the turns and tags that are true of it."""

    name: str  # "A01 C1002 2026-03-02", "G1 2026-03-16"
    client_id: str | None
    advisor_id: str | None
    records: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)

    @property
    def conversation_id(self) -> str:
        return f"wecom:{self.turns[0]['msgid']}"

    @property
    def started_at(self) -> datetime:
        return datetime.fromtimestamp(self.turns[0]["ms"] / 1000, SHANGHAI)

    @property
    def written(self) -> bool:
        """Whether anybody wrote: consent alone is no conversation."""
        return any(t["kind"] not in EVENTS for t in self.turns)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _media(text: str, msgid: str, size: int) -> dict[str, Any]:
    return {"md5sum": _md5(text + msgid), "filesize": size, "sdkfileid": f"SAMPLE-FILE-{_md5(msgid)[:12]}"}


def _file(a: str, t: str, m: str) -> dict[str, Any]:
    return {**_media(t, m, 48213), "filename": t, "fileext": t.rpartition(".")[2]}


def _link(a: str, t: str, m: str) -> dict[str, Any]:
    title, _, description = t.partition("|")
    return {"title": title, "description": description, "link_url": "https://example.com/" + _md5(t)[:8],
            "image_url": ""}  # fmt: skip


def _location(a: str, t: str, m: str) -> dict[str, Any]:
    title, _, address = t.partition("|")
    return {"longitude": 0.0, "latitude": 0.0, "address": address, "title": title, "zoom": 15}


def _chatrecord(a: str, t: str, m: str) -> dict[str, Any]:
    title, *said = t.split("|")
    items = [
        {"type": "ChatRecordText", "msgtime": 1772950000 + 60 * i, "from_chatroom": True,
         "content": json.dumps({"content": s}, ensure_ascii=False)}
        for i, s in enumerate(said)
    ]  # fmt: skip
    return {"title": title, "item": items}


def _mixed(a: str, t: str, m: str) -> dict[str, Any]:
    image = json.dumps(_media(t, m, 90210))
    text = json.dumps({"content": t}, ensure_ascii=False)
    return {"item": [{"type": "text", "content": text}, {"type": "image", "content": image}]}


def _calendar(a: str, t: str, m: str) -> dict[str, Any]:
    title, _, place = t.partition("|")
    return {"title": title, "creatorname": "郑敏", "attendeename": ["邵国强"], "starttime": 1773453600,
            "endtime": 1773459000, "place": place, "remarks": ""}  # fmt: skip


def _vote(a: str, t: str, m: str) -> dict[str, Any]:
    title, *choices = t.split("|")
    return {"votetitle": title, "voteitem": choices, "votetype": 101, "voteid": _md5(t)[:16]}


Body = Callable[[str, str, str], dict[str, Any]]
BODIES: dict[str, tuple[str, Body]] = {
    # kind → (the key that its body stands under, the body from argument, text and msgid)
    "image": ("image", lambda a, t, m: _media("image", m, 123456)),
    "video": ("video", lambda a, t, m: {**_media("video", m, 2345678), "play_length": 21}),
    "emotion": ("emotion", lambda a, t, m: {"type": 1, "width": 240, "height": 240, "imagesize": 33217, "md5sum": "",
                                            "sdkfileid": f"SAMPLE-FILE-{_md5(m)[:12]}"}),
    "file": ("file", _file),
    "link": ("link", _link),
    "card": ("card", lambda a, t, m: {"corpname": "江岳证券", "userid": "kefu"}),
    "location": ("location", _location),
    "weapp": ("weapp", lambda a, t, m: {"title": t, "description": t, "username": "gh_sample000000@app",
                                        "displayname": t, "appid": "wxsample00000000", "pagepath": "pages/home"}),
    "chatrecord": ("chatrecord", _chatrecord),
    "mixed": ("mixed", _mixed),
    "calendar": ("calendar", _calendar),
    "todo": ("todo", lambda a, t, m: {"title": "待办", "content": t}),
    "vote": ("vote", _vote),
    "redpacket": ("redpacket", lambda a, t, m: {"type": 1, "wish": t, "totalcnt": 1, "totalamount": 888}),
    "docmsg": ("doc", lambda a, t, m: {"title": t, "doc_creator": "shaoguoqiang",
                                       "link_url": "https://example.com/doc"}),
    "markdown": ("info", lambda a, t, m: {"content": t}),
    "news": ("info", lambda a, t, m: {"item": [{"title": t, "description": "", "url": "https://example.com/news",
                                                "picurl": ""}]}),
    "qydiskfile": ("info", lambda a, t, m: {"filename": t}),
    "sphfeed": ("sphfeed", lambda a, t, m: {"feed_type": 4, "sph_name": "江岳证券投教", "feed_desc": t}),
    "voiptext": ("info", lambda a, t, m: {"callduration": int(a), "invitetype": 2}),
    # an unknown type: the archive grows new ones, and none may be lost
    "smart_sheet_card": ("smart_sheet_card", lambda a, t, m: {"sheet_id": _md5(m)[:10], "rows": 3}),
}  # fmt: skip
LABELS = {
    "agree": "[同意存档]", "disagree": "[不同意存档]", "image": "[图片]", "video": "[视频]", "emotion": "[表情]",
    "file": "[文件]", "link": "[链接]", "voice": "[语音]", "revoke": "[撤回消息]", "markdown": "", "news": "[图文]",
    "vote": "[投票]", "chatrecord": "[聊天记录]", "mixed": "", "card": "[名片]", "location": "[位置]",
    "weapp": "[小程序]", "calendar": "[日程]", "docmsg": "[在线文档]", "sphfeed": "[视频号]",
    "qydiskfile": "[微盘文件]", "todo": "[待办]",
    "redpacket": "[红包]",
}  # fmt: skip
EVENTS = ("agree", "disagree", "revoke")


def reading(kind: str, said: str) -> str:
    """How a record other than text reads in the truth: its label and what it says."""
    said = said.partition("|")[0] if kind == "link" else said.replace("|", " ")
    return " ".join(p for p in (LABELS.get(kind, f"[未知消息] {kind}"), said) if p)


@dataclass
class Archive:
    """Writes the chats as records, one by one, in the order of time."""

    userids: dict[str, str]  # advisor and client ids → WeCom ids
    voices: dict[str, dict[str, Any]]  # voice_messages.jsonl by id
    chats: list[Chat] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)  # switch records
    count: int = 0

    def add(self, block: dict[str, Any]) -> None:
        """One block of chats.yaml."""
        if "switch" in block:
            at = datetime.fromisoformat(block["at"]).replace(tzinfo=SHANGHAI)
            self.count += 1
            self.others.append({"msgid": f"{10000 + self.count}_switch", "action": "switch",
                                "time": int(at.timestamp() * 1000), "user": self._user(block["switch"])})  # fmt: skip
            return
        where = block["group"] if "group" in block else " ".join(block["pair"])
        pair = block.get("pair") or [None, None]
        chat = Chat(f"{where} {block['day']}", pair[1], pair[0], tags=block.get("tags", []))
        for line in block["lines"].splitlines():
            if not (found := _LINE.match(line.strip())):
                raise ValueError(f"{chat.name}: not a message: {line!r}")
            self._message(chat, block, found["clock"], found["who"], found["text"])
        self.chats.append(chat)

    def _user(self, who: str) -> str:
        return STRANGERS.get(who) or self.userids[who]

    def _message(self, chat: Chat, block: dict[str, Any], clock: str, who: str, text: str) -> None:
        at = datetime.fromisoformat(f"{block['day']}T{clock}").replace(tzinfo=SHANGHAI)
        ms = int(at.timestamp() * 1000)
        self.count += 1
        msgid = f"{10000 + self.count}_{ms}_external"
        if "group" in block:
            room, members = ROOMS[block["group"]]
            sender, receivers = who, [m for m in members if m != who]
        else:
            room, (advisor, client) = "", block["pair"]
            sender, receivers = (advisor, [client]) if who == "a" else (client, [advisor])
        record: dict[str, Any] = {
            "msgid": msgid, "action": "send", "from": self._user(sender),
            "tolist": [self._user(r) for r in receivers], "roomid": room, "msgtime": ms,
        }  # fmt: skip
        shown = self._body(record, chat, text)
        self._oddities(record)
        chat.records.append(record)
        if record["msgtype"] in ("voiptext", "meeting_voice_call"):
            return  # a call of its own, no turn of the chat
        speaker = "advisor" if sender.startswith("A") else "client"
        began = int(chat.turns[0]["ms"]) if chat.turns else ms
        chat.turns.append({"turn": len(chat.turns), "speaker": speaker, "start": (ms - began) / 1000, "text": shown,
                           "ms": ms, "msgid": msgid, "who": sender, "kind": record["msgtype"]})  # fmt: skip

    def _body(self, record: dict[str, Any], chat: Chat, text: str) -> str:
        """Fills in type and body; returns how the message reads."""
        found = _KIND.match(text)
        if found is None:
            content = text.replace("\\n", "\n").replace(CONTROL, "\x0b")
            record.update(msgtype="text", text={"content": content})
            return content
        kind, argument, said = found["kind"], found["argument"] or "", found["text"] or ""
        record["msgtype"] = kind
        sender, ms = record["from"], record["msgtime"]
        if kind in ("agree", "disagree"):
            record[kind] = {"userid": sender, f"{kind}_time": ms}
        elif kind == "voice":
            record["voice"] = self._voice(argument, record["msgid"])
        elif kind == "revoke":
            mine = [r for r in chat.records if r["from"] == sender and r["msgtype"] != "revoke"]
            record["action"] = "recall"
            record["revoke"] = {"pre_msgid": mine[-1]["msgid"]}
        elif kind == "meeting_voice_call":
            del record["roomid"]  # this type has none
            record["voiceid"] = "grSampleVoice0001"
            record[kind] = {"endtime": ms // 1000 + int(argument), "sdkfileid": "SAMPLE-CALL-1",
                            "demofiledata": []}  # fmt: skip
        else:
            key, body = BODIES[kind]
            record[key] = body(argument, said, record["msgid"])
        return reading(kind, said or ("江岳证券" if kind == "card" else ""))

    def _voice(self, argument: str, msgid: str) -> dict[str, Any]:
        if argument.startswith("missing"):  # its audio was never fetched: WeCom keeps it for days only
            return {"md5sum": _md5(msgid), "voice_size": 5120, "play_length": int(argument.split()[1]),
                    "sdkfileid": "SAMPLE-VOICE-LOST"}  # fmt: skip
        made = self.voices[argument]
        return {"md5sum": made["md5sum"], "voice_size": made["voice_size"], "play_length": made["play_length"],
                "sdkfileid": f"SAMPLE-VOICE-{argument}"}  # fmt: skip

    def _oddities(self, record: dict[str, Any]) -> None:
        """What exports do: numbers as strings, no roomid in a direct chat."""
        if self.count % 41 == 0:
            record["msgtime"] = str(record["msgtime"])
        if self.count % 29 == 0 and not record.get("roomid"):
            record.pop("roomid", None)
        if record["msgtype"] == "file" and self.count % 2:
            record["file"]["filesize"] = str(record["file"]["filesize"])

    def check(self) -> None:
        """Blocks of one chat lie 12 hours apart, and no block falls apart."""
        last: dict[str, datetime] = {}
        for chat in sorted(self.chats, key=lambda c: c.started_at):
            where = chat.name.rpartition(" ")[0]
            times = [datetime.fromtimestamp(int(r["msgtime"]) / 1000, SHANGHAI) for r in chat.records]
            gaps = [b - a for a, b in pairwise(times)]
            if any(g >= SILENCE or g < timedelta() for g in gaps):
                raise ValueError(f"{chat.name}: a gap inside")
            if where in last and times[0] - last[where] < SILENCE:
                raise ValueError(f"{chat.name}: less than 12 hours after the one before")
            last[where] = times[-1]

    def lines(self) -> Iterator[str]:
        """The archive's lines in order of time. A vertical tab in a text stays raw, as the SDK delivers it."""
        records = [r for c in self.chats for r in c.records] + self.others
        for record in sorted(records, key=lambda r: (int(r.get("msgtime") or r["time"]), r["msgid"])):
            yield json.dumps(record, ensure_ascii=False).replace("\\u000b", "\x0b")

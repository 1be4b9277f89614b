"""wecom.jsonl: the decrypted chat archive into conversations, voice messages and events (spec/formats.md)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Advisor, Client
from huiyin.pipeline.ingest import jsonl
from huiyin.pipeline.ingest.dataset import ArchiveEvent, VoiceMessage
from huiyin.pipeline.ingest.issue import Issue, Reject, RejectState, error, printable, warning
from huiyin.pipeline.ingest.text import Source
from huiyin.pipeline.ingest.wecom_calls import call_conversation
from huiyin.pipeline.ingest.wecom_media import Media
from huiyin.pipeline.ingest.wecom_messages import BadRecordError, Message, parse_message
from huiyin.pipeline.ingest.wecom_people import Directory, Role
from huiyin.pipeline.ingest.wecom_render import whole_number
from huiyin.pipeline.ingest.wecom_threads import (
    Pair,
    direct_conversation,
    group_conversations,
    pairs_of,
    stretches,
)


@dataclass(kw_only=True)
class LoadedArchive:
    """What came out of an archive. `rejects` hold what is broken, and what is nobody's (UNASSIGNED)."""

    conversations: list[Conversation] = field(default_factory=list)
    voice_messages: list[VoiceMessage] = field(default_factory=list)
    archive_events: list[ArchiveEvent] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0


def read_wecom(source: Source, *, root: Path, clients: Iterable[Client], advisors: Iterable[Advisor]) -> LoadedArchive:
    """The conversations of an archive. The order of its lines does not matter, nor that a message comes twice.

    `clients` and `advisors` say who the users are, `root` is the folder that media paths are relative to.
    """
    directory = Directory(clients=clients, advisors=advisors)
    media = Media(source.folder / "media", root=root)
    reader = _Reader(source=source, directory=directory, media=media)
    for line in jsonl.read_lines(source):
        reader.take(line)
    return reader.finish()


@dataclass(kw_only=True)
class _Reader:
    source: Source
    directory: Directory
    media: Media
    out: LoadedArchive = field(default_factory=LoadedArchive)
    messages: dict[str, tuple[bytes, Message]] = field(default_factory=dict)  # msgid → (digest of content, message)
    repeats: list[int] = field(default_factory=list)
    counted: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def take(self, line: jsonl.Line) -> None:
        """One line of the file: a message, a repetition, or a reject."""
        self.out.rows += 1
        if line.issue is not None:
            self._refuse(line, line.issue)
            return
        try:
            message = parse_message(line.data, line=line.line, raw=line.raw)
        except BadRecordError as bad:
            text = f"{bad}; the line is left out"
            self._refuse(line, error(self.source.name, text, line=line.line, column=bad.column, value=bad.value))
            return
        digest = sha256(json.dumps(line.data, sort_keys=True).encode()).digest()
        before = self.messages.get(message.msgid)
        if before is None:
            self.messages[message.msgid] = (digest, message)
        elif before[0] == digest:
            self.repeats.append(line.line)
        else:
            # Of two that differ, the choice must not hang on which stands first.
            loser = before[1] if digest < before[0] else message
            if digest < before[0]:
                self.messages[message.msgid] = (digest, message)
            text = "another record with this id differs from this one and stands; the line is left out"
            issue = error(self.source.name, text, line=loser.line, column="msgid", value=loser.msgid)
            self._refuse(jsonl.Line(loser.line, loser.raw, {}), issue)

    def finish(self) -> LoadedArchive:
        """All lines are in: who recalled what, who spoke to whom."""
        messages = sorted((m for _, m in self.messages.values()), key=lambda m: m.order)
        recalled = self._recalls(messages)
        pairs: dict[Pair, list[Message]] = defaultdict(list)
        rooms: dict[str, list[Message]] = defaultdict(list)
        shared: set[str] = set()
        for message in messages:
            self._note(message)
            if message.action == "switch":
                self._event(message)
            elif message.is_call and self._call(message):
                continue
            elif message.roomid:
                rooms[message.roomid].append(message)
            else:
                found = pairs_of(message, self.directory)
                for pair in found:
                    pairs[pair].append(message)
                if len(found) > 1:
                    shared.add(message.msgid)
                if not found:
                    self._unassigned(message)
        self._converse(pairs, rooms, recalled=recalled, shared=shared)
        self._sum_up()
        return self.out

    def _converse(
        self, pairs: Mapping[Pair, list[Message]], rooms: Mapping[str, list[Message]], *,
        recalled: frozenset[str], shared: set[str],
    ) -> None:  # fmt: skip
        for pair, written in pairs.items():
            for stretch in stretches(written):
                found = direct_conversation(
                    pair, stretch, directory=self.directory, recalled=recalled, shared=stretch[0].msgid in shared
                )
                self._keep(stretch, [found] if found else [])
        for written in rooms.values():
            for stretch in stretches(written):
                talks = group_conversations(stretch, directory=self.directory, recalled=recalled)
                if not talks:
                    for message in stretch:
                        self._unassigned(message, group=True)
                self._keep(stretch, talks)

    def _keep(self, stretch: tuple[Message, ...], talks: list[Conversation]) -> None:
        sounds: dict[int, str] = {}
        for number, message in enumerate(stretch):
            if not message.written or not message.known:
                self._event(message, talks[0].conversation_id if talks else None)
            if message.msgtype != "voice":
                continue
            body = message.payload
            path = self.media.audio(body.get("md5sum"), body.get("sdkfileid"), message.msgid)
            seconds = whole_number(body.get("play_length"))
            if path is not None:
                sounds[number] = path
            self.out.voice_messages += [
                VoiceMessage(conversation_id=t.conversation_id, turn=number, msgid=message.msgid, path=path,
                             play_length_s=None if seconds is None else float(seconds))
                for t in talks
            ]  # fmt: skip
            if talks and path is None:
                self._count(
                    message, "md5sum", str(body.get("md5sum") or ""), "no audio of this voice message in media/"
                )

        self.out.conversations += [_with_sounds(t, sounds) for t in talks]

    def _call(self, message: Message) -> bool:
        """Keeps a call as a conversation; False where it is not that of one client."""
        found = call_conversation(message, directory=self.directory, media=self.media)
        if found is None:
            return False
        self.out.conversations.append(found)
        return True

    def _recalls(self, messages: Iterable[Message]) -> frozenset[str]:
        recalled: set[str] = set()
        for message in messages:
            if message.recalls is None:
                continue
            recalled.add(message.recalls)
            if message.recalls not in self.messages:
                self._count(message, "pre_msgid", "", "recalls a message that is not in this archive")
        return frozenset(recalled)

    def _event(self, message: Message, conversation_id: str | None = None) -> None:
        userid = message.payload.get("userid")
        who = userid if isinstance(userid, str) and userid else message.sender
        person = self.directory.who(who)
        self.out.archive_events.append(
            ArchiveEvent(
                msgid=message.msgid, kind=message.msgtype, at=message.at, userid=who, conversation_id=conversation_id,
                client_id=person.id if person.role is Role.CLIENT else None, note=message.recalls,
                raw=None if message.known else printable(message.raw),
            )
        )  # fmt: skip

    def _note(self, message: Message) -> None:
        """What was assumed about the message and its people."""
        for column, value, text in message.notes:
            self.out.issues.append(
                warning(self.source.name, text, line=message.line, column=column, value=value or None)
            )
        if not message.known and message.action != "switch":
            self._count(message, "msgtype", message.msgtype, "unknown type; kept as an event")
        for userid in dict.fromkeys((message.sender, *message.receivers)):
            person = self.directory.who(userid)
            if not person.assumed:
                continue
            if person.role is Role.EXTERNAL:
                text = "no client of clients.csv has this WeCom user; what is his alone is kept in the rejects"
                self._count(message, "wecom_userid", userid, text)
            elif person.role is Role.CLIENT:
                self._count(
                    message, "wecom_userid", "", "no client has a wecom_userid: the archive's ids stand for them"
                )
            elif self.directory.knows_advisors:
                self._count(message, "wecom_userid", userid, "not in advisors.csv; taken as an advisor of that id")
            else:
                self._count(message, "wecom_userid", "", "no advisors are known: the archive's ids stand for them")

    def _unassigned(self, message: Message, *, group: bool = False) -> None:
        roles = {self.directory.who(u).role for u in (message.sender, *message.receivers)}
        if group:
            text = "no client of ours wrote in this stretch of the group chat"
        elif Role.EXTERNAL in roles:
            text = "no client of clients.csv has this WeCom user"
        elif Role.ROBOT in roles:
            text = "a robot's message"
        else:
            text = "between employees, or between clients: no advisor and client face each other"
        self._count(message, "from", "", f"{text}; kept in the rejects")
        issue = warning(self.source.name, text, line=message.line, column="from", value=message.sender)
        line = jsonl.Line(message.line, message.raw, {})
        reject = jsonl.reject(self.source, line, (issue,))
        self.out.rejects.append(reject.model_copy(update={"state": RejectState.UNASSIGNED}))

    def _refuse(self, line: jsonl.Line, issue: Issue) -> None:
        self.out.issues.append(issue)
        self.out.rejects.append(jsonl.reject(self.source, line, (issue,)))

    def _count(self, message: Message, column: str, value: str, text: str) -> None:
        self.counted[column, value, text].append(message.line)

    def _sum_up(self) -> None:
        """One warning for each kind of thing, not one for each line."""
        for (column, value, text), lines in self.counted.items():
            more = f" (on {len(lines)} lines)" if len(lines) > 1 else ""
            self.out.issues.append(
                warning(self.source.name, text + more, line=min(lines), column=column, value=value or None)
            )
        if self.repeats:
            text = f"{len(self.repeats)} lines repeat a message that was read already; each counts once"
            self.out.issues.append(warning(self.source.name, text, line=min(self.repeats), column="msgid"))


def _with_sounds(conversation: Conversation, sounds: Mapping[int, str]) -> Conversation:
    """The conversation whose voice messages say where their sound lies."""
    if not sounds:
        return conversation
    turns = (t.model_copy(update={"media": sounds[t.turn]}) if t.turn in sounds else t for t in conversation.turns)
    return conversation.model_copy(update={"turns": tuple(turns)})

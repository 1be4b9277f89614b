"""Messages into conversations: stretches of a pair or a room, cut where nobody wrote for 12 hours (spec/formats.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from huiyin.domain.conversation import Channel, Conversation, Speaker, TranscriptState, Turn
from huiyin.pipeline.ingest.wecom_messages import Message
from huiyin.pipeline.ingest.wecom_people import Directory, Person, Role
from huiyin.pipeline.ingest.wecom_render import render, whole_number
from huiyin.pipeline.ingest.wecom_types import MESSAGE_TYPES

SILENCE = timedelta(hours=12)
"""A conversation ends where nobody wrote for this long (spec/formats.md, wecom.jsonl)."""


@dataclass(frozen=True)
class Pair:
    """A direct chat, by CRM ids."""

    advisor_id: str
    client_id: str


def pairs_of(message: Message, directory: Directory) -> tuple[Pair, ...]:
    """The direct chats that a message without a room belongs to: none where no advisor and client face each other.

    Mass sending delivers one message to many clients; it is then in the chat of each.
    """
    sender = directory.who(message.sender)
    receivers = [directory.who(r) for r in message.receivers]
    if sender.role is Role.ADVISOR:
        found = [Pair(sender.id, r.id) for r in receivers if r.role is Role.CLIENT]
    elif sender.role is Role.CLIENT:
        found = [Pair(r.id, sender.id) for r in receivers if r.role is Role.ADVISOR]
    else:
        found = []
    return tuple(sorted(set(found), key=lambda p: (p.client_id, p.advisor_id)))


def stretches(messages: Iterable[Message]) -> Iterator[tuple[Message, ...]]:
    """The messages of one chat in order, cut wherever 12 hours or more lie between two."""
    current: list[Message] = []
    for message in sorted(messages, key=lambda m: m.order):
        if current and message.at - current[-1].at >= SILENCE:
            yield tuple(current)
            current = []
        current.append(message)
    if current:
        yield tuple(current)


def direct_conversation(
    pair: Pair, stretch: Sequence[Message], *, directory: Directory, recalled: frozenset[str], shared: bool
) -> Conversation | None:
    """The conversation of a pair; None where nobody wrote (consent alone, a recall).

    Its id is `wecom:<first msgid>`. Where that message went to several chats (`shared`), the client's and the advisor's
    id follow, so that ids stay unique whatever else the archive holds.
    """
    if not any(m.written for m in stretch):
        return None
    suffix = f":{pair.client_id}:{pair.advisor_id}" if shared else ""
    return _conversation(
        f"wecom:{stretch[0].msgid}{suffix}", stretch, client_id=pair.client_id, advisor_id=pair.advisor_id,
        directory=directory, recalled=recalled,
    )  # fmt: skip


def group_conversations(
    stretch: Sequence[Message], *, directory: Directory, recalled: frozenset[str]
) -> list[Conversation]:
    """One conversation for each client who wrote in this stretch of a room; the others in it are Speaker.OTHER.

    The client who wrote first has the id `wecom:<first msgid>`, each further one `wecom:<first msgid>:<client_id>`.
    """
    wrote = _in_order(stretch, directory, Role.CLIENT)
    out: list[Conversation] = []
    for client_id in wrote:
        suffix = f":{client_id}" if out else ""
        out.append(
            _conversation(
                f"wecom:{stretch[0].msgid}{suffix}", stretch, client_id=client_id,
                advisor_id=_advisor_of(client_id, stretch, directory), directory=directory, recalled=recalled,
                group_id=stretch[0].roomid,
            )
        )  # fmt: skip
    return out


def _advisor_of(client_id: str, stretch: Sequence[Message], directory: Directory) -> str:
    """The client's own advisor if he is in the room, else the advisor who wrote first, else one who is in the room."""
    present = [directory.who(u) for m in stretch for u in (m.sender, *m.receivers)]
    there = {p.id for p in present if p.role is Role.ADVISOR}
    own = directory.own_advisor.get(client_id)
    if own is not None and own in there:
        return own
    wrote = _in_order(stretch, directory, Role.ADVISOR)
    if wrote:
        return wrote[0]
    return min(there) if there else (own or "")


def _in_order(stretch: Iterable[Message], directory: Directory, role: Role) -> list[str]:
    """The people of a role who wrote, first come first."""
    people = [directory.who(m.sender) for m in stretch if m.written]
    return list(dict.fromkeys(p.id for p in people if p.role is role))


def _conversation(
    conversation_id: str, stretch: Sequence[Message], *, client_id: str, advisor_id: str, directory: Directory,
    recalled: frozenset[str], group_id: str | None = None,
) -> Conversation:  # fmt: skip
    began = stretch[0].at
    turns = tuple(
        _turn(number, m, (m.at - began).total_seconds(), directory.who(m.sender), client_id, m.msgid in recalled)
        for number, m in enumerate(stretch)
    )
    return Conversation(
        conversation_id=conversation_id, channel=Channel.WECOM, client_id=client_id, advisor_id=advisor_id,
        started_at=began, turns=turns, medium="chat", transcript_state=TranscriptState.GIVEN, group_id=group_id,
    )  # fmt: skip


def _turn(number: int, message: Message, start: float, author: Person, client_id: str, recalled: bool) -> Turn:
    reads = render(message.msgtype, message.payload)
    # A call that stands here is one of a whole room: nobody can tell who took part.
    text = call_label(message.msgtype, message.payload) if message.is_call else reads.text
    return Turn(
        turn=number, speaker=_speaker(message, author, client_id), start=start, text=text, kind=message.msgtype,
        msgid=message.msgid, author_id=author.id, recalled=recalled or message.recalled, quoted=reads.quoted,
    )  # fmt: skip


def _speaker(message: Message, author: Person, client_id: str) -> Speaker:
    if not message.written:
        return Speaker.OTHER
    if author.role is Role.ADVISOR:
        return Speaker.ADVISOR
    return Speaker.CLIENT if author.role is Role.CLIENT and author.id == client_id else Speaker.OTHER


def call_label(msgtype: str, payload: Mapping[str, object]) -> str:
    """`[音视频通话] 3分15秒`."""
    label = MESSAGE_TYPES[msgtype].label
    seconds = whole_number(payload.get("callduration"))
    if seconds is None:
        return label
    return f"{label} {seconds // 60}分{seconds % 60}秒" if seconds > 0 else f"{label} 未接通"

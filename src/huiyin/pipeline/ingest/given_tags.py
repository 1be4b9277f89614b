"""Tags given by hand (`--tags TAGS.jsonl`), a tag a line as in spec/tags.md ("A tag")."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huiyin import lexicon
from huiyin.domain.conversation import Conversation, Turn
from huiyin.domain.errors import FormatError, InputError, MissingFileError
from huiyin.domain.record import Record
from huiyin.domain.tag import Evidence, Proof, Stance, Tag
from huiyin.domain.tags import TAG_TYPES, TagType
from huiyin.pipeline.ingest import jsonl
from huiyin.pipeline.ingest.issue import Issue, Reject, error, warning
from huiyin.pipeline.ingest.text import Source, read_source

_FIELDS = ("conversation_id", "tag", "stance", "value", "turns", "quote", "confidence")
_CARRIED = ("schema_version", "client_id", "advisor_id", "said_at", "proof")
"""What our own tags.jsonl holds besides; it follows from the conversation and is made anew."""


class GivenTags(Record):
    """The tags of a file, and what was wrong with it. `rejects` are the lines that did not become tags."""

    tags: tuple[Tag, ...] = ()
    issues: tuple[Issue, ...] = ()
    rejects: tuple[Reject, ...] = ()
    rows: int = 0


class _Bad(Exception):
    def __init__(self, column: str, message: str, value: object = None) -> None:
        super().__init__(message)
        self.column = column
        self.value = value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_tags(path: Path, conversations: Iterable[Conversation]) -> GivenTags:
    """The tags of the file, held against the conversations that they are about.

    A tag for a conversation that does not exist, with a turn out of range, a quote that is in none of its turns, or a
    value that its type does not know is an error with file and line; the other lines still go in. Raises
    MissingFileError where there is no file, InputError where it is no text.
    """
    if not path.is_file():
        raise MissingFileError(f"{path}: no such file of tags")
    source, issues = read_source(path)
    if source is None:
        raise InputError(issues[0].render())
    return tags_from(source, {c.conversation_id: c for c in conversations})


def tags_from(source: Source, conversations: Mapping[str, Conversation]) -> GivenTags:
    """Like `read_tags`, for a file that has been read."""
    reader = _Reader(source=source, conversations=conversations)
    for line in jsonl.read_lines(source):
        reader.take(line)
    return GivenTags(
        tags=tuple(reader.tags), issues=tuple(reader.issues), rejects=tuple(reader.rejects), rows=reader.rows
    )


@dataclass(kw_only=True)
class _Reader:
    source: Source
    conversations: Mapping[str, Conversation]
    tags: list[Tag] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)

    def take(self, line: jsonl.Line) -> None:
        self.rows += 1
        issue = line.issue
        if issue is None:
            try:
                tag = _tag(line.data, self.conversations, rule=f"given:{self.source.name}:{line.line}")
            except _Bad as bad:
                text = f"{bad}; the line is left out"
                issue = error(self.source.name, text, line=line.line, column=bad.column, value=bad.value)
        if issue is not None:
            self.issues.append(issue)
            self.rejects.append(jsonl.reject(self.source, line, (issue,)))
            return
        self.issues += self._unknown(line)
        key = json.dumps([tag.conversation_id, tag.tag, tag.stance, tag.value, tag.turns, tag.quote], sort_keys=True)
        first = self.seen.setdefault(key, line.line)
        if first == line.line:
            self.tags.append(tag)
        else:
            text = f"the same tag as on line {first}; it counts once"
            self.issues.append(warning(self.source.name, text, line=line.line, column="tag", value=tag.tag))

    def _unknown(self, line: jsonl.Line) -> Iterator[Issue]:
        for name in line.data:
            if name not in _FIELDS and name not in _CARRIED and name not in self.noted:
                self.noted.add(name)
                text = f"unknown field, kept out (here and on later lines); known are {', '.join(_FIELDS)}"
                yield warning(self.source.name, text, line=line.line, column=name)


def _tag(data: Mapping[str, Any], conversations: Mapping[str, Conversation], *, rule: str) -> Tag:
    for name in ("conversation_id", "tag", "turns", "quote"):
        if data.get(name) in (None, "", []):
            raise _Bad(name, "required value is missing", data.get(name))
    conversation = conversations.get(data["conversation_id"]) if isinstance(data["conversation_id"], str) else None
    if conversation is None:
        raise _Bad("conversation_id", "there is no such conversation", data["conversation_id"])
    kind = TAG_TYPES.get(data["tag"]) if isinstance(data["tag"], str) else None
    if kind is None:
        raise _Bad("tag", f"is none of {', '.join(TAG_TYPES)}", data["tag"])
    stance = data.get("stance", Stance.AFFIRMED)
    if stance not in tuple(Stance):
        raise _Bad("stance", "is neither affirmed nor negated", stance)
    value = data.get("value") or {}
    if not isinstance(value, Mapping):
        raise _Bad("value", "is not an object", value)
    try:
        value = kind.normalise(value)
    except FormatError as problem:
        raise _Bad("value", str(problem), data.get("value")) from None
    confidence = _confidence(data.get("confidence"))
    turns = _turns(conversation, data["turns"])
    proof = Proof(
        source="given", rule=rule, lexicon_version=lexicon.version(), base_score=confidence,
        evidence=_evidence(conversation, turns, data["quote"]),
    )  # fmt: skip
    said = _said_in(kind, turns)
    return Tag(
        conversation_id=conversation.conversation_id, client_id=conversation.client_id,
        advisor_id=conversation.advisor_id, tag=kind.key, stance=Stance(stance), value=value,
        turns=tuple(t.turn for t in turns), quote=data["quote"], confidence=confidence,
        said_at=conversation.moment(said.start), proof=proof,
    )  # fmt: skip


def _confidence(value: object) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _Bad("confidence", "is not a number from 0 to 1", value)
    return float(value)


def _turns(conversation: Conversation, numbers: object) -> list[Turn]:
    """The turns named, in order."""
    if not isinstance(numbers, list):
        raise _Bad("turns", "is not a list of turn numbers", numbers)
    known = {t.turn: t for t in conversation.turns}
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int):
            raise _Bad("turns", "is not a list of turn numbers", numbers)
        if number not in known:
            last = max(known, default=None)
            has = "has no turns" if last is None else f"has turns 0 to {last}"
            raise _Bad("turns", f"turn {number} is out of range: conversation {conversation.conversation_id} {has}",
                       numbers)  # fmt: skip
        if known[number].recalled:
            raise _Bad("turns", f"turn {number} was recalled, and is no evidence", numbers)
    return [known[n] for n in sorted(set(numbers))]


def _evidence(conversation: Conversation, turns: Iterable[Turn], quote: object) -> tuple[Evidence, ...]:
    """The quote where it stands, and every other turn as a whole; the quote comes first."""
    if not isinstance(quote, str):
        raise _Bad("quote", "is not text", quote)
    quoted: list[Evidence] = []
    others: list[Evidence] = []
    for turn in turns:
        at = turn.text.find(quote)
        start, end = (0, len(turn.text)) if at < 0 else (at, at + len(quote))
        heard = conversation.recording is not None
        found = Evidence(
            turn=turn.turn, start=start, end=end, quote=turn.text[start:end],
            audio_start=turn.start if heard else None, audio_end=turn.end if heard else None,
        )  # fmt: skip
        (others if at < 0 else quoted).append(found)
    if not quoted:
        raise _Bad("quote", "is in none of its turns", quote)
    return (*quoted, *others)


def _said_in(kind: TagType, turns: list[Turn]) -> Turn:
    """The first turn by the one whose word counts, else the first (spec/audit.md, `opened_at`)."""
    return next((t for t in turns if t.speaker.value == kind.speaker), turns[0])

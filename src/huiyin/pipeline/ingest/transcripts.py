"""transcripts.jsonl: conversations that are text already (spec/tags.md, "A conversation")."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from huiyin.domain.conversation import Channel, Conversation, Recording, TranscriptState, Turn
from huiyin.pipeline.ingest import fields, jsonl
from huiyin.pipeline.ingest.issue import Issue, Reject, error, warning
from huiyin.pipeline.ingest.text import Source

_REQUIRED = ("conversation_id", "channel", "client_id", "advisor_id", "started_at", "turns")
_OPTIONAL = ("medium", "direction", "answered", "duration_s", "recording", "recognizer", "group_id")
_DERIVED = ("transcript_state", "transcript_note")  # in our own conversations.jsonl; set anew when read
_TURN_FIELDS = tuple(Turn.model_fields)
_LONGEST_S = 3.2e9  # a hundred years: beyond it the moment of a turn could not be told


@dataclass(kw_only=True)
class LoadedTranscripts:
    """`lines[i]` is where `conversations[i]` stood; `said[i]` names the optional fields that its line gave."""

    conversations: list[Conversation] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    said: list[frozenset[str]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0


class _Bad(Exception):
    """What is wrong with a conversation, and in which field."""

    def __init__(self, column: str, message: str, value: object = None) -> None:
        super().__init__(message)
        self.column = column
        self.value = None if value is None else str(value)


def read_transcripts(source: Source) -> LoadedTranscripts:
    """The conversations of the file. A line with any defect is rejected with its reason; the others go in."""
    out = LoadedTranscripts()
    seen: dict[str, int] = {}
    noted: set[str] = set()
    for line in jsonl.read_lines(source):
        out.rows += 1
        issue, conversation = line.issue, None
        if issue is None:
            try:
                conversation = _conversation(line.data)
                first = seen.setdefault(conversation.conversation_id, line.line)
                if first != line.line:
                    raise _Bad("conversation_id", f"given twice: line {first} holds it already; the first stands",
                               conversation.conversation_id)  # fmt: skip
            except _Bad as bad:
                message = f"{bad}; the line is left out"
                issue = error(source.name, message, line=line.line, column=bad.column, value=bad.value)
        if issue is not None or conversation is None:
            out.issues += [issue] if issue else []
            out.rejects.append(jsonl.reject(source, line, (issue,) if issue else ()))
            continue
        out.issues += _unknown_keys(source, line, noted)
        out.conversations.append(conversation)
        out.lines.append(line.line)
        out.raws.append(line.raw)
        out.said.append(frozenset(k for k in _OPTIONAL if line.data.get(k) is not None))
    return out


def _unknown_keys(source: Source, line: jsonl.Line, noted: set[str]) -> Iterator[Issue]:
    """One warning a key a file, at the first line that holds it."""
    known = {*_REQUIRED, *_OPTIONAL, *_DERIVED}
    found = [(k, "") for k in line.data if k not in known]
    found += [(k, "turns.") for turn in line.data["turns"] for k in turn if k not in _TURN_FIELDS]
    for key, prefix in found:
        if prefix + key in noted:
            continue
        noted.add(prefix + key)
        message = "unknown field, kept out (here and on later lines)"
        if key == "tags" and not prefix:
            message = "labels are not read from here; give them as a file of tags, one a line"
        yield warning(source.name, message, line=line.line, column=prefix + key)


def _conversation(data: Mapping[str, Any]) -> Conversation:
    for name in _REQUIRED:
        if data.get(name) is None or (isinstance(data[name], str) and not data[name].strip()):
            raise _Bad(name, "required value is missing")
    for name in ("conversation_id", "channel", "client_id", "advisor_id", "started_at"):
        if not isinstance(data[name], str):
            raise _Bad(name, "is not text", data[name])
    if data["channel"] not in tuple(Channel):
        raise _Bad("channel", "is neither phone nor wecom", data["channel"])
    try:
        started_at = fields.moment(data["started_at"].strip())
    except ValueError as problem:
        raise _Bad("started_at", str(problem), data["started_at"]) from None
    if data.get("duration_s") is not None:
        _seconds(data["duration_s"], "duration_s")
    medium = "call" if data["channel"] == Channel.PHONE else "chat"
    values = {k: data[k] for k in _OPTIONAL if data.get(k) is not None}
    values |= {k: data[k].strip() for k in ("conversation_id", "client_id", "advisor_id")}
    values |= {"medium": data.get("medium") or medium, "channel": data["channel"], "started_at": started_at}
    values["transcript_state"] = TranscriptState.GIVEN
    values["turns"] = _turns(data["turns"])
    try:
        found = Conversation.model_validate(values)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise _Bad(".".join(str(p) for p in first["loc"]), first["msg"], first.get("input")) from None
    if found.recording is not None and not _stays_inside(found.recording):
        raise _Bad("recording.path", "lies outside the data folder", found.recording.path)
    return found


def _stays_inside(recording: Recording) -> bool:
    path = os.path.normpath(recording.path)
    return not (os.path.isabs(path) or path.startswith(".."))  # noqa: PTH117 - lexical, nothing is opened


def _turns(turns: object) -> tuple[Turn, ...]:
    if not isinstance(turns, list):
        raise _Bad("turns", "is not a list of turns", turns)
    out: list[Turn] = []
    for index, data in enumerate(turns):
        where = f"turns[{index}]"
        if not isinstance(data, dict):
            raise _Bad(where, "is not an object", data)
        number = data.get("turn", index)
        if isinstance(number, bool) or number != index:
            raise _Bad(f"{where}.turn", f"turns are numbered 0, 1, 2 …; this one must be {index}", number)
        if data.get("speaker") not in ("advisor", "client", "other"):
            raise _Bad(f"{where}.speaker", "is neither advisor nor client", data.get("speaker"))
        if not isinstance(data.get("text"), str):
            raise _Bad(f"{where}.text", "is missing or not text", data.get("text"))
        start = _seconds(data.get("start"), f"{where}.start")
        if out and start < out[-1].start:
            raise _Bad(f"{where}.start", f"starts before turn {index - 1}, which starts at {out[-1].start:g}", start)
        if data.get("end") is not None and _seconds(data["end"], f"{where}.end") < start:
            raise _Bad(f"{where}.end", f"ends before it starts ({start:g})", data["end"])
        known = {k: v for k, v in data.items() if k in _TURN_FIELDS and v is not None}
        try:
            out.append(Turn.model_validate({**known, "turn": index, "kind": data.get("kind") or "text"}))
        except ValidationError as problem:
            first = problem.errors()[0]
            raise _Bad(".".join([where, *map(str, first["loc"])]), first["msg"], first.get("input")) from None
    return tuple(out)


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Bad(where, "is missing or not a number of seconds", value)
    if not 0 <= value <= _LONGEST_S:  # false for NaN too
        raise _Bad(where, "is not a number of seconds from the start", value)
    return float(value)

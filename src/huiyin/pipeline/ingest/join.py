"""What ties the files of a folder together: a transcript to its call, an id to the record that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from huiyin.domain.conversation import Conversation, TranscriptState
from huiyin.pipeline.ingest import jsonl
from huiyin.pipeline.ingest.issue import Issue, Reject, error, warning
from huiyin.pipeline.ingest.text import Source
from huiyin.pipeline.ingest.transcripts import LoadedTranscripts

_SAME_START_S = 60.0


def add_transcripts(
    base: Mapping[str, Conversation], source: Source, loaded: LoadedTranscripts
) -> dict[str, Conversation]:
    """`base` with the conversations of transcripts.jsonl in it.

    One with the id of a call is that call's transcript: it gives the words, the call detail record who, when, and
    whether it was answered (spec/formats.md). Its issues and rejects are added to `loaded`.
    """
    out = dict(base)
    for conversation, line, raw, said in zip(loaded.conversations, loaded.lines, loaded.raws, loaded.said, strict=True):
        key = conversation.conversation_id
        call = base.get(key)
        if call is None:
            out[key] = conversation
        elif call.medium == "call" and conversation.medium == "call":
            loaded.issues += _differences(source, line, call, conversation)
            out[key] = _with_words(call, conversation, said)
        else:
            message = "a chat of the WeCom archive has this id already, and stands; the line is left out"
            issue = error(source.name, message, line=line, column="conversation_id", value=key)
            loaded.issues.append(issue)
            loaded.rejects.append(jsonl.reject(source, jsonl.Line(line, raw, {}), (issue,)))
    return out


def _with_words(call: Conversation, transcript: Conversation, said: frozenset[str]) -> Conversation:
    update: dict[str, object] = {
        "turns": transcript.turns,
        "transcript_state": TranscriptState.GIVEN,
        "transcript_note": None,
        "recognizer": transcript.recognizer,
    }
    for name in ("direction", "duration_s", "recording"):
        if getattr(call, name) is None and name in said:
            update[name] = getattr(transcript, name)
    return call.model_copy(update=update)


def _differences(source: Source, line: int, call: Conversation, transcript: Conversation) -> Iterator[Issue]:
    for name in ("client_id", "advisor_id", "channel"):
        theirs, ours = str(getattr(transcript, name)), str(getattr(call, name))
        if theirs != ours:
            message = f"call {call.conversation_id} says {ours}; the call detail record stands"
            yield warning(source.name, message, line=line, column=name, value=theirs)
    if abs((transcript.started_at - call.started_at).total_seconds()) > _SAME_START_S:
        message = f"call {call.conversation_id} began {call.started_at.isoformat()}; the call detail record stands"
        yield warning(source.name, message, line=line, column="started_at", value=transcript.started_at.isoformat())
    if not call.answered and transcript.turns:
        message = f"call {call.conversation_id} was not answered, and yet has words; the call detail record stands"
        yield warning(source.name, message, line=line, column="turns")


class Reference:
    """An id in a file that should name a record of another one."""

    __slots__ = ("column", "file", "line", "value")

    def __init__(self, file: str, line: int, column: str, value: str | None) -> None:
        self.file, self.line, self.column, self.value = file, line, column, value


def unknown_references(references: Iterable[Reference], *, known: Mapping[str, frozenset[str]]) -> list[Issue]:
    """One warning for each id that names nothing, at its first line, with the number of lines.

    `known` maps a column to the ids that there are; a column that is not in it is not checked (there is no file to
    check it against).
    """
    first: dict[tuple[str, str, str], int] = {}
    count: dict[tuple[str, str, str], int] = {}
    for r in references:
        if not r.value or r.column not in known or r.value in known[r.column]:
            continue
        key = (r.file, r.column, r.value)
        first.setdefault(key, r.line)
        count[key] = count.get(key, 0) + 1
    what = {"client_id": "clients.csv", "advisor_id": "advisors.csv"}
    out: list[Issue] = []
    for (file, column, value), line in first.items():
        more = f" (on {count[file, column, value]} lines)" if count[file, column, value] > 1 else ""
        message = f"no good line of {what[column]} holds it; the line goes in all the same{more}"
        out.append(warning(file, message, line=line, column=column, value=value))
    return out


def in_order(conversations: Iterable[Conversation]) -> tuple[Conversation, ...]:
    """By start, then id: the order of lines in a file does not matter."""
    return tuple(sorted(conversations, key=lambda c: (c.started_at, c.conversation_id)))


def order_issues(issues: Iterable[Issue], files: Sequence[str]) -> tuple[Issue, ...]:
    """By file as they were read, then line."""
    rank = {name: i for i, name in enumerate(files)}
    return tuple(sorted(issues, key=lambda i: (rank.get(i.file, -1), i.line or 0)))


def order_rejects(rejects: Iterable[Reject], files: Sequence[str]) -> tuple[Reject, ...]:
    rank = {name: i for i, name in enumerate(files)}
    return tuple(sorted(rejects, key=lambda r: (rank.get(r.file, -1), r.line)))
